/** The data set is edited while a run is trained, and another process wants to train too: through the studio's own door. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelName, ChannelRequest, ChannelResponse } from '@core/contract/studio';
import type { RunConfiguration, RunSummary } from '@core/experiment/run';
import { createCudaLibraries } from '../../../src-main/cuda/cuda-libraries';
import { readNewestCheckpoint } from '../../../src-main/engine/checkpoint';
import { localFiles } from '../../../src-main/files/local-files';
import { imageReader } from '../../../src-main/images/image-reader';
import { sampleRenderer } from '../../../src-main/images/sample/renderer';
import { createThumbnails } from '../../../src-main/images/thumbnails';
import type { RunSnapshot } from '../../../src-main/services/ports';
import { createStudio, type Studio } from '../../../src-main/services/studio';
import { recentProjectsIn } from '../../../src-main/store/recent-projects';
import { readSnapshot } from '../../../src-main/engine/run-network';
import { runFiles } from '../../../src-main/store/run-files';
import { sqliteStorage } from '../../../src-main/store/storage';
import { createChildLauncher } from '../../../src-main/workers/child-launcher';
import { builtWorker } from '../../support/build';

const PROGRAM = resolve(import.meta.dirname, '../../../scripts/studio.mjs');

let home: string;
let project: string;
let studio: Studio;
/** Those who wait for a step of a run. */
const metricsListeners = new Set<(runId: number, step: number) => void>();

beforeAll(async () => {
  const compute = builtWorker('compute');
  home = mkdtempSync(join(tmpdir(), 'ssd-edits-'));
  project = join(home, 'parts');
  studio = createStudio({
    launcher: createChildLauncher({}, compute),
    cuda: createCudaLibraries(join(home, 'data')),
    runFiles,
    storage: sqliteStorage,
    recents: recentProjectsIn(join(home, 'data/recent-projects.json')),
    files: localFiles,
    reader: imageReader,
    thumbnails: { ...createThumbnails(), prepare: async () => {} },
    sample: sampleRenderer,
    preview: { show: () => Promise.reject(new Error('nobody looks')), close: async () => {} },
    documents: homedir(),
    emit: (name, payload) => {
      if (name !== 'run.metrics') return;
      const { runId, metrics } = payload as { runId: number; metrics: readonly { step: number }[] };
      for (const { step } of metrics) metricsListeners.forEach((listener) => listener(runId, step));
    },
  });
  await ask('projects.createSample', { directory: project, images: 12, operationId: 'sample' });
});
afterAll(async () => {
  await studio.close();
  rmSync(home, { recursive: true, force: true });
});

async function ask<N extends ChannelName>(name: N, request: ChannelRequest<N>): Promise<ChannelResponse<N>> {
  const answer = await studio.call(name, request);
  if (!answer.ok) throw new Error(`${name}: ${answer.error.message}`);
  return answer.value;
}

async function smallConfiguration(steps: number): Promise<RunConfiguration> {
  const network = { architecture: 'slim320', widthMultiplier: 1, input: { width: 128, height: 96 } } as const;
  const suggested = await ask('training.suggest', { network });
  return { ...suggested, steps, batchSize: 2, engine: 'wasm', checkpointEverySteps: 1_000, evaluateEverySteps: steps };
}

const ended = async (runId: number): Promise<RunSummary> => {
  for (;;) {
    const run = await ask('runs.get', { runId });
    if (run.state !== 'running' && run.state !== 'queued') return run;
    await new Promise((done) => setTimeout(done, 50));
  }
};

/** Resolves when the run has come so far. */
const reached = (runId: number, step: number): Promise<void> =>
  new Promise((done) => {
    const listener = (id: number, at: number): void => {
      if (id !== runId || at < step) return;
      metricsListeners.delete(listener);
      done();
    };
    metricsListeners.add(listener);
  });

const folderOf = (run: Pick<RunSummary, 'id'>): string => join(project, 'runs', String(run.id));
const weightsOf = async (run: RunSummary) => (await readNewestCheckpoint(folderOf(run)))?.weights;

