/** Looking at what training sees, by keyboard and pointer, and changing it. */
import { join } from 'node:path';
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATA_DIR, describeWith } from '../support/shared';
import { drawVocFolder } from '../support/voc-folder';
import {
  accessibilityFaults,
  answerFolderDialog,
  ask,
  launch,
  quit,
  screenshot,
  type Application,
} from './application';

let studio: Application;

async function openWith(folder: string): Promise<void> {
  studio = await launch();
  await studio.page.setViewportSize({ width: 1280, height: 800 });
  await answerFolderDialog(studio, folder);
  await studio.page.getByRole('button', { name: 'Import a VOC folder' }).click();
  await studio.page.getByRole('button', { name: 'Close the report' }).click();
  const rail = studio.page.getByRole('navigation', { name: 'Screens' });
  await rail.getByRole('button', { name: 'Train', exact: true }).click();
}

const button = (name: string | RegExp): Locator => studio.page.getByRole('button', { name, exact: true });
const tiles = (): Locator => button(/^Picture \d+, /);
/** The pixels of the first picture shown, in short. */
const firstPixels = (): Promise<string> =>
  studio.page.evaluate(() => document.querySelector<HTMLCanvasElement>('main canvas')?.toDataURL() ?? '');
const showTheme = (theme: 'light' | 'dark'): Promise<void> =>
  studio.page.evaluate((name) => void (document.documentElement.dataset['theme'] = name), theme);

describe('what training sees', () => {
  beforeAll(async () => openWith((await drawVocFolder(12)).path));
  afterAll(() => quit(studio));

  it('is shown as the pictures of a step, the same that the channel answers', async () => {
    await button('What training sees').click();
    await tiles().first().waitFor();
    const network = { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } } as const;
    const configuration = await ask(studio, 'training.suggest', { network });
    const shown = await tiles().count();
    expect(shown).toBe(configuration.batchSize);
    const { pictures } = await ask(studio, 'training.preview', { configuration, step: 0, count: shown });
    for (const [place, { fileName, boxes }] of pictures.entries()) {
      expect(await tiles().nth(place).getAttribute('aria-label')).toMatch(
        new RegExp(`^Picture ${place + 1}, ${fileName}: ${boxes.length} box`),
      );
    }
    const middle = await studio.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('main canvas')!;
      return [...canvas.getContext('2d')!.getImageData(160, 120, 1, 1).data];
    });
    const at = (120 * 320 + 160) * 3;
    expect(middle).toEqual([...pictures[0].pixels.slice(at, at + 3), 255]);
  });

  it('is walked over with the arrow keys, and each picture says what was done to it', async () => {
    await tiles().first().focus();
    await studio.page.keyboard.press('ArrowRight');
    expect(await tiles().nth(1).getAttribute('aria-current')).toBe('true');
    const name = ((await tiles().nth(1).getAttribute('aria-label')) ?? '').replace(/^Picture 2, (.*): .*/, '$1');
    await studio.page
      .getByRole('img', { name: `${name} as it is, with what the network sees of it outlined` })
      .waitFor();
    await studio.page.keyboard.press('ArrowLeft');
    expect(await tiles().first().getAttribute('aria-current')).toBe('true');
    expect(await accessibilityFaults(studio)).toEqual([]);
  });

  it('goes from step to step and back to the same pictures', async () => {
    const before = await firstPixels();
    await button('Next step').click();
    await expect.poll(firstPixels).not.toBe(before);
    await button('Previous step').click();
    await expect.poll(firstPixels).toBe(before);
    expect(await button('Previous step').isDisabled()).toBe(true);
  });

  it('follows the strengths as they are changed, and the settings keep them', async () => {
    const { page } = studio;
    const before = await firstPixels();
    await page.getByRole('checkbox', { name: 'Shear', exact: true }).focus();
    await page.keyboard.press('Space');
    await button('Adjust Shear').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('slider', { name: 'How often' }).fill('1');
    await page.getByRole('slider', { name: 'Farthest' }).fill('0.4');
    await expect.poll(firstPixels).not.toBe(before);
    await page.getByText(/sheared (sideways|up and down) by/).waitFor();
    await page.getByLabel('The new box of an object', { exact: true }).selectOption('ellipse');
    expect(await page.getByRole('radio', { name: 'Own' }).getAttribute('aria-checked')).toBe('true');
    expect(await accessibilityFaults(studio)).toEqual([]);
    await button('Back to the settings').click();
    await button('More settings').click();
    expect(await page.getByRole('checkbox', { name: 'Shear', exact: true }).isChecked()).toBe(true);
    await screenshot(studio, 'preview-settings');
    expect(await accessibilityFaults(studio)).toEqual([]);
    await page.getByRole('radio', { name: 'None' }).click();
    expect(await page.getByRole('checkbox', { name: 'Zoom in', exact: true }).isChecked()).toBe(false);
    await button('What training sees').click();
    await page.getByText('Shown as it is.').waitFor();
    expect(studio.faults).toEqual([]);
  });
});

const cells = join(DATA_DIR, 'bccd-mini');
describeWith('what training sees of blood cells', [cells], () => {
  beforeAll(() => openWith(cells));
  afterAll(() => quit(studio));

  it('says which boxes were dropped and why', async () => {
    const { page } = studio;
    await button('What training sees').click();
    const losing = button(/^Picture \d+, .*dropped/).first();
    await losing.waitFor();
    await losing.hover();
    await page.getByText('Dropped, dashed').waitFor();
    await page.getByText(/centre lies outside what the network sees/).waitFor();
    for (const theme of ['light', 'dark'] as const) {
      await showTheme(theme);
      await screenshot(studio, `preview-cells-${theme}`);
    }
    expect(studio.faults).toEqual([]);
  });
});
