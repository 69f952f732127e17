/** The whole way of a newcomer through the window: import, correct, look at the boxes, train, evaluate, detect, export. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectImage } from '@core/dataset/model';
import { drawVocFolder, type VocFolder } from '../support/voc-folder';
import {
  accessibilityFaults,
  answerFolderDialog,
  answerSaveDialog,
  ask,
  launch,
  quit,
  screenshot,
  type Application,
} from './application';

const SCREENS = ['Pictures', 'Label', 'Boxes', 'Train', 'Evaluate', 'Detect', 'Export'] as const;
/** What the navigation does not lead to by itself. */
const ADDRESSES = [
  'priors?view=report',
  'priors?view=missed',
  'priors?view=suggestion',
  'priors?view=compare',
  'help',
  'engines',
];
const STEPS = 24;
const SLOW = { timeout: 240_000 };

let studio: Application;
let folder: VocFolder;

beforeAll(async () => {
  [studio, folder] = await Promise.all([launch(), drawVocFolder(24)]);
});
afterAll(async () => {
  await quit(studio);
});
/** Each stage stands on the one before: after a failure the rest would only wait for what never comes. */
let broken: string | null = null;
beforeEach((context) => {
  if (broken) context.skip(`after "${broken}" had failed`);
  context.onTestFailed(() => {
    broken = context.task.name;
  });
});

const button = (name: string | RegExp): Locator => studio.page.getByRole('button', { name });
const exactButton = (name: string): Locator => studio.page.getByRole('button', { name, exact: true });

async function goTo(screen: (typeof SCREENS)[number]): Promise<void> {
  await studio.page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('button', { name: screen, exact: true })
    .click();
  const title = screen === 'Boxes' ? 'Default boxes' : screen;
  await studio.page.getByRole('heading', { name: title, exact: true, level: 1 }).waitFor();
}

/** Pixels of the picture -> pixels of the window, for a canvas that shows the whole picture. */
async function placeOn(canvas: Locator, { width, height }: { width: number; height: number }) {
  const area = (await canvas.boundingBox())!;
  const scale = Math.min((area.width - 48) / width, (area.height - 48) / height, 8);
  return (x: number, y: number) => ({
    x: area.x + (area.width - width * scale) / 2 + x * scale,
    y: area.y + (area.height - height * scale) / 2 + y * scale,
  });
}

async function drag(from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  const { mouse } = studio.page;
  await mouse.move(from.x, from.y);
  await mouse.down();
  await mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
  await mouse.move(to.x, to.y);
  await mouse.up();
}

describe('a newcomer', () => {
  it('makes a project', async () => {
    await button('New project').click();
    await studio.page.getByRole('textbox', { name: 'Name' }).fill('Shapes');
    await studio.page.getByRole('textbox', { name: 'Classes' }).fill('disc');
    await screenshot(studio, '00-new-project');
    await button('Create project').click();
    await studio.page.getByText('No pictures yet').waitFor();
    expect(await ask(studio, 'projects.current')).toMatchObject({ name: 'Shapes' });
  });

  it('imports a labelled folder and reads what was left out and why', async () => {
    await button('Import pictures').first().click();
    await answerFolderDialog(studio, folder.path);
    await button('Choose folder').click();
    await exactButton('Import').click();
    await studio.page.getByRole('heading', { name: 'Import report' }).waitFor(SLOW);
    const left = studio.page.getByRole('list', { name: 'Left out' });
    for (const fault of folder.faults) await left.getByText(fault).first().waitFor();
    await screenshot(studio, '01-import-report');
    await button('Close the report').click();
    const summary = await ask(studio, 'images.summary');
    expect(summary.objects).toBe(folder.objects);
    expect(summary.splits).toMatchObject({ train: 16, val: 8 });
  });

  it('finds the pictures with their boxes, and narrows them to a class', async () => {
    await button(/^Label shapes-000\.jpg/).waitFor();
    await studio.page.waitForTimeout(500);
    await screenshot(studio, '02-pictures');
  });
});

