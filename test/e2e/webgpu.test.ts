/** WebGPU inside the window, on the software Vulkan that Chromium brings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, launch, quit, type Application } from './application';
import { projectOfShapes, reaches, tinyConfiguration, until } from './training-project';

let studio: Application;
let directory: string;
const before = process.env['SSD_STUDIO_SOFTWARE_GPU'];

beforeAll(async () => {
  process.env['SSD_STUDIO_SOFTWARE_GPU'] = 'named';
  studio = await launch();
  directory = await projectOfShapes(studio, 8);
});
afterAll(async () => {
  await quit(studio);
  if (before === undefined) delete process.env['SSD_STUDIO_SOFTWARE_GPU'];
  else process.env['SSD_STUDIO_SOFTWARE_GPU'] = before;
});

/** As small as the architecture allows, because a program computes it. */
const SMALL = { width: 96, height: 96 };

async function start(engine: 'webgpu' | 'wasm'): Promise<number> {
  const configuration = await tinyConfiguration(studio, 1_000, SMALL);
  return (await ask(studio, 'training.start', { configuration: { ...configuration, engine, evaluateEverySteps: 3 } }))
    .id;
}

async function pause(runId: number) {
  await ask(studio, 'training.pause', { runId });
  const paused = await reaches(studio, runId, 'paused');
  expect(paused.checkpointStep).toBe(paused.step);
  return paused;
}

/** Of the first step. */
async function firstLosses(runId: number): Promise<number[]> {
  const [{ step, confidenceLoss, localisationLoss }] = (await ask(studio, 'runs.metrics', { runId })).metrics;
  expect(step).toBe(1);
  return [confidenceLoss, localisationLoss];
}

it('is named with what stands in for a GPU, and not taken by itself', async () => {
  const engines = await ask(studio, 'engines.list');
  const webgpu = engines.find(({ id }) => id === 'webgpu')!;
  expect(webgpu).toMatchObject({ ready: false, chosen: false });
  expect(webgpu.detail).toMatch(/the only GPU is a program \(SwiftShader.*slower than the processor/);
});

it('trains when it is asked for, survives that its page is killed, goes on, and pauses', async () => {
  const id = await start('webgpu');
  const before = await until(studio, id, 'past a validation', (run) => run.bestStep === 3 && run.step > 3);
  process.kill(trainerPid(), 'SIGKILL');
  const interrupted = await reaches(studio, id, 'interrupted');
  expect(interrupted).toMatchObject({ engine: 'webgpu', checkpointStep: before.checkpointStep });
  expect(interrupted.message).toMatch(/Continue goes on from step \d+/);

  await ask(studio, 'training.resume', { runId: id });
  await until(studio, id, 'further', (run) => run.checkpointStep! > interrupted.checkpointStep!);
  expect((await pause(id)).step).toBeGreaterThan(interrupted.checkpointStep!);

  const onProcessor = await start('wasm');
  await until(studio, onProcessor, 'on its way', (run) => run.step > 1);
  await pause(onProcessor);
  const expected = await firstLosses(onProcessor);
  (await firstLosses(id)).forEach((loss, k) => expect(loss / expected[k]).toBeCloseTo(1, 3));
});

/** The process of the only run that is trained, as it wrote it itself. */
function trainerPid(): number {
  const runs = join(directory, 'runs');
  const file = readdirSync(runs).flatMap((run) =>
    readdirSync(join(runs, run)).flatMap((name) => (name === 'trainer.pid' ? [join(runs, run, name)] : [])),
  );
  return Number(readFileSync(file[0], 'utf8').split(' ')[0]);
}
