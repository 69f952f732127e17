/** Labelling with the real mouse and keys: what is drawn is in the database, can be taken back, and survives what happens. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { drawVocFolder } from '../support/voc-folder';
import {
  type Application,
  accessibilityFaults,
  answerFolderDialog,
  ask,
  killNine,
  launch,
  quit,
  serviceProcessIds,
  screenshot,
} from './application';

let studio: Application;
afterEach(async () => {
  if (studio.electron.process().exitCode === null && studio.electron.process().signalCode === null) await quit(studio);
});

/** Imports a folder by the start screen and opens its first picture on the Label screen. */
async function openLabel(): Promise<Page> {
  studio = await launch();
  const { page } = studio;
  const { path } = await drawVocFolder(4);
  await answerFolderDialog(studio, path);
  await page.getByRole('button', { name: 'Import a VOC folder' }).click();
  await page.getByRole('button', { name: 'Close the report' }).click();
  await page.getByRole('button', { name: /^Label shapes-000/ }).click();
  await page.getByRole('application', { name: /^shapes-000/ }).waitFor();
  return page;
}

/** Drags over the canvas; positions are fractions of it. */
async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]) {
  const box = await page.getByRole('application').boundingBox();
  if (!box) throw new Error('the canvas is not on screen');
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
}

const saved = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^\s*Saved/ })
    .waitFor();

/** The objects of the picture that is shown, from the database. */
async function stored() {
  const id = Number(new URL(studio.page.url()).hash.match(/image=(\d+)/)?.[1]);
  return (await ask(studio, 'images.get', { id })).objects;
}

describe('the Label screen', () => {
  it('draws, changes, moves, deletes and undoes, each in the database at once', async () => {
    const page = await openLabel();
    const before = await stored();
    await page.keyboard.press('b');
    await page.keyboard.press('2');
    await drag(page, [0.4, 0.4], [0.6, 0.7]);
    await saved(page);
    const drawn = (await stored()).find((object) => !before.some(({ id }) => id === object.id));
    expect(drawn?.box.x2).toBeGreaterThan(drawn?.box.x1 ?? Infinity);
    expect(await page.getByRole('button', { name: /^Box \d+:/ }).count()).toBe(before.length + 1);

    await page.keyboard.press('1');
    await page.keyboard.press('Shift+ArrowLeft');
    await page.getByRole('checkbox', { name: 'Difficult' }).check();
    await saved(page);
    const changed = (await stored()).find(({ id }) => id === drawn?.id);
    expect(changed?.classId).not.toBe(drawn?.classId);
    expect(changed?.box.x1).toBe((drawn?.box.x1 ?? 0) - 10);
    expect(changed?.difficult).toBe(true);
    await screenshot(studio, 'label');
    expect(await accessibilityFaults(studio)).toEqual([]);

    await page.keyboard.press('Delete');
    await saved(page);
    expect(await stored()).toEqual(before);
    for (let i = 0; i < 5; i++) await page.keyboard.press('Control+z');
    await saved(page);
    expect(await stored()).toEqual(before);
    await page.keyboard.press('Control+Shift+z');
    await saved(page);
    expect((await stored()).find(({ id }) => id === drawn?.id)).toEqual(drawn);
    expect(studio.faults).toEqual([]);
  });

  it('keeps its history when pictures are switched, and the picture when the page is loaded again', async () => {
    const page = await openLabel();
    const before = await stored();
    await drag(page, [0.4, 0.4], [0.6, 0.7]);
    await page.keyboard.press('d');
    await page.getByRole('application', { name: /^shapes-001/ }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('application', { name: /^shapes-000/ }).waitFor();
    await page.keyboard.press('Control+z');
    await saved(page);
    expect(await stored()).toEqual(before);
    await page.keyboard.press('d');
    await page.getByRole('application', { name: /^shapes-001/ }).waitFor();
    await page.reload();
    await page.getByRole('application', { name: /^shapes-001/ }).waitFor();
  });

  it('renames a class, by the pencil and by F2', async () => {
    const page = await openLabel();
    const names = async () => (await ask(studio, 'projects.current'))?.classes.map(({ name }) => name);
    const [first, second] = (await names()) ?? [];
    await page.getByRole('button', { name: `Rename ${first}` }).click();
    await page.getByRole('textbox', { name: `New name of ${first}` }).fill('washer');
    await page.keyboard.press('Enter');
    await expect.poll(names).toEqual(['washer', second]);

    await page
      .getByRole('list', { name: 'Classes' })
      .getByRole('button', { name: second, exact: false })
      .first()
      .focus();
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: `New name of ${second}` }).fill('never mind');
    await page.keyboard.press('Escape');
    expect(await names()).toEqual(['washer', second]);
  });

  it('asks before it copies boxes onto a labelled picture', async () => {
    const page = await openLabel();
    const { length } = await stored();
    await page.keyboard.press('d');
    await page.getByRole('application', { name: /^shapes-001/ }).waitFor();
    const present = await stored();
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'Leave it as it is' }).click();
    expect(await stored()).toEqual(present);
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'Add the boxes' }).click();
    await saved(page);
    expect(await stored()).toHaveLength(present.length + length);
  });

  it('loses nothing drawn when everything is killed', async () => {
    const page = await openLabel();
    const id = Number(new URL(page.url()).hash.match(/image=(\d+)/)?.[1]);
    await drag(page, [0.4, 0.4], [0.6, 0.7]);
    await saved(page);
    const before = await stored();
    await killNine(studio);
    studio = await launch(studio.home);
    await studio.page.getByRole('button', { name: /^Open Shapes/ }).click();
    await studio.page.getByRole('list', { name: 'Pictures' }).waitFor();
    expect((await ask(studio, 'images.get', { id })).objects).toEqual(before);
  });

  it('says when an edit could not be saved, keeps it, and saves it on request', async () => {
    const page = await openLabel();
    const before = await stored();
    const [service] = await serviceProcessIds(studio);
    // Stopped first, so that the edit is surely on its way when the process dies.
    process.kill(service, 'SIGSTOP');
    await drag(page, [0.4, 0.4], [0.6, 0.7]);
    await page.getByRole('status').filter({ hasText: 'Saving' }).waitFor();
    process.kill(service, 'SIGKILL');
    await page.getByRole('status').filter({ hasText: 'Not saved' }).waitFor();
    await screenshot(studio, 'label-not-saved');
    await page.getByRole('button', { name: 'Try again' }).click();
    await saved(page);
    expect(await stored()).toHaveLength(before.length + 1);
  });
});