describe('labelling', () => {
  let image: ProjectImage;
  let place: Awaited<ReturnType<typeof placeOn>>;
  const objects = async () => (await ask(studio, 'images.get', { id: image.id })).objects;
  const count = async () => (await objects()).length;
  const newest = async () => (await objects()).find(({ id }) => !image.objects.some((known) => known.id === id))!;
  const near = (value: number, tolerance = 1.5) => ({
    asymmetricMatch: (x: number) => Math.abs(x - value) <= tolerance,
  });

  beforeAll(async () => {
    const { images } = await ask(studio, 'images.list', { filter: { text: 'shapes-001' }, offset: 0, limit: 1 });
    [image] = images;
    await goTo('Pictures');
    await button(/^Label shapes-001\.jpg/).click();
    const canvas = studio.page.getByRole('application', { name: /^shapes-001\.jpg/ });
    await canvas.waitFor();
    place = await placeOn(canvas, image);
  });

  it('draws a box, in the database when the mouse is released', async () => {
    await studio.page.keyboard.press('b');
    await drag(place(250, 150), place(290, 200));
    await expect.poll(count).toBe(image.objects.length + 1);
    expect((await newest()).box).toMatchObject({ x1: near(250), y1: near(150), x2: near(290), y2: near(200) });
  });

  it('moves it', async () => {
    await studio.page.keyboard.press('v');
    await drag(place(270, 175), place(260, 165));
    await expect.poll(async () => (await newest()).box.x1).toEqual(near(240));
    expect((await newest()).box).toMatchObject({ y1: near(140), x2: near(280), y2: near(190) });
  });

  it('resizes it at a corner', async () => {
    await drag(place(280, 190), place(300, 210));
    await expect.poll(async () => (await newest()).box.x2).toEqual(near(300));
    expect((await newest()).box).toMatchObject({ x1: near(240), y1: near(140), y2: near(210) });
    await screenshot(studio, '03-label');
  });

  it('undoes and redoes', async () => {
    await studio.page.keyboard.press('Control+z');
    await expect.poll(async () => (await newest()).box.x2).toEqual(near(280));
    await studio.page.keyboard.press('Control+z');
    await expect.poll(async () => (await newest()).box.x1).toEqual(near(250));
    await studio.page.keyboard.press('Control+z');
    await expect.poll(count).toBe(image.objects.length);
    for (let k = 0; k < 3; k++) await studio.page.keyboard.press('Control+Shift+z');
    await expect.poll(async () => (await newest())?.box.x2).toEqual(near(300));
  });

  it('changes its class with a digit', async () => {
    const { classes } = (await ask(studio, 'projects.current'))!;
    await studio.page.keyboard.press('v');
    const { x, y } = place(270, 175);
    await studio.page.mouse.click(x, y);
    for (const { id, order } of [classes[1], classes[0]]) {
      await studio.page.keyboard.press(String(order + 1));
      await expect.poll(async () => (await newest()).classId).toBe(id);
    }
  });

  it('deletes it', async () => {
    await studio.page.keyboard.press('Delete');
    await expect.poll(count).toBe(image.objects.length);
    expect(await objects()).toEqual(image.objects);
  });

  it('goes to the next picture and back', async () => {
    await studio.page.keyboard.press('d');
    await studio.page.getByRole('application', { name: /^shapes-002\.jpg/ }).waitFor();
    await studio.page.keyboard.press('a');
    await studio.page.getByRole('application', { name: /^shapes-001\.jpg/ }).waitFor();
  });
});

