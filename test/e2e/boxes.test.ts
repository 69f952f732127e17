/** The Boxes screen by keyboard alone: everything on it is reached with Tab and arrow keys, and does what it says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawVocFolder } from '../support/voc-folder';
import { type Application, answerFolderDialog, ask, launch, quit, screenshot } from './application';

const PICTURES = 60;
const NETWORK = { architecture: 'ssd300', widthMultiplier: 1, input: { width: 300, height: 300 } } as const;
/** More controls than any view of the screen has. */
const MOST_TABS = 160;

let studio: Application;
const keys = (...pressed: string[]) =>
  pressed.reduce((before, key) => before.then(() => press(key)), Promise.resolve());
const press = (key: string) => studio.page.keyboard.press(key);

/** What has the focus, as a screen reader would call it. */
const focused = () =>
  studio.page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return '';
    const labels = (element as HTMLInputElement).labels;
    const name = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent ?? '';
    const group = element.closest('[role=radiogroup]')?.getAttribute('aria-label');
    return `${group ? `${group}: ` : ''}${name.trim().replace(/\s+/g, ' ')}`;
  });

/** Presses Tab until a control of this name has the focus; fails where none can be reached so. */
async function tabTo(name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let k = 0; k < MOST_TABS; k++) {
    const here = await focused();
    if (name.test(here)) return;
    passed.push(here);
    await press('Tab');
  }
  throw new Error(`Tab does not reach ${String(name)}; it passes ${passed.join(' | ')}`);
}

async function type(text: string): Promise<void> {
  await press('Control+a');
  await studio.page.keyboard.type(text);
  await press('Enter');
}

/** Chooses a view by the arrow keys of its tabs. */
async function view(name: string): Promise<void> {
  await tabTo(/^View: /);
  for (let k = 0; k < 5 && (await focused()) !== `View: ${name}`; k++) await press('ArrowRight');
  expect(await focused()).toBe(`View: ${name}`);
}

const saved = async () => (await ask(studio, 'priors.load', { network: NETWORK }))?.sources;
const reached = () => studio.page.getByText(/objects have a default box with IoU/).innerText();

beforeAll(async () => {
  studio = await launch();
  const { page } = studio;
  await page.evaluate((network) => localStorage.setItem('network', JSON.stringify(network)), NETWORK);
  await page.reload();
  await answerFolderDialog(studio, (await drawVocFolder(PICTURES)).path);
  await tabTo(/^Import a VOC folder/);
  await press('Enter');
  await page.getByRole('button', { name: 'Close the report' }).waitFor();
  await tabTo(/^Close the report$/);
  await press('Enter');
  await press('Control+3');
  await page.getByText(/objects have a default box with IoU/).waitFor();
});
afterAll(() => quit(studio));

describe('the picture', () => {
  const said = () =>
    studio.page
      .getByRole('status')
      .filter({ hasText: /of map \d+, cell/ })
      .innerText();

  it('has a cell pinned by arrows, its boxes gone through, and one of them resized', async () => {
    await tabTo(/grid of map 1\. Arrow keys/);
    await keys('ArrowRight', 'ArrowDown');
    const first = await said();
    expect(first).toMatch(/^Square of map 1, cell/);
    await press('e');
    expect(await said()).toMatch(/^Extra square of map 1, cell/);
    await keys('q');
    await tabTo(/bottom right corner/);
    await press('Shift+ArrowRight');
    await expect.poll(said).not.toBe(first);
    await press('Control+z');
    await expect.poll(said).toBe(first);
    await press('Escape');
  });

  it('changes to another map and another picture', async () => {
    await tabTo(/^Feature map: Map 1/);
    await press('ArrowRight');
    expect(await focused()).toMatch(/^Feature map: Map 2/);
    await press('ArrowLeft');
    const { page } = studio;
    const name = () => page.getByRole('application').getAttribute('aria-label');
    const before = await name();
    await press('d');
    await expect.poll(name).not.toBe(before);
    await press('a');
    await expect.poll(name).toBe(before);
  });
});

describe('the panel', () => {
  const square = async () => (await saved())?.[0].minSizes[0];

  it('moves a scale by arrows, and takes every press back', async () => {
    await tabTo(/^Smallest box, s_min$/);
    await keys('ArrowRight', 'ArrowRight');
    await expect.poll(square).toBe(33);
    await keys('Control+z', 'Control+z');
    await expect.poll(square).toBe(30);
  });

  it('adds a size to a map and removes it; adds a ratio', async () => {
    await tabTo(/^Add a size$/);
    await press('Enter');
    await expect.poll(async () => (await saved())?.[0].minSizes.length).toBe(2);
    expect((await saved())?.[0].maxSizes).toHaveLength(2);
    await tabTo(/^Remove square 2$/);
    await press('Enter');
    await expect.poll(async () => (await saved())?.[0].minSizes).toEqual([30]);
    expect(await focused()).toBe('Square');
    await tabTo(/^Another ratio$/);
    await type('3:2');
    await expect.poll(async () => (await saved())?.[0].aspectRatios).toEqual([1.5, 2]);
    await tabTo(/^Reset to preset$/);
    await press('Enter');
    await expect.poll(async () => (await saved())?.[0].aspectRatios).toEqual([2]);
  });
});

