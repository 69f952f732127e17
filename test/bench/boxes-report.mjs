// usage: node test/bench/boxes-report.mjs [--pictures 5000] [--objects 10] [--moves 40] [--architecture ssd300] [--size 1280x800] [--as-training]
// Opens the built window on a project of so many small pictures with so many objects each and moves a slider of the Boxes screen
// while the report is shown. Prints one JSON document: the time from the slider's event until the frame that shows the answer, for single
// events; and while an event comes in every frame, the time between two answers and between frames. Build first: npm run build.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { onBoxes, summary } from './boxes-window.mjs';

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '5000' },
    objects: { type: 'string', default: '10' },
    moves: { type: 'string', default: '40' },
    architecture: { type: 'string', default: 'ssd300' },
    size: { type: 'string', default: '1280x800' },
    'as-training': { type: 'boolean', default: false },
  },
});
const { architecture, size } = values;
const [pictures, objects, moves] = [values.pictures, values.objects, values.moves].map(Number);

/** Made in the background once the project is open, which would compete with what is measured. */
let thumbnails;
await onBoxes({ architecture, size, fill }, async (page, about) => {
  await page.getByRole('radio', { name: 'Report' }).click();
  await page.locator('.report').waitFor({ timeout: 60_000 });
  while (readdirSync(thumbnails).length < pictures) await page.waitForTimeout(500);
  if (values['as-training']) {
    await page.getByRole('checkbox', { name: 'As training sees them' }).check();
    await page.locator('.seen .data').waitFor({ timeout: 60_000 });
  }
  await page.waitForTimeout(2000);
  const sliders = {};
  for (const label of ['Smallest box, s_min', 'Matching IoU']) {
    const { single, answers, frames } = await page.evaluate(drag, { label, moves });
    sliders[label] = {
      fromEventToPicture: summary(single),
      over100: single.filter((each) => each > 100).length,
      whileMoving: { betweenAnswers: summary(answers), betweenFrames: summary(frames) },
    };
  }
  const asTraining = values['as-training'];
  console.log(JSON.stringify({ pictures, objects: pictures * objects, asTraining, ...about, sliders }, null, 2));
});
process.exit(0);

/** A VOC folder of pictures of 96 x 72 with objects of 4 to 80 % of their size, imported. */
async function fill(project, studio, home) {
  const folder = join(home, 'voc');
  for (const name of ['JPEGImages', 'Annotations']) mkdirSync(join(folder, name), { recursive: true });
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let i = 0; i < pictures; i++) {
    const background = { r: i % 256, g: (i >> 8) % 256, b: 90 };
    const name = String(i).padStart(6, '0');
    await sharp({ create: { width: 96, height: 72, channels: 3, background } })
      .jpeg()
      .toFile(join(folder, 'JPEGImages', `${name}.jpg`));
    const boxes = Array.from({ length: objects }, () => {
      const scale = 0.04 * 20 ** random();
      const ratio = 2 ** (random() - 0.5);
      const [width, height] = [Math.min(1, scale * ratio) * 96, Math.min(1, scale / ratio) * 72];
      const [x, y] = [random() * (96 - width), random() * (72 - height)];
      const corners = [x, y, x + width, y + height].map((value) => (1 + value).toFixed(2));
      const [x1, y1, x2, y2] = corners;
      const box = `<xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax>`;
      return `<object><name>class${i % 5}</name><bndbox>${box}</bndbox></object>`;
    });
    const size_ = '<size><width>96</width><height>72</height><depth>3</depth></size>';
    const xml = `<annotation><filename>${name}.jpg</filename>${size_}${boxes.join('')}</annotation>`;
    writeFileSync(join(folder, 'Annotations', `${name}.xml`), xml);
  }
  thumbnails = join(project, 'thumbnails');
  studio('project', 'create', project, '--name', 'Bench');
  studio('import', project, '--from', folder);
}

/** In the page: moves the slider of a label, first one event at a time, then in every frame. */
async function drag({ label, moves }) {
  const slider = [...document.querySelectorAll('input[type=range]')].find(
    ({ id }) => document.querySelector(`label[for="${id}"]`)?.textContent === label,
  );
  if (!slider) throw new Error(`no slider ${label}`);
  const start = slider.valueAsNumber;
  const step = Number(slider.step);
  const move = (n) => {
    slider.value = String(start + step * (n % 2 === 0 ? (n % 9) + 1 : -(n % 7)));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const watched = { childList: true, subtree: true, characterData: true, attributes: true };
  const report = document.querySelector('.report');
  const changed = () =>
    new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        resolve();
      });
      observer.observe(report, watched);
    });
  const single = [];
  for (let n = 0; n < moves; n++) {
    const began = performance.now();
    const answer = changed();
    move(n);
    await answer;
    await frame();
    single.push(performance.now() - began);
    await pause(150);
  }
  const times = [];
  const observer = new MutationObserver(() => times.push(performance.now()));
  observer.observe(report, watched);
  const frames = [];
  for (let n = 0, last = performance.now(); n < 3 * moves; n++) {
    move(n);
    await frame();
    frames.push(performance.now() - last);
    last = performance.now();
  }
  observer.disconnect();
  slider.dispatchEvent(new Event('change', { bubbles: true }));
  return { single, answers: times.slice(1).map((time, i) => time - times[i]), frames };
}
