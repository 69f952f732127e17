// The built window with a project open on its Boxes screen, for the measurements that need a real one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron } from 'playwright';
import { openDisplay } from '../../scripts/display.mjs';
import { electronPath } from '../../scripts/electron-path.mjs';

const root = resolve(import.meta.dirname, '../..');
const SIDES = { ssd512: 512, ssd500: 500, ssd300: 300, rfbnet300: 300, rfbnet512: 512 };

/**
 * Runs `work` on the Boxes screen of a project.
 * @param architecture one of the square ones
 * @param size of the window's content, as 1280x800
 * @param fill makes the project in the folder that it is given, with a function that runs the command line
 * @param work gets the page and what it runs on
 */
export async function onBoxes({ architecture, size, fill }, work) {
  const side = SIDES[architecture];
  if (!side) throw new Error(`--architecture takes one of ${Object.keys(SIDES).join(', ')}, not ${architecture}`);
  const [width, height] = size.split('x').map(Number);
  const home = mkdtempSync(join(tmpdir(), 'bench-boxes-'));
  const project = join(home, 'Documents', 'Bench');
  mkdirSync(join(home, 'Documents'));
  const display = await openDisplay();
  const environment = { ...process.env, ...display.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config') };
  const studio = (...words) =>
    execFileSync(process.execPath, [join(root, 'out/main/cli.mjs'), ...words], { env: environment });
  let electron;
  try {
    await fill(project, studio, home);
    electron = await _electron.launch({
      executablePath: electronPath(),
      args: ['--no-sandbox', `--user-data-dir=${join(home, 'user-data')}`, root],
      env: environment,
    });
    const page = await electron.firstWindow();
    await page.waitForLoadState();
    await electron.evaluate(
      ({ dialog, BrowserWindow }, [folder, w, h]) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] });
        BrowserWindow.getAllWindows()[0].setContentSize(w, h);
      },
      [project, width, height],
    );
    const network = { architecture, widthMultiplier: 1, input: { width: side, height: side } };
    await page.evaluate((choice) => localStorage.setItem('network', JSON.stringify(choice)), network);
    await page.reload();
    await page.getByRole('button', { name: /Open/ }).first().click();
    await page.getByRole('button', { name: 'Boxes', exact: true }).click();
    const gpu = await electron.evaluate(({ app }) => app.getGPUFeatureStatus());
    await work(page, {
      architecture,
      window: size,
      painting: gpu.gpu_compositing === 'enabled' ? 'gpu' : `software (${gpu.gpu_compositing})`,
      canvas2d: gpu['2d_canvas'],
      processors: cpus().length,
      load: Number(loadavg()[0].toFixed(1)),
    });
  } finally {
    await electron?.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Of milliseconds. */
export function summary(milliseconds) {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(2));
  return { count: sorted.length, median: at(0.5), p95: at(0.95), most: at(1) };
}
