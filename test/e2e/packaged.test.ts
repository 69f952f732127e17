/** The packaged app, native modules and all: what a person gets who has neither the sources nor npm. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineId } from '@core/experiment/run';
import { openDisplay } from '../../scripts/display.mjs';
import { answerFolderDialog, answerSaveDialog, ask, quit, type Application } from './application';

const ROOT = resolve(import.meta.dirname, '../..');
const EXECUTABLE = join(ROOT, 'release/linux-unpacked/ssd-studio');
const TENSORFLOW = join(ROOT, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node');

// `npm run package` refuses such a folder: electron-builder cannot follow the link.
const linked = lstatSync(join(ROOT, 'node_modules')).isSymbolicLink();
const impossible = linked || process.platform !== 'linux';

let home: string;
let display: Record<string, string>;

beforeAll(async () => {
  if (impossible) return;
  execFileSync(process.execPath, [join(ROOT, 'scripts/package.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  home = mkdtempSync(join(tmpdir(), 'ssd-studio-packaged-'));
  mkdirSync(join(home, 'Documents'));
  display = (await openDisplay()).env;
});
afterAll(() => {
  if (home) rmSync(home, { recursive: true, force: true });
});

async function launchPackaged(): Promise<Application> {
  const electron = await _electron.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', `--user-data-dir=${join(home, 'user-data')}`],
    cwd: home,
    env: { ...(process.env as Record<string, string>), ...display, HOME: home, XDG_CONFIG_HOME: join(home, '.config') },
  });
  const page = await electron.firstWindow();
  await page.waitForLoadState();
  return { electron, page, home, faults: [], pid: electron.process().pid! };
}

/** Trains `steps` steps and returns the run when it has ended, however it ended. */
async function train(studio: Application, engine: EngineId, steps: number) {
  const network = { architecture: 'slim320', widthMultiplier: 1, input: { width: 320, height: 240 } } as const;
  const suggested = await ask(studio, 'training.suggest', { network });
  const configuration = { ...suggested, engine, steps, batchSize: 2, evaluateEverySteps: 0 };
  const { id } = await ask(studio, 'training.start', { configuration });
  for (;;) {
    const run = await ask(studio, 'runs.get', { runId: id });
    if (run.state !== 'queued' && run.state !== 'running') return run;
    await studio.page.waitForTimeout(200);
  }
}

describe.skipIf(impossible)('the packaged app', () => {
  const project = () => join(home, 'Documents', 'Parts');

  it('starts as a packaged app and makes the sample project', async () => {
    const studio = await launchPackaged();
    try {
      expect(await studio.electron.evaluate(({ app }) => app.isPackaged)).toBe(true);
      await answerFolderDialog(studio, project());
      await ask(studio, 'dialogs.chooseFolder', { title: 'Parts' });
      await ask(studio, 'projects.createSample', { directory: project(), images: 12, operationId: randomUUID() });
      expect((await ask(studio, 'images.summary')).images).toBe(12);
    } finally {
      await quit(studio);
    }
  });

  it('opens the project again, trains on each engine, and exports what it has trained', async () => {
    const studio = await launchPackaged();
    try {
      const [recent] = await ask(studio, 'projects.recent');
      expect((await ask(studio, 'projects.open', { directory: recent.directory })).directory).toBe(project());
      const engines = await ask(studio, 'engines.list');
      const ready = engines.filter((engine) => engine.ready).map(({ id }) => id);
      expect(ready).toContain('wasm');
      if (existsSync(TENSORFLOW)) expect(ready).toContain('tensorflow');

      for (const id of ready) {
        const run = await train(studio, id, 3);
        expect(run, run.message ?? '').toMatchObject({ state: 'finished', step: 3, engine: id });
      }

      const path = join(home, 'Documents', 'parts.onnx');
      await answerSaveDialog(studio, path);
      await ask(studio, 'dialogs.saveFile', { title: 'Export', defaultName: 'parts.onnx' });
      const [last] = await ask(studio, 'runs.list');
      const report = await ask(studio, 'export.run', {
        runId: last.id,
        format: 'onnx',
        path,
        operationId: randomUUID(),
      });
      expect(report.verification.passed).toBe(true);
      expect(statSync(path).size).toBe(report.bytes);
    } finally {
      await quit(studio);
    }
  });
});