describe('the default boxes', () => {
  const fit = () => studio.page.getByText(/objects have a default box with IoU/).innerText();

  it('show those of a cell that the pointer is on', async () => {
    await goTo('Boxes');
    await studio.page.getByText(/objects have a default box with IoU/).waitFor(SLOW);
    const canvas = studio.page.getByRole('application', { name: /grid of map 1/ });
    const area = (await canvas.boundingBox())!;
    await studio.page.mouse.move(area.x + area.width / 2, area.y + area.height / 2);
    await studio.page
      .getByRole('status')
      .filter({ hasText: /boxes|cell/i })
      .first()
      .waitFor();
    await studio.page.waitForTimeout(300);
    await screenshot(studio, '04-boxes');
  });

  it('change the number of objects that they reach while a slider moves', async () => {
    const before = await fit();
    const slider = studio.page.getByRole('slider', { name: 'Smallest box, s_min' });
    await slider.focus();
    for (let k = 0; k < 40; k++) await slider.press('ArrowRight');
    await expect.poll(fit, { timeout: 30_000 }).not.toBe(before);
  });

  it('are suggested for the objects, edited, used as one change, and taken back', async () => {
    const network = { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } } as const;
    const saved = async () => (await ask(studio, 'priors.load', { network }))?.sources;
    await button('Suggest better boxes').click();
    await exactButton('Suggest').click();
    const size = studio.page.getByRole('textbox', { name: 'Min size, px of map 4' });
    await size.waitFor(SLOW);
    await size.fill('160, 200, 240');
    await screenshot(studio, '05-boxes-suggested');
    await expect.poll(async () => (await saved())?.[3].minSizes).not.toEqual([160, 200, 240]);
    await exactButton('Use these boxes').click();
    await expect.poll(async () => (await saved())?.[3].minSizes).toEqual([160, 200, 240]);
    await exactButton('Undo').click();
    await expect.poll(async () => (await saved())?.[3].minSizes).not.toEqual([160, 200, 240]);
    await exactButton('Redo').click();
    expect(await accessibilityFaults(studio)).toEqual([]);
  });

  it('are kept under a name, and compared with the preset', async () => {
    const { page } = studio;
    await page.getByRole('radio', { name: 'Compare', exact: true }).click();
    const name = page.getByRole('textbox', { name: 'Name for the present boxes' });
    await name.fill('for shapes');
    await name.press('Enter');
    await page.getByRole('checkbox', { name: 'for shapes' }).waitFor();
    expect(await ask(studio, 'priors.named')).toMatchObject([{ name: 'for shapes' }]);
    await page.getByRole('table', { name: 'Settings of the compared default boxes' }).waitFor(SLOW);
    await screenshot(studio, '05-boxes-compared');
    expect(await accessibilityFaults(studio)).toEqual([]);
    await page.getByRole('radio', { name: 'Picture', exact: true }).click();
  });

  it('are all drawn and picked; a handle changes the sizes of a map by keys, and undo takes it back', async () => {
    const { page } = studio;
    await page.getByRole('radio', { name: 'Picture', exact: true }).click();
    await page.getByRole('radio', { name: 'All maps' }).click();
    const canvas = page.getByRole('application', { name: /grid of map/ });
    const area = (await canvas.boundingBox())!;
    const said = page.getByRole('status').filter({ hasText: /of map \d+, cell/ });
    await page.mouse.click(area.x + area.width / 2, area.y + area.height / 2);
    const first = await said.innerText();
    await page.mouse.click(area.x + area.width / 2, area.y + area.height / 2);
    await expect.poll(() => said.innerText()).not.toBe(first);
    await button('Receptive field').click();
    await screenshot(studio, '05-boxes-all');
    await page.getByRole('radio', { name: 'Cell only' }).click();
    const before = await said.innerText();
    await page.getByRole('button', { name: /bottom right corner/ }).press('Shift+ArrowRight');
    await expect.poll(() => said.innerText()).not.toBe(before);
    await button('Undo').click();
    await expect.poll(() => said.innerText()).toBe(before);
    await button('Receptive field').click();
    await page.keyboard.press('Escape');
  });
});

