// usage: node test/bench/boxes-canvas.mjs [--architecture ssd512] [--frames N] [--size 1280x800]
// Opens the built window on a drawn sample, draws every default box of all maps and pans and zooms, a step in every frame. Prints one
// JSON document per movement: the time from frame to frame, the time that the page itself worked in a frame, and how many frames were
// late. Without a GPU (Xvfb) Chromium paints by software, which the document says. Build first: npm run build.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { _electron } from 'playwright';
import { openDisplay } from '../../scripts/display.mjs';
import { electronPath } from '../../scripts/electron-path.mjs';

const { values } = parseArgs({
  options: {
    architecture: { type: 'string', default: 'ssd512' },
    frames: { type: 'string', default: '180' },
    size: { type: 'string', default: '1280x800' },
  },
});
const [width, height] = values.size.split('x').map(Number);
const root = resolve(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'bench-boxes-'));
const sample = join(home, 'Documents', 'Sample');
mkdirSync(join(home, 'Documents'));
const display = await openDisplay();
const environment = { ...process.env, ...display.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config') };
execFileSync(process.execPath, [join(root, 'out/main/cli.mjs'), 'project', 'sample', sample], { env: environment });

const electron = await _electron.launch({
  executablePath: electronPath(),
  args: ['--no-sandbox', `--user-data-dir=${join(home, 'user-data')}`, root],
  env: environment,
});
try {
  const page = await electron.firstWindow();
  await page.waitForLoadState();
  await electron.evaluate(
    ({ dialog, BrowserWindow }, [folder, w, h]) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] });
      BrowserWindow.getAllWindows()[0].setContentSize(w, h);
    },
    [sample, width, height],
  );
  const shape = { ssd512: 512, ssd500: 500, ssd300: 300, rfbnet300: 300, rfbnet512: 512 };
  const side = shape[values.architecture] ?? 512;
  const network = { architecture: values.architecture, widthMultiplier: 1, input: { width: side, height: side } };
  await page.evaluate((choice) => localStorage.setItem('network', JSON.stringify(choice)), network);
  await page.reload();
  await page.getByRole('button', { name: /Open/ }).first().click();
  await page.getByRole('button', { name: 'Boxes', exact: true }).click();
  await page.getByRole('radio', { name: 'All maps' }).click();
  await page.getByRole('application').waitFor();
  await page.waitForTimeout(2000);
  const boxes = await page.getByText(/boxes on \d+ maps?/).innerText();
  const gpu = await electron.evaluate(({ app }) => app.getGPUFeatureStatus());
  for (const movement of ['pan', 'zoom']) {
    const { between, worked } = await page.evaluate(move, { movement, frames: Number(values.frames) });
    console.log(
      JSON.stringify({
        movement,
        architecture: values.architecture,
        boxes,
        canvas: values.size,
        painting: gpu.gpu_compositing === 'enabled' ? 'gpu' : `software (${gpu.gpu_compositing})`,
        canvas2d: gpu['2d_canvas'],
        processors: cpus().length,
        load: Number(loadavg()[0].toFixed(1)),
        frames: between.length,
        betweenFrames: summary(between),
        pageWork: summary(worked),
        // From 1.5 refreshes on one was missed; below that it is the clock's own unrest.
        missedRefreshes: between.filter((each) => each > 25).length,
      }),
    );
  }
} finally {
  await electron.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(0);

function summary(milliseconds) {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(2));
  const over = milliseconds.filter((each) => each > 16.7).length;
  return { median: at(0.5), p95: at(0.95), most: at(1), 'over16.7': over };
}

/** In the page: turns the wheel once per frame; work is the turn and every callback that the page runs in the frame. */
function move({ movement, frames }) {
  const canvas = document.querySelector('canvas[role=application]');
  const area = canvas.getBoundingClientRect();
  const ask = window.requestAnimationFrame.bind(window);
  let work = 0;
  const timed = (run) => {
    const began = performance.now();
    run();
    work += performance.now() - began;
  };
  window.requestAnimationFrame = (callback) => ask((now) => timed(() => callback(now)));
  const turn = (n) =>
    canvas.dispatchEvent(
      new WheelEvent('wheel', {
        bubbles: true,
        cancelable: true,
        clientX: area.left + area.width * 0.4,
        clientY: area.top + area.height * 0.5,
        deltaY: (movement === 'pan' ? 8 : 14) * (n % 60 < 30 ? -1 : 1),
        shiftKey: movement === 'pan',
      }),
    );
  return new Promise((done) => {
    const between = [];
    const worked = [];
    let last = null;
    const frame = (now) => {
      if (last !== null) {
        between.push(now - last);
        worked.push(work);
      }
      last = now;
      work = 0;
      if (between.length >= frames) {
        window.requestAnimationFrame = ask;
        done({ between, worked });
        return;
      }
      ask(frame);
      timed(() => turn(between.length));
    };
    ask(frame);
  });
}
