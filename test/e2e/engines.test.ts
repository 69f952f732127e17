/** The engines page: what is ready, how fast, and the CUDA libraries from a package index on this machine. */
import { existsSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCudaLibraries } from '../../src-main/cuda/cuda-libraries';
import { addCudaWheels, WheelServer } from '../support/wheel-server';
import { drawVocFolder } from '../support/voc-folder';
import { accessibilityFaults, answerFolderDialog, launch, quit, screenshot, type Application } from './application';

let studio: Application;
let server: WheelServer;
const indexBefore = process.env['PIP_INDEX_URL'];

beforeAll(async () => {
  server = new WheelServer();
  addCudaWheels(server);
  await server.start();
  process.env['PIP_INDEX_URL'] = server.address;
  studio = await launch();
  await studio.page.setViewportSize({ width: 1280, height: 800 });
  await lookWithoutProject();
  await answerFolderDialog(studio, (await drawVocFolder(4)).path);
  await studio.page.getByRole('button', { name: 'Import a VOC folder' }).click();
  await studio.page.getByRole('button', { name: 'Close the report' }).click();
});
afterAll(async () => {
  await quit(studio);
  await server.stop();
  if (indexBefore === undefined) delete process.env['PIP_INDEX_URL'];
  else process.env['PIP_INDEX_URL'] = indexBefore;
});

const button = (name: string | RegExp) => studio.page.getByRole('button', { name });
const userData = () => join(studio.home, 'user-data');
const cuda = (...parts: string[]) => join(userData(), 'engines', ...parts);

/** They are the machine's, not a project's. */
async function lookWithoutProject(): Promise<void> {
  await button('Engines of this machine').waitFor();
  await look('start');
  await button('Engines of this machine').click();
  await studio.page.getByRole('list', { name: 'Engines, best first' }).waitFor();
  await look('without-project');
  await button('Projects').click();
}

async function look(name: string): Promise<void> {
  for (const theme of ['dark', 'light']) {
    await studio.page.evaluate((theme_) => (document.documentElement.dataset['theme'] = theme_), theme);
    expect(await accessibilityFaults(studio)).toEqual([]);
    await screenshot(studio, `engines-${name}-${theme}`);
  }
}

it('says of each engine whether it is ready, and why auto takes what it takes', async () => {
  await button(/^Engine /).click();
  const list = studio.page.getByRole('list', { name: 'Engines, best first' });
  await list.waitFor();
  expect(await list.getByRole('listitem').count()).toBeGreaterThanOrEqual(3);
  await studio.page.getByText(/^Best available takes .*, the fastest/).waitFor();
  await look('missing');
});

it('measures those that are ready, and stops when told to', async () => {
  await button('Measure').click();
  await studio.page.getByRole('contentinfo', { name: 'In progress' }).getByRole('button', { name: 'Cancel' }).click();
  await button('Measure').and(studio.page.locator(':enabled')).waitFor();
  expect(await studio.page.getByRole('alert').count()).toBe(0);
});

it('shows the sizes before anything is fetched; a cancellation leaves nothing', async () => {
  await button(/^Install (the CUDA libraries|them anyway)$/).click();
  const dialog = studio.page.getByRole('dialog', { name: 'Install the CUDA libraries' });
  await dialog.getByText('nvidia-cudnn-cu12').waitFor();
  await look('question');
  let goOn = (): void => {};
  const held = new Promise<void>((done) => (goOn = done));
  server.beforePiece = () => held;
  await dialog.getByRole('button', { name: /^Fetch / }).click();
  await studio.page
    .getByText(/^CUDA libraries: /)
    .first()
    .waitFor();
  await look('installing');
  await studio.page.getByRole('contentinfo', { name: 'In progress' }).getByRole('button', { name: 'Cancel' }).click();
  await button(/^Install /)
    .and(studio.page.locator(':enabled'))
    .waitFor();
  goOn();
  server.beforePiece = () => {};
  expect(existsSync(cuda('cuda.part'))).toBe(false);
});

it('does not install what does not load, and says why', async () => {
  await button(/^Install (the CUDA libraries|them anyway)$/).click();
  await button(/^Fetch /).click();
  await studio.page.getByText(/They were fetched but not installed: the CUDA libraries do not load/).waitFor();
  await look('failed');
  expect(existsSync(cuda('cuda'))).toBe(false);
  await button('Dismiss').click();
});

it('knows a damaged installation and offers to repair it; removes it whole', async () => {
  const libraries = createCudaLibraries(userData(), { environment: { PIP_INDEX_URL: server.address } });
  await libraries.install(
    new AbortController().signal,
    () => {},
    async () => {},
  );
  const again = async () => {
    await studio.page
      .getByRole('navigation', { name: 'Screens' })
      .getByRole('button', { name: 'Train', exact: true })
      .click();
    await button(/^Engine /).click();
  };
  await again();
  await button('Check and repair').waitFor();
  await look('installed');
  await truncate(cuda('cuda/deps/nvidia/cudnn/lib/libcudnn.so.9'), 5);
  await again();
  await button('Repair').waitFor();
  await look('damaged');
  await button('Remove').click();
  await button(/^Install /).waitFor();
  expect(existsSync(cuda('cuda'))).toBe(false);
  expect(studio.faults).toEqual([]);
});