describe('training', () => {
  const type = async (label: string, value: number): Promise<void> => {
    const field = studio.page.getByRole('spinbutton', { name: label, exact: true });
    await field.fill(String(value));
    await field.press('Enter');
  };
  const run = async () => (await ask(studio, 'runs.list'))[0];

  it('starts with one button; what is behind More settings is kept', async () => {
    await goTo('Train');
    await button(/^Detector: /).click();
    await studio.page.getByRole('option', { name: /^slim-320 / }).click();
    await button('More settings').click();
    await screenshot(studio, '06-train-settings');
    await type('Steps', STEPS);
    await type('Batch', 4);
    // The finder says whether there is a descent, and takes nothing over by itself.
    const rate = studio.page.getByRole('spinbutton', { name: 'Learning rate', exact: true });
    const before = await rate.inputValue();
    await exactButton('Find a learning rate').click();
    await exactButton('Find again').waitFor({ timeout: SLOW.timeout });
    const curve = studio.page.getByRole('application', { name: /^Loss at each learning rate/ });
    await curve.focus();
    await curve.press('ArrowLeft');
    await curve.press('Shift+ArrowLeft');
    await curve.press('Enter');
    await screenshot(studio, '06-train-rates');
    expect(await rate.inputValue()).toBe(before);
    await button(/^Use [\d.e-]+$/).click();
    expect(await rate.inputValue()).not.toBe(before);
    await exactButton('Close the learning-rate finder').click();
    // What the curve of so few pictures says varies: the training below takes the suggested rate.
    await type('Learning rate', Number(before));
    await type('Validate every', 12);
    await type('Checkpoint every', 4);
    await studio.page.locator('main, body').getByRole('button', { name: 'Train', exact: true }).last().click();
    await expect.poll(async () => (await run())?.state, SLOW).toBe('running');
    expect((await run()).configuration).toMatchObject({
      steps: STEPS,
      batchSize: 4,
      evaluateEverySteps: 12,
      checkpointEverySteps: 4,
    });
  });

  it('shows its curves, pauses at a checkpoint, and continues', async () => {
    await expect.poll(async () => (await run()).step, SLOW).toBeGreaterThan(1);
    await screenshot(studio, '07-training');
    await exactButton('Pause').click();
    await expect.poll(async () => (await run()).state, SLOW).toBe('paused');
    const { step, checkpointStep } = await run();
    expect(checkpointStep).toBe(step);
    await exactButton('Continue').click();
    await expect.poll(async () => (await run()).state, SLOW).toBe('running');
  });

  it('shows on pictures of val what each validation found, in steps that a slider goes through', async () => {
    await expect.poll(async () => (await run()).state, { ...SLOW, interval: 500 }).toBe('finished');
    const { pictures, records } = await ask(studio, 'runs.previews', { runId: (await run()).id });
    expect(pictures).toHaveLength(8);
    expect(records.map(({ step }) => step)).toEqual([12, STEPS]);
    const tiles = studio.page.getByRole('list', { name: 'Pictures of val' }).getByRole('button');
    await expect.poll(() => tiles.count()).toBe(8);
    const slider = studio.page.getByRole('slider', { name: 'Validation' });
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe(`step ${STEPS}`);
    await slider.focus();
    await slider.press('ArrowLeft');
    expect(await slider.getAttribute('aria-valuetext')).toBe('step 12');
    await studio.page.getByRole('slider', { name: 'Confidence' }).press('Home');
    await tiles.first().press('Enter');
    await studio.page.getByRole('img', { name: /^Picture \d+: \d+ of \d+ found/ }).waitFor();
    await screenshot(studio, '08-previews');
    await button('Close the picture').press('Enter');
    for (const [tab, seen] of [
      ['Classes', 'The mean was best at step'],
      ['Settings', 'Settings of this run'],
      ['Feature maps', 'Positives per picture'],
    ]) {
      await studio.page.getByRole('radio', { name: tab }).click();
      await studio.page.getByText(seen).first().waitFor();
    }
    expect(await accessibilityFaults(studio)).toEqual([]);
  });

  it('finishes with an average precision of its validations', async () => {
    await expect.poll(async () => (await run()).state, { ...SLOW, interval: 500 }).toBe('finished');
    const finished = await run();
    expect(finished.step).toBe(STEPS);
    const { metrics, validations } = await ask(studio, 'runs.metrics', { runId: finished.id });
    expect(metrics.length).toBeGreaterThan(0);
    expect(validations.map(({ step }) => step)).toContain(12);
    for (const { confidenceLoss, localisationLoss } of metrics) {
      expect(confidenceLoss).toBeGreaterThan(0);
      expect(localisationLoss).toBeGreaterThan(0);
    }
    await studio.page.waitForTimeout(500);
    await screenshot(studio, '08-trained');
  });
});

describe('two runs', () => {
  it('are compared, marked by keyboard, and what was configured differently is said', async () => {
    const [first] = await ask(studio, 'runs.list');
    const { configuration } = first;
    const changed = { ...configuration, steps: 4, alpha: 2, evaluateEverySteps: 0 };
    const second = await ask(studio, 'training.start', { configuration: changed });
    await expect
      .poll(async () => (await ask(studio, 'runs.get', { runId: second.id })).state, { ...SLOW, interval: 500 })
      .toBe('finished');
    for (const { name } of [first, second]) {
      await studio.page.getByRole('checkbox', { name: `Compare ${name}` }).press('Space');
    }
    const differences = studio.page.getByRole('table', { name: 'Differences' });
    await differences.waitFor();
    const rows = await differences.getByRole('row').allInnerTexts();
    expect(rows.slice(1).map((row) => row.split('\t')[0].trim())).toEqual([
      'Training Steps',
      'Training Alpha',
      'Training Evaluate every steps',
    ]);
    const values = studio.page.getByRole('table', { name: 'Values of the runs' });
    const atTheEnd = await values.innerText();
    const plot = studio.page.getByRole('application', { name: /^Confidence loss, smoothed/ });
    await plot.press('ArrowRight');
    await studio.page.getByRole('heading', { name: /^At step/ }).waitFor();
    expect(await values.innerText()).not.toBe(atTheEnd);
    await studio.page.getByRole('radio', { name: 'By time' }).click();
    await screenshot(studio, '08-compared');
    expect(await accessibilityFaults(studio)).toEqual([]);
    await button('Close the comparison').click();
    await ask(studio, 'runs.remove', { runId: second.id });
    await studio.page.reload();
    await studio.page.getByRole('heading', { name: 'Train', exact: true, level: 1 }).waitFor();
  });
});

