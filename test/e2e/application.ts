/** The built app driven as a person would: a fresh home, native dialogs answered, faults of the page collected. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import type { ChannelName, ChannelRequest, ChannelResponse } from '@core/contract/studio';
import type { Result } from '@core/contract/channel';
import { openDisplay } from '../../scripts/display.mjs';
import { electronPath } from '../../scripts/electron-path.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const SCREENSHOTS = join(ROOT, 'test-results/screens');

let prepared: Promise<Record<string, string>> | null = null;

/** Built and with a display, once for a test file, also when vitest was started by hand. */
function prepare(): Promise<Record<string, string>> {
  prepared ??= (async () => {
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
    return (await openDisplay()).env;
  })();
  return prepared;
}

export interface Application {
  readonly electron: ElectronApplication;
  readonly page: Page;
  /** The user's home: give it to another launch to come back as the same person. */
  readonly home: string;
  /** Errors on the page's console and exceptions that nobody caught. */
  readonly faults: string[];
  readonly pid: number;
}

/** Opens the app for the person whose home this is. A new one without. */
export async function launch(home = mkdtempSync(join(tmpdir(), 'ssd-studio-home-'))): Promise<Application> {
  const display = await prepare();
  mkdirSync(join(home, 'Documents'), { recursive: true });
  const electron = await _electron.launch({
    executablePath: electronPath(),
    args: ['--no-sandbox', `--user-data-dir=${join(home, 'user-data')}`, ROOT],
    env: { ...definedEnvironment(), ...display, HOME: home, XDG_CONFIG_HOME: join(home, '.config') },
  });
  const page = await electron.firstWindow();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.setDefaultTimeout(60_000);
  await page.waitForLoadState();
  return { electron, page, home, faults, pid: electron.process().pid! };
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** As the system does when memory runs out. */
export async function killNine({ electron, pid }: Application): Promise<void> {
  const gone = new Promise((done) => electron.process().once('exit', done));
  process.kill(pid, 'SIGKILL');
  await gone;
}

/** Closes the window and waits until the whole app has ended. */
export async function quit({ electron, page }: Application): Promise<void> {
  const gone = new Promise((done) => electron.process().once('exit', done));
  await page.close();
  await gone;
}

/** The process ids of the app's service processes: one while it runs. */
export async function serviceProcessIds({ electron }: Application): Promise<number[]> {
  const processes = await electron.evaluate(({ app }) =>
    app.getAppMetrics().map(({ pid, name, serviceName }) => ({ pid, name: `${name} ${serviceName}` })),
  );
  return processes.filter((one) => one.name.includes('SSD Studio service')).map(({ pid }) => pid);
}

/** The process ids of the app's compute processes that do this kind of job on the processor: 'train', 'predict'. */
export function computeProcessIds({ pid: app }: Application, job: string): number[] {
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return ''; // It has ended meanwhile.
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(pid, 'status').includes(`\nPPid:\t${app}\n`))
    .filter((pid) => read(pid, 'cmdline').includes(`compute.mjs\0${job}\0`))
    .map(Number);
}

/** The next folder dialogs answer this folder; null cancels. */
export async function answerFolderDialog({ electron }: Application, folder: string | null): Promise<void> {
  await electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: path === null, filePaths: path === null ? [] : [path] });
  }, folder);
}

/** The next save dialogs answer this file; null cancels. */
export async function answerSaveDialog({ electron }: Application, file: string | null): Promise<void> {
  await electron.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: path === null, filePath: path ?? '' });
  }, file);
}

/** A request through the page's own door, as the renderer makes it. */
export function call<N extends ChannelName>(
  { page }: Application,
  name: N,
  request?: ChannelRequest<N>,
): Promise<Result<ChannelResponse<N>>> {
  return page.evaluate(
    ([channel, payload]) => {
      const { studio } = window as unknown as { studio: { call(name: string, request: unknown): Promise<unknown> } };
      return studio.call(channel as string, payload);
    },
    [name, request] as const,
  ) as Promise<Result<ChannelResponse<N>>>;
}

/** As `call`, for requests that must succeed. */
export async function ask<N extends ChannelName>(
  application: Application,
  name: N,
  request?: ChannelRequest<N>,
): Promise<ChannelResponse<N>> {
  const answer = await call(application, name, request);
  if (!answer.ok) throw new Error(`${name}: ${answer.error.message} ${answer.error.details ?? ''}`);
  return answer.value;
}

/** Saves what the window shows: test-results/screens/NAME.png. */
export async function screenshot({ page }: Application, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

interface AxeViolation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Serious and critical accessibility faults of what is shown, one line each. */
export async function accessibilityFaults({ page }: Application): Promise<string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(`if (!globalThis.axe) { ${source} }`);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } };
    return (await axe.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary}`));
}
