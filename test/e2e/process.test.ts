import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { LabelledObject } from '@core/dataset/model';
import {
  ask,
  call,
  computeProcessIds,
  killNine,
  launch,
  quit,
  serviceProcessIds,
  type Application,
} from './application';
import { hasCheckpoint, projectOfShapes, reaches, runState, tinyConfiguration, until } from './training-project';

let studio: Application;
afterEach(async () => {
  if (studio.electron.process().exitCode === null && studio.electron.process().signalCode === null) await quit(studio);
});

/** The same person starts the app again and opens the project from the recent ones. */
async function comeBack(): Promise<void> {
  studio = await launch(studio.home);
  const [recent] = await ask(studio, 'projects.recent');
  await ask(studio, 'projects.open', { directory: recent.directory });
}

const box = (id: string, x1: number): LabelledObject => ({
  id,
  classId: 1,
  box: { x1, y1: 10, x2: x1 + 20, y2: 40 },
  difficult: false,
  truncated: false,
  crowd: false,
});

describe('a training of the usual size', () => {
  it('has the memory it needs, which TensorFlow takes in pieces of up to 2 GiB', async () => {
    studio = await launch();
    await projectOfShapes(studio, 8);
    const network = { architecture: 'rfb320', widthMultiplier: 1, input: { width: 320, height: 240 } } as const;
    const suggested = await ask(studio, 'training.suggest', { network });
    const configuration = {
      ...suggested,
      engine: 'tensorflow',
      batchSize: 24,
      steps: 2,
      evaluateEverySteps: 0,
    } as const;
    const { id } = await ask(studio, 'training.start', { configuration });
    expect(await reaches(studio, id, 'finished')).toMatchObject({ step: 2 });
  });
});

describe('when the trainer is killed', () => {
  it('the window lives, the run says so, and goes on from its checkpoint', async () => {
    studio = await launch();
    await projectOfShapes(studio, 8);
    const { id } = await ask(studio, 'training.start', { configuration: await tinyConfiguration(studio, 1_000) });
    await hasCheckpoint(studio, id);
    const [trainer] = computeProcessIds(studio, 'train');
    process.kill(trainer, 'SIGKILL');
    const interrupted = await reaches(studio, id, 'interrupted');
    expect(interrupted.message).toMatch(/killed.*Continue goes on from step \d+/);
    expect(await studio.page.title()).toContain('SSD Studio');

    await ask(studio, 'training.resume', { runId: id });
    const { step } = await until(
      studio,
      id,
      'further',
      (run) => run.step > interrupted.step && run.state === 'running',
    );
    expect(step).toBeGreaterThan(interrupted.checkpointStep!);
    await ask(studio, 'training.pause', { runId: id });
    const paused = await reaches(studio, id, 'paused');
    expect(paused.checkpointStep).toBe(paused.step);
  });
});

describe('when the service process is killed', () => {
  it('requests in flight are answered with an error, a new one opens the project again', async () => {
    studio = await launch();
    const directory = await projectOfShapes(studio, 4);
    const [before] = await serviceProcessIds(studio);
    process.kill(before, 'SIGSTOP'); // so that the request is surely on its way when the process dies
    const inFlight = call(studio, 'images.summary');
    await studio.page.waitForTimeout(200);
    process.kill(before, 'SIGKILL');
    expect(await inFlight).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect((await ask(studio, 'projects.current'))?.directory).toBe(directory);
    expect((await ask(studio, 'images.summary')).images).toBe(5);
    const [after] = await serviceProcessIds(studio);
    expect(after).not.toBe(before);
  });
});

describe('when the app is killed', () => {
  it('while labelling, every box that was confirmed is there after the restart', async () => {
    studio = await launch();
    await projectOfShapes(studio, 3);
    const [image] = (await ask(studio, 'images.list', { filter: {}, offset: 0, limit: 1 })).images;
    const confirmed: string[] = [];
    // Boxes are drawn without a pause while the app dies in the middle of it.
    const drawing = (async () => {
      for (let k = 0; ; k++) {
        const object = { ...box(randomUUID(), k % 200), classId: image.objects[0]?.classId ?? 1 };
        const answer = await call(studio, 'annotate.apply', { imageId: image.id, changes: [{ kind: 'put', object }] });
        if (answer.ok) confirmed.push(object.id);
      }
    })().catch(() => undefined);
    await studio.page.waitForTimeout(1_000);
    await killNine(studio);
    await drawing;
    expect(confirmed.length).toBeGreaterThan(10);

    await comeBack();
    const { objects } = await ask(studio, 'images.get', { id: image.id });
    const there = new Set(objects.map(({ id }) => id));
    expect(confirmed.filter((id) => !there.has(id))).toEqual([]);
  });

  it('while training, the run is interrupted at the next start and goes on', async () => {
    studio = await launch();
    await projectOfShapes(studio, 8);
    const { id } = await ask(studio, 'training.start', { configuration: await tinyConfiguration(studio, 1_000) });
    const { checkpointStep } = await hasCheckpoint(studio, id);
    const [trainer] = computeProcessIds(studio, 'train');
    await killNine(studio);
    await expect.poll(() => isAlive(trainer), { timeout: 15_000 }).toBe(false);

    await comeBack();
    const interrupted = await runState(studio, id);
    expect(interrupted).toMatchObject({ state: 'interrupted' });
    expect(interrupted.message).toContain('The application ended');
    await ask(studio, 'training.resume', { runId: id });
    await until(studio, id, 'further', (run) => run.step > checkpointStep!);
    const { metrics } = await ask(studio, 'runs.metrics', { runId: id });
    const steps = metrics.map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    await ask(studio, 'training.stop', { runId: id });
    await reaches(studio, id, 'stopped');
  });
});

describe('when the window is closed while a run is trained', () => {
  it('the run is paused at a checkpoint and can be continued at the next start', async () => {
    studio = await launch();
    await projectOfShapes(studio, 8);
    const { id } = await ask(studio, 'training.start', { configuration: await tinyConfiguration(studio, 1_000) });
    await until(studio, id, 'training', (run) => run.step > 0);
    await quit(studio);

    await comeBack();
    const paused = await runState(studio, id);
    expect(paused.state).toBe('paused');
    expect(paused.checkpointStep).toBe(paused.step);
    await ask(studio, 'training.resume', { runId: id });
    await until(studio, id, 'further', (run) => run.step > paused.step);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