describe('a trained detector', () => {
  it('is evaluated', async () => {
    await goTo('Evaluate');
    await studio.page.locator('header').getByRole('button', { name: 'Evaluate', exact: true }).click();
    await button(/^Enlarge shapes-/)
      .first()
      .waitFor(SLOW);
    const [run] = await ask(studio, 'runs.list');
    const report = (await ask(studio, 'evaluation.last', { runId: run.id }))!;
    expect(report).toMatchObject({ split: 'val', imageCount: 8, metric: 'voc' });
    expect(report.classes.map(({ className }) => className)).toEqual(run.classNames);
    expect(run.meanAveragePrecision).toBe(report.meanAveragePrecision);
    await screenshot(studio, '09-evaluate');
  });

  it('says why: of each detection its very box and score, of a missed object the reason', async () => {
    const [{ id: runId, classNames }] = await ask(studio, 'runs.list');
    const { images, iouThreshold } = (await ask(studio, 'evaluation.last', { runId }))!;
    const about = images.find(({ detections }) => detections.length > 0)!;
    const asked = { runId, imageId: about.imageId, operationId: 'why' };
    for (const { prior = -1, classIndex, score, box } of about.detections.slice(0, 5)) {
      const question = { kind: 'detection', prior, classIndex } as const;
      const answer = await ask(studio, 'evaluation.explain', { ...asked, question });
      expect(answer.explanations).toMatchObject([{ kind: 'detection', prior, fate: { kind: 'kept' } }]);
      const [told] = answer.explanations;
      if (told.kind !== 'detection') throw new TypeError('a detection was asked for');
      // The evaluation computes eight pictures at a time, this one alone: the same but for the last bits.
      expect(told.score).toBeCloseTo(score, 4);
      for (const edge of ['x1', 'y1', 'x2', 'y2'] as const) expect(told.box[edge]).toBeCloseTo(box[edge], 1);
    }
    const { box, classIndex } = images.flatMap(({ groundTruths }) => groundTruths)[0];
    const question = { kind: 'object', box, classIndex, scoreThreshold: 0.999, iouThreshold } as const;
    const answer = await ask(studio, 'evaluation.explain', { ...asked, imageId: images[0].imageId, question });
    expect(answer).toMatchObject({ classNames, explanations: [{ kind: 'object', matchingThreshold: 0.5 }] });

    const faults: string[] = [];
    await button(/^Enlarge shapes-/)
      .first()
      .press('Enter');
    await studio.page.getByRole('list', { name: 'Boxes of this picture' }).waitFor();
    await studio.page.keyboard.press('ArrowDown');
    await studio.page.getByText(/^(Its best default boxes|Removed by NMS in its favour: \d+)$/).waitFor(SLOW);
    for (const theme of ['dark', 'light']) {
      await studio.page.evaluate((name) => (document.documentElement.dataset.theme = name), theme);
      await studio.page.waitForTimeout(300);
      faults.push(...(await accessibilityFaults(studio)));
      await screenshot(studio, `09-evaluate-why-${theme}`);
    }
    expect(faults).toEqual([]);
    await studio.page.evaluate(() => (document.documentElement.dataset.theme = 'dark'));
    await studio.page.keyboard.press('Escape');
    await studio.page.getByRole('heading', { name: 'Why' }).waitFor({ state: 'detached' });
    await studio.page.keyboard.press('Escape');
    await button(/^Enlarge shapes-/)
      .first()
      .waitFor();
  });

  it('looks at a picture that was dropped', async () => {
    await goTo('Detect');
    await studio.page.getByText('Drop pictures here').waitFor();
    const bytes = readFileSync(folder.elsewhere).toString('base64');
    const dropped = await studio.page.evaluateHandle(
      ([base64, name]) => {
        const transfer = new DataTransfer();
        const content = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([content], name, { type: 'image/jpeg' }));
        return transfer;
      },
      [bytes, basename(folder.elsewhere)] as const,
    );
    await studio.page.getByText('Drop pictures here').dispatchEvent('drop', { dataTransfer: dropped });
    await studio.page.getByRole('application', { name: /^elsewhere\.jpg: \d+ objects? at confidence/ }).waitFor(SLOW);
    const slider = studio.page.getByRole('slider', { name: 'Confidence' });
    await slider.focus();
    await slider.press('Home');
    await studio.page.waitForTimeout(300);
    await screenshot(studio, '10-detect');

    await studio.page.getByRole('application', { name: /^elsewhere/ }).focus();
    await studio.page.keyboard.press('ArrowDown');
    await studio.page.getByRole('table', { name: 'Scores of the classes' }).waitFor(SLOW);
    const told = await studio.page.getByRole('table', { name: 'Scores of the classes' }).locator('tbody tr').count();
    const [run] = await ask(studio, 'runs.list');
    expect(told, 'the classes and background').toBe(run.classNames.length + 1);
    await screenshot(studio, '10-detect-why');
    await studio.page.keyboard.press('Escape');
    await studio.page.getByRole('heading', { name: 'Why' }).waitFor({ state: 'detached' });
  });

  it('is exported, and the file computes the same in another runtime', async () => {
    const file = join(studio.home, 'Documents', 'shapes.onnx');
    await answerSaveDialog(studio, file);
    await goTo('Export');
    await button('Export to ONNX').click();
    await studio.page.getByText('Verified: the file computes the same').waitFor(SLOW);
    expect(existsSync(file)).toBe(true);
    await screenshot(studio, '11-export');
  });

  it('is exported in every other format, chosen with the keyboard', async () => {
    await studio.page.getByRole('radio', { name: /^ONNX/ }).focus();
    for (const [name, seen] of [
      ['shapes-tfjs', 'Verified: the file computes the same'],
      ['shapes.safetensors', 'Reread: every tensor is the same'],
      ['shapes.pth', 'Reread: every tensor is the same'],
    ]) {
      const path = join(studio.home, 'Documents', name);
      await answerSaveDialog(studio, path);
      await studio.page.keyboard.press('ArrowRight');
      await studio.page.getByText(/^After writing/).waitFor();
      await studio.page.keyboard.press('Control+Enter');
      await studio.page.getByText(seen).waitFor(SLOW);
      expect(existsSync(path)).toBe(true);
      await screenshot(studio, `11-export-${name}`);
    }
    await studio.page.getByRole('radio', { name: /^ONNX/ }).check();
  });
});