describe('the report', () => {
  it('says that large boxes leave objects without any', async () => {
    const before = await reached();
    await tabTo(/^Smallest box, s_min, typed$/);
    await type('0.6');
    await expect.poll(reached).not.toBe(before);
  });

  it('counts in training’s views what it then does not offer to open', async () => {
    const { page } = studio;
    await view('Report');
    await page.locator('.report').waitFor();
    const bars = page.getByRole('button', { name: /px to .*, \d+ missed/ });
    const enabled = () => bars.evaluateAll((all) => all.filter((bar) => bar.ariaDisabled === 'false').length);
    expect(await enabled()).toBeGreaterThan(0);
    await tabTo(/^As training sees them/);
    await press('Space');
    await page.getByText(/random views of \d+ pictures/).waitFor();
    expect(await enabled()).toBe(0);
    await tabTo(/^As training sees them/);
    await press('Space');
    await expect.poll(enabled).toBeGreaterThan(0);
  });

  it('leads from a bar to the missed objects of that size', async () => {
    await tabTo(/ px to .*, \d+ missed$/);
    await press('Enter');
    await studio.page.getByRole('list', { name: 'Missed objects, worst first' }).waitFor();
    expect(studio.page.url()).toMatch(/scale=[\d.]+-[\d.]+/);
  });
});

describe('the missed objects', () => {
  it('are one stop of Tab, gone through with arrows, Home and End, and opened with Enter', async () => {
    const { page } = studio;
    await view('Missed');
    const list = page.getByRole('list', { name: 'Missed objects, worst first' });
    await list.waitFor();
    const total = Number(await list.getByRole('listitem').first().getAttribute('aria-setsize'));
    expect(total).toBeGreaterThan(1);
    const stops = list.locator('button[tabindex="0"]');
    expect(await stops.count()).toBe(1);
    const position = () =>
      page.evaluate(() => Number(document.activeElement?.closest('[aria-posinset]')?.getAttribute('aria-posinset')));
    await tabTo(/best IoU .*: open$/);
    expect(await position()).toBe(1);
    await press('ArrowRight');
    await expect.poll(position).toBe(2);
    expect(await stops.count()).toBe(1);
    await press('End');
    await expect.poll(position).toBe(total);
    await press('Home');
    await expect.poll(position).toBe(1);
    await press('Enter');
    await page.getByRole('application', { name: /grid of map/ }).waitFor();
    expect(page.url()).toMatch(/object=\d+/);
    await page.getByText(`1 of ${total}`).waitFor();
    await screenshot(studio, '05-boxes-object-by-keys');
    await press('Shift+d');
    await page.getByText(`2 of ${total}`).waitFor();
    await press('Escape');
    await list.waitFor();
    await expect.poll(position).toBe(2);
  });
});

describe('a suggestion', () => {
  it('is stopped half-way, without a trace', async () => {
    const { page } = studio;
    await view('Suggestion');
    const before = await saved();
    await tabTo(/^Most default boxes$/);
    await type('20000');
    await tabTo(/^Sizes of the maps: Linked$/);
    await press('ArrowRight');
    await tabTo(/^Suggest$/);
    await press('Enter');
    await page.getByRole('progressbar', { name: /^Fitting to/ }).waitFor();
    await tabTo(/^Cancel$/);
    await press('Enter');
    await page.getByRole('button', { name: 'Suggest', exact: true }).waitFor();
    expect(await page.getByRole('heading', { name: 'Before and after' }).count()).toBe(0);
    expect(await saved()).toEqual(before);
  });

  it('is asked for, used, and taken back', async () => {
    const before = await saved();
    await tabTo(/^Most default boxes$/);
    await type('8732');
    await tabTo(/^Suggest$/);
    await press('Enter');
    await studio.page.getByRole('button', { name: 'Use these boxes' }).waitFor({ timeout: 120_000 });
    await tabTo(/^Use these boxes$/);
    await press('Enter');
    await expect.poll(saved).not.toEqual(before);
    await press('Control+z');
    await expect.poll(saved).toEqual(before);
  });
});

describe('named boxes', () => {
  it('are kept, compared and used', async () => {
    const { page } = studio;
    await view('Compare');
    await tabTo(/^Name for the present boxes$/);
    await type('by keys');
    await page.getByRole('checkbox', { name: 'by keys' }).waitFor();
    await page.getByRole('table', { name: 'Settings of the compared default boxes' }).waitFor();
    expect(await ask(studio, 'priors.named')).toMatchObject([{ name: 'by keys' }]);
    const kept = await saved();
    await tabTo(/^Smallest box, s_min$/);
    await press('ArrowLeft');
    await expect.poll(saved).not.toEqual(kept);
    await tabTo(/^Use by keys$/);
    await press('Enter');
    await expect.poll(saved).toEqual(kept);
    expect(studio.faults).toEqual([]);
  });
});
