/** Choosing among the architectures by keyboard and pointer, and looking at the largest of them. */
import type { Locator } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
const warnings: string[] = [];

beforeAll(async () => {
  studio = await launch();
  studio.page.on('console', (message) => {
    if (message.type() === 'warning') warnings.push(message.text());
  });
  await studio.page.setViewportSize({ width: 1280, height: 800 });
  const { path } = await drawVocFolder(6);
  await answerFolderDialog(studio, path);
  await studio.page.getByRole('button', { name: 'Import a VOC folder' }).click();
  await studio.page.getByRole('button', { name: 'Close the report' }).click();
});
afterAll(async () => {
  await quit(studio);
});

const goTo = async (screen: string, title = screen) => {
  const rail = studio.page.getByRole('navigation', { name: 'Screens' });
  await rail.getByRole('button', { name: screen, exact: true }).click();
  await studio.page.getByRole('heading', { name: title, exact: true, level: 1 }).waitFor();
};
const picker = (): Locator => studio.page.getByRole('button', { name: /^Detector: / });
const list = (): Locator => studio.page.getByRole('listbox', { name: 'Detector' });
const option = (name: string): Locator => list().getByRole('option', { name: new RegExp(`^${name} `) });
const choose = async (name: string) => {
  await picker().click();
  await option(name).click();
};

describe('the detectors to choose from', () => {
  it('are all listed with their figures, the one for this machine first', async () => {
    await goTo('Train');
    await picker().click();
    await expect.poll(() => list().getByRole('option').count()).toBe(13);
    expect(await list().getByRole('group').first().getAttribute('aria-labelledby')).toBeTruthy();
    expect(await list().getByRole('group').first().innerText()).toMatch(/Recommended for this machine/);
    expect(await option('SSD512').innerText()).toMatch(/512 × 512\s+24,564\s+24\.\d M\s+\d+ GFLOP/);
    expect(await accessibilityFaults(studio)).toEqual([]);
    await screenshot(studio, '20-detectors');
  });

  it('are reached by arrows and letters; Enter takes one, Escape none', async () => {
    const { keyboard } = studio.page;
    const before = await picker().getAttribute('aria-label');
    await keyboard.press('End');
    await keyboard.press('Escape');
    await expect.poll(() => list().count()).toBe(0);
    expect(await picker().getAttribute('aria-label')).toBe(before);
    await picker().focus();
    await keyboard.press('ArrowDown');
    await keyboard.press('r');
    await keyboard.press('Home');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    const second = await picker().getAttribute('aria-label');
    expect(second).not.toBe(before);
    expect(await picker().evaluate((node) => node === document.activeElement)).toBe(true);
  });

  it('take other input sizes, and say why one cannot work', async () => {
    await choose('SSD300');
    const side = studio.page.getByRole('spinbutton', { name: 'Input width' });
    await side.fill('100');
    await side.press('Enter');
    await studio.page.getByText(/SSD300 cannot run at 100 × 300: /).waitFor();
    await screenshot(studio, '21-input-refused');
    await side.fill('400');
    await side.press('Enter');
    await studio.page.getByRole('button', { name: 'Back to 300 × 300' }).waitFor();
    expect(await studio.page.getByRole('alert').count()).toBe(0);
    await studio.page.getByRole('button', { name: 'Back to 300 × 300' }).click();
    await expect.poll(() => side.inputValue()).toBe('300');
  });

  it('suggest no larger batch than there are pictures', async () => {
    await choose('RFB-320');
    await expect
      .poll(() => studio.page.getByText(/steps of \d+ pictures?/).innerText())
      .toMatch(/steps of [1-6] pictures?/);
    expect(await studio.page.getByText(/fewer than a batch/).count()).toBe(0);
  });
});

describe('the boxes of the largest', () => {
  it('are shown on seven maps', async () => {
    await goTo('Boxes', 'Default boxes');
    await choose('RFBNet512');
    await studio.page.getByText(/^32,756 boxes on 7 maps/).waitFor();
    await expect.poll(() => studio.page.getByRole('radio', { name: /^Map/ }).count()).toBe(7);
    await choose('SSD512');
    await studio.page.getByText(/^24,564 boxes on 7 maps/).waitFor();
    await screenshot(studio, '22-boxes-ssd512');
    expect(await accessibilityFaults(studio)).toEqual([]);
  });

  it('are left without a complaint, a change saved on the way', async () => {
    await studio.page
      .getByRole('button', { name: /^Ratio 3/ })
      .first()
      .click();
    await goTo('Train');
    const network = { architecture: 'ssd512', widthMultiplier: 1, input: { width: 512, height: 512 } } as const;
    await expect.poll(async () => (await ask(studio, 'priors.load', { network }))?.sources.length).toBe(7);
    expect(warnings).toEqual([]);
    expect(studio.faults).toEqual([]);
  });
});