describe('a data set that is edited while a run is trained', () => {
  it('changes nothing of the run: it ends with the weights and the validation of one that nobody disturbed', async () => {
    const configuration = await smallConfiguration(30);
    const calm = await ended((await ask('training.start', { configuration })).id);
    expect(calm).toMatchObject({ state: 'finished', step: 30 });

    const { id } = await ask('training.start', { configuration });
    const before: RunSnapshot = await readSnapshot(folderOf({ id }));
    // By then every picture has been decoded.
    await reached(id, before.train.length / 2 + 2);
    await editEverything(before);
    expect((await ask('runs.get', { runId: id })).state).toBe('running');
    const edited = await ended(id);

    expect(edited).toMatchObject({ state: 'finished', step: 30, classNames: calm.classNames, message: null });
    expect(await readSnapshot(folderOf(edited))).toEqual(before);
    expect(await weightsOf(edited)).toEqual(await weightsOf(calm));
    const [{ validations }, { validations: expected }] = await Promise.all(
      [edited, calm].map((run) => ask('runs.metrics', { runId: run.id, afterStep: -1 })),
    );
    expect(validations).toEqual(expected);
  });

  it('is what an evaluation looks at: pictures and objects as they are today, under the names the run was trained with', async () => {
    const [run] = await ask('runs.list', undefined);
    const report = await ask('evaluation.run', { runId: run.id, split: 'val', metric: 'voc', operationId: 'evaluate' });
    const { images } = await ask('images.list', { filter: { split: 'val' }, offset: 0, limit: 100 });
    expect(report.classes.map(({ className }) => className)).toEqual(run.classNames);
    const objects = images.flatMap((image) => image.objects).filter(({ difficult, crowd }) => !difficult && !crowd);
    expect(report.classes.reduce((sum, one) => sum + one.groundTruths, 0)).toBe(objects.length);
  });
});

/** A class renamed, all objects of a train and a val picture removed, a train picture gone from disk, the splits turned round. */
async function editEverything({ train, val }: RunSnapshot): Promise<void> {
  const { classes } = (await ask('projects.current', undefined))!;
  await ask('classes.rename', { id: classes[0].id, name: 'renamed' });
  for (const imageId of [train[0].id, val[0].id]) {
    const { objects } = await ask('images.get', { id: imageId });
    const changes = objects.map(({ id: objectId }) => ({ kind: 'remove', objectId }) as const);
    await ask('annotate.apply', { imageId, changes });
  }
  rmSync(train[1].path);
  await ask('images.setSplit', { ids: train.slice(2, 4).map(({ id }) => id), split: 'val' });
  await ask('images.setSplit', { ids: val.slice(1).map(({ id }) => id), split: 'train' });
}

describe('two processes that want to train in one project', () => {
  const cli = (...args: string[]): Promise<{ status: number; err: string }> =>
    new Promise((done) => {
      execFile(process.execPath, [PROGRAM, ...args], { env: environment() }, (error, _, err) =>
        done({ status: error ? Number(error.code ?? -1) : 0, err }),
      );
    });
  const environment = () => ({ ...process.env, SSD_STUDIO_DATA: join(home, 'data') });
  const TRAIN = ['train', '--model', 'slim320', '--batch', '2', '--engine', 'wasm'];
  const trainArguments = (...more: string[]): string[] => [TRAIN[0], project, ...TRAIN.slice(1), ...more];

  it('while the studio trains, the command line is refused with the name of the run, and the run goes on', async () => {
    const { id, name } = await ask('training.start', { configuration: await smallConfiguration(100_000) });
    await reached(id, 1);
    const { status, err } = await cli(...trainArguments('--steps', '3'));
    expect(status).toBe(1);
    expect(err).toContain(`${name} is being trained by another window or command line`);
    expect(err).toContain('Pause or stop it there');
    const runs = await ask('runs.list', undefined);
    expect(runs[0]).toMatchObject({ id, state: 'running' });
    await ask('training.pause', { runId: id });
    expect((await ended(id)).state).toBe('paused');
  });

  it('while the command line trains, the studio is refused the same way, until that is killed', async () => {
    const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...trainArguments('--steps', '100000')], {
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = new Promise((done) => child.once('exit', done));
    await new Promise<void>((done) => {
      child.stderr!.on('data', (chunk) => String(chunk).includes('step ') && done());
    });
    const [theirs] = await ask('runs.list', undefined);
    expect(theirs.state).toBe('running');
    for (const attempt of [
      studio.call('training.start', { configuration: await smallConfiguration(3) }),
      studio.call('training.resume', { runId: theirs.id }),
    ]) {
      const answer = await attempt;
      expect(answer).toMatchObject({ ok: false, error: { code: 'busy' } });
      expect(answer.ok ? '' : answer.error.message).toContain(`${theirs.name} is being trained by another window`);
    }
    const runs = readdirSync(join(project, 'runs')).length;
    child.kill('SIGINT');
    expect(await exited).toBe(0);
    expect(existsSync(join(folderOf(theirs), 'trainer.pid'))).toBe(false);
    expect(readdirSync(join(project, 'runs'))).toHaveLength(runs);

    await ask('training.resume', { runId: theirs.id });
    await reached(theirs.id, 1);
    await ask('training.stop', { runId: theirs.id });
    expect((await ended(theirs.id)).state).toBe('stopped');
  });
});
