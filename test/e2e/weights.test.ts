/** Weight files in the window: a ready detector brought in by its dialog, and a training that begins from a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATA_DIR, describeWith } from '../support/shared';
import { drawVocFolder, type VocFolder } from '../support/voc-folder';
import { foreignWeights, writeHostilePickle, writeSafetensors } from '../support/weight-files';
import {
  accessibilityFaults,
  answerFolderDialog,
  ask,
  call,
  launch,
  quit,
  screenshot,
  type Application,
} from './application';

const SLOW = { timeout: 240_000 };
const files = mkdtempSync(join(tmpdir(), 'ssd-weights-'));
const weights = foreignWeights('slim320', ['cat', 'dog']);
const whole = writeSafetensors(join(files, 'pets.safetensors'), weights);
const zoo = writeSafetensors(join(files, 'zoo.safetensors'), foreignWeights('slim320', ['ape', 'bear', 'cow']));
const evil = writeHostilePickle(join(files, 'evil.pth'), join(files, 'trace'));

let studio: Application;
let folder: VocFolder;

beforeAll(async () => {
  [studio, folder] = await Promise.all([launch(), drawVocFolder(12)]);
  const directory = join(studio.home, 'Documents', 'pets');
  await answerFolderDialog(studio, studio.home);
  await ask(studio, 'dialogs.chooseFolder', { title: 'Choose' });
  await ask(studio, 'projects.create', { directory, name: 'Pets', classes: [] });
  await answerFolderDialog(studio, folder.path);
  await ask(studio, 'dialogs.chooseFolder', { title: 'Choose' });
  await ask(studio, 'import.start', { format: 'voc', from: folder.path, operationId: 'import' });
  await goTo('Train');
});
afterAll(async () => {
  await quit(studio);
  rmSync(files, { recursive: true, force: true });
});

const button = (name: string): Locator => studio.page.getByRole('button', { name, exact: true });
/** The form's own button, not the rail's of the same name. */
const start = (): Locator => studio.page.getByRole('main').getByRole('button', { name: 'Train', exact: true });
const dialog = (): Locator => studio.page.getByRole('dialog', { name: 'Import a detector' });
async function goTo(screen: string): Promise<void> {
  await studio.page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('button', { name: screen, exact: true })
    .click();
}
async function chooseDetector(name: RegExp): Promise<void> {
  await studio.page.getByRole('button', { name: /^Detector: / }).click();
  await studio.page.getByRole('option', { name }).click();
}
const showTheme = (theme: 'light' | 'dark'): Promise<void> =>
  studio.page.evaluate((name) => void (document.documentElement.dataset['theme'] = name), theme);
async function press(...keys: string[]): Promise<void> {
  for (const key of keys) await studio.page.keyboard.press(key);
}
/** Moves the focus on until it is on the button of this name. */
async function tabTo(name: string): Promise<void> {
  for (let i = 0; i < 40; i++) {
    await press('Tab');
    const focused = await studio.page.evaluate(() => document.activeElement?.textContent?.trim());
    if (focused === name) return;
  }
  throw new Error(`the focus never reached ${name}`);
}

describe('a ready detector', () => {
  it('is looked at before anything is brought in; a hostile file is refused and runs nothing', async () => {
    await button('Import detector…').click();
    await dialog().waitFor();
    await answerFolderDialog(studio, evil);
    await button('Choose file').click();
    await dialog()
      .getByRole('alert')
      .getByText(/evil\.pth/)
      .waitFor();
    await screenshot(studio, 'weights-refused');
    expect(await accessibilityFaults(studio)).toEqual([]);
    const refused = await call(studio, 'weights.import', { source: { path: evil }, operationId: 'evil' });
    expect(refused).toMatchObject({ ok: false, error: { code: 'unreadable' } });
    expect(await ask(studio, 'runs.list')).toEqual([]);
  });

  it('comes in by the keyboard alone, with its classes named', async () => {
    await answerFolderDialog(studio, whole);
    await tabTo('Choose another');
    await press('Enter');
    await dialog().getByText(`All ${weights.length} parameters of slim-320 come from the file`).waitFor();
    await dialog().getByText('The file does not name its 2 classes.').waitFor();
    await screenshot(studio, 'weights-recognised');
    expect(await accessibilityFaults(studio)).toEqual([]);

    const classes = dialog().getByRole('textbox', { name: /^Classes/ });
    await classes.focus();
    await press('Control+A');
    await studio.page.keyboard.type('disc');
    await dialog().getByText('1 name is given').waitFor();
    expect(await button('Import').isDisabled()).toBe(true);
    await press('Enter');
    await studio.page.keyboard.type('dog');
    await dialog().getByText('Conventions: pixels').focus();
    await press('Enter');
    await dialog().getByRole('combobox', { name: 'Channels' }).waitFor();
    await screenshot(studio, 'weights-conventions');
    expect(await accessibilityFaults(studio)).toEqual([]);
    await tabTo('Import');
    await press('Enter');
    await dialog().waitFor({ state: 'hidden' });
    await studio.page.getByText('A ready detector from pets.safetensors').waitFor();
    await screenshot(studio, 'weights-imported');
    expect(await accessibilityFaults(studio)).toEqual([]);
    const [run] = await ask(studio, 'runs.list');
    expect(run).toMatchObject({ name: 'pets', state: 'imported', checkpointStep: 0, classNames: ['disc', 'dog'] });
    expect(await call(studio, 'training.resume', { runId: run.id })).toMatchObject({ ok: false });
  });

  it('detects, and another can be opened where a run is chosen', async () => {
    await goTo('Detect');
    await studio.page.getByText(/pets has never seen/).waitFor();
    await button('Open weights…').click();
    await dialog().waitFor();
    await press('Escape');
    await dialog().waitFor({ state: 'hidden' });
    const [run] = await ask(studio, 'runs.list');
    const report = await ask(studio, 'evaluation.run', {
      runId: run.id,
      split: 'val',
      metric: 'voc',
      operationId: 'evaluate',
    });
    expect(report.classes.find(({ className }) => className === 'disc')!.groundTruths).toBeGreaterThan(0);
  });

  it('that the person never chose in a dialog is not read', async () => {
    const source = { path: '/etc/passwd' };
    const refused = { ok: false, error: { code: 'not-allowed' } };
    expect(await call(studio, 'weights.inspect', { source, start: null })).toMatchObject(refused);
    expect(await call(studio, 'weights.import', { source, operationId: 'x' })).toMatchObject(refused);
    const out = join(files, 'never-chosen.safetensors');
    expect(
      await call(studio, 'weights.convert', { source: { path: whole }, out, operationId: 'x' }),
      'the source was chosen, the target was not',
    ).toMatchObject(refused);
    const { configuration } = (await ask(studio, 'runs.list'))[0];
    expect(await call(studio, 'training.start', { configuration, weights: source })).toMatchObject(refused);
  });
});

