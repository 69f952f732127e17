// usage: node test/bench/boxes-canvas.mjs [--architecture ssd512] [--frames N] [--size 1280x800]
// Opens the built window on a drawn sample, draws every default box of all maps and pans and zooms, a step in every frame. Prints one
// JSON document per movement: the time from frame to frame, the time that the page itself worked in a frame, and how many frames were
// late. Without a GPU (Xvfb) Chromium paints by software, which the document says. Build first: npm run build.
import { parseArgs } from 'node:util';
import { onBoxes, summary } from './boxes-window.mjs';

const { values } = parseArgs({
  options: {
    architecture: { type: 'string', default: 'ssd512' },
    frames: { type: 'string', default: '180' },
    size: { type: 'string', default: '1280x800' },
  },
});
const { architecture, size } = values;
const fill = (project, studio) => studio('project', 'sample', project);

await onBoxes({ architecture, size, fill }, async (page, about) => {
  await page.getByRole('radio', { name: 'All maps' }).click();
  await page.getByRole('application').waitFor();
  await page.waitForTimeout(2000);
  const boxes = await page.getByText(/boxes on \d+ maps?/).innerText();
  for (const movement of ['pan', 'zoom']) {
    const { between, worked } = await page.evaluate(move, { movement, frames: Number(values.frames) });
    console.log(
      JSON.stringify({
        movement,
        boxes,
        ...about,
        betweenFrames: summary(between),
        pageWork: summary(worked),
        longerThanAFrame: worked.filter((each) => each > 16.7).length,
        // From 1.5 refreshes on one was missed; below that it is the clock's own unrest.
        missedRefreshes: between.filter((each) => each > 25).length,
      }),
    );
  }
});
process.exit(0);

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