describe('every screen', () => {
  it.each(['dark', 'light'] as const)('in the %s theme has no serious accessibility fault', async (theme) => {
    const toggle = button(/^Theme: /);
    while (!((await toggle.getAttribute('aria-label')) ?? '').startsWith(`Theme: ${theme}`)) await toggle.click();
    const faults: Record<string, string[]> = {};
    for (const screen of SCREENS) {
      await goTo(screen);
      await studio.page.waitForTimeout(600);
      await screenshot(studio, `${theme}-${screen.toLowerCase()}`);
      faults[screen] = await accessibilityFaults(studio);
    }
    const show = async (address: string) => {
      await studio.page.evaluate((hash) => (location.hash = hash), `#/${address}`);
      await studio.page.waitForTimeout(600);
    };
    for (const address of ADDRESSES) {
      await show(address);
      await screenshot(studio, `${theme}-${address.replace(/\W+/g, '-')}`);
      faults[address] = await accessibilityFaults(studio);
    }
    const [{ id }] = await ask(studio, 'runs.list');
    await show(`train?run=${id}`);
    await studio.page.getByRole('radio', { name: 'Missing labels' }).click();
    await studio.page.waitForTimeout(600);
    await screenshot(studio, `${theme}-missing-labels`);
    faults['Missing labels'] = await accessibilityFaults(studio);
    await button(/all projects$/).click();
    await button('New project').waitFor();
    await screenshot(studio, `${theme}-projects`);
    faults.Projects = await accessibilityFaults(studio);
    expect(Object.fromEntries(Object.entries(faults).filter(([, found]) => found.length > 0))).toEqual({});
  });

  it('has left no error on the console', () => {
    expect(studio.faults).toEqual([]);
  });
});