describe('a training', () => {
  it('begins from a file, which says at once what it brings and what is learnt anew', async () => {
    await goTo('Train');
    await chooseDetector(/^SSD300 /);
    await answerFolderDialog(studio, zoo);
    await button('Start from weights…').click();
    await studio.page.getByText(/No tensor of the file is a weight of SSD300/).waitFor();
    expect(await start().isDisabled()).toBe(true);
    await chooseDetector(/^slim-320 /);
    await studio.page.getByText(/of \d+ parameters of slim-320 come from the file/).waitFor();
    await studio.page.getByText(/8 learnt anew: classification_headers/).waitFor();
    await screenshot(studio, 'weights-start');
    expect(await accessibilityFaults(studio)).toEqual([]);
    await button('Start without a file').click();
    await button('Start from weights…').click();
    await studio.page.getByText(/learnt anew/).waitFor();

    await button('More settings').click();
    await studio.page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('2');
    await press('Tab');
    await start().click();
    await expect.poll(async () => (await ask(studio, 'runs.list'))[0].state, SLOW).toBe('finished');
    const [run] = await ask(studio, 'runs.list');
    expect(run.configuration.startWeights).toMatchObject({ fileName: 'zoo.safetensors', layout: 'ultralight' });
    await studio.page.getByRole('radio', { name: 'Settings' }).click();
    await studio.page.getByText('zoo.safetensors (Ultra-Light').waitFor();
  });
});

const faces = join(DATA_DIR, 'rfb320-face');
describeWith('the published face detector', [faces], () => {
  it('is recognised, imported and finds the faces of its own test pictures', async () => {
    await goTo('Detect');
    await button('Open weights…').click();
    await answerFolderDialog(studio, join(faces, 'models/pretrained/version-RFB-320.pth'));
    await button('Choose file').click();
    await dialog()
      .getByText(/of RFB-320 come from the file/)
      .waitFor();
    expect(
      await dialog()
        .getByRole('textbox', { name: /^Classes/ })
        .inputValue(),
    ).toBe('face');
    for (const theme of ['light', 'dark'] as const) {
      await showTheme(theme);
      await screenshot(studio, `weights-face-${theme}`);
    }
    await button('Import').click();
    await dialog().waitFor({ state: 'hidden' });
    await studio.page.getByText(/version-RFB-320 has never seen/).waitFor();
    const pictures = ['26.jpg', '10.jpg'].map((name) => join(faces, 'imgs', name));
    await studio.page.locator('input[type=file]').first().setInputFiles(pictures);
    await studio.page.getByText(/^1 of 2 · \d+ objects/).waitFor(SLOW);
    const found = Number(/· (\d+) objects/.exec((await studio.page.getByText(/^1 of 2 · /).textContent())!)![1]);
    expect(found).toBeGreaterThan(50);
    for (const theme of ['light', 'dark'] as const) {
      await showTheme(theme);
      await screenshot(studio, `weights-faces-found-${theme}`);
      expect(await accessibilityFaults(studio)).toEqual([]);
    }
  });
});

describe('the window', () => {
  it('shows nothing that an error left behind', () => {
    expect(studio.faults).toEqual([]);
  });
});
