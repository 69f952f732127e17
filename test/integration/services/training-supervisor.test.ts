import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { detectorStep, type MetricRecord, type RunConfiguration } from '@core/experiment/run';
import type { ProjectStore } from '../../../src-main/services/ports';
import { markInterruptedRuns, TrainingSupervisor } from '../../../src-main/services/training-supervisor';
import { createProject } from '../../../src-main/store/project-store';
import { ScriptedLauncher } from '../../support/scripted-launcher';

let store: ProjectStore;
let launcher: ScriptedLauncher;
let supervisor: TrainingSupervisor;
let events: [string, Record<string, unknown>][];
let runId: number;

const metric = (step: number) => ({ step, confidenceLoss: 1 }) as MetricRecord;
const finished = (ended: 'finished' | 'paused' | 'stopped', step: number) =>
  ({ kind: 'done', result: { kind: 'train', ended, step, endedEarly: null } }) as const;
const newRun = (): number =>
  store.createRun({
    name: 'RFB-320, run 1',
    configuration: { steps: 100 } as RunConfiguration,
    classNames: ['cell'],
    datasetHash: 'x',
  }).id;

beforeEach(() => {
  store = createProject(join(mkdtempSync(join(tmpdir(), 'ssd-studio-training-')), 'p'), 'Cells', ['cell']);
  launcher = new ScriptedLauncher();
  events = [];
  supervisor = new TrainingSupervisor(launcher, (name, payload) => void events.push([name, { ...payload }]));
  runId = newRun();
});
afterEach(async () => {
  vi.useRealTimers();
  await supervisor.pauseAndWait(0);
  store.close();
});

describe('a training', () => {
  it('is running from its launch, and its run learns engine, checkpoints and end', () => {
    expect(supervisor.launch(store, runId, false)).toMatchObject({ state: 'running', engine: null });
    expect(launcher.last.job).toEqual({ kind: 'train', runDirectory: store.runDirectory(runId), resume: false });
    launcher.last.say({ kind: 'ready', engine: 'tensorflow' });
    launcher.last.say({ kind: 'checkpoint', step: 50 });
    expect(store.run(runId)).toMatchObject({ state: 'running', engine: 'tensorflow', checkpointStep: 50, step: 50 });
    launcher.last.say(finished('finished', 100));
    launcher.last.exit(0);
    expect(store.run(runId)).toMatchObject({ state: 'finished', step: 100, checkpointStep: 100, message: null });
    expect(events.filter(([name]) => name === 'run.changed').map(([, run]) => run.state)).toEqual([
      'running',
      'running',
      'running',
      'finished',
    ]);
  });

  it('does not begin beside a test of learning rates, nor that beside a training', async () => {
    let end!: () => void;
    const test = supervisor.exclusively('A test', () => new Promise<void>((resolve) => (end = resolve)));
    expect(() => supervisor.launch(store, runId, false)).toThrow('A test is under way.');
    end();
    await test;
    supervisor.launch(store, runId, false);
    await expect(supervisor.exclusively('A test', async () => {})).rejects.toThrow(/is being trained/);
    launcher.last.say(finished('finished', 100));
    await expect(supervisor.exclusively('A test', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    supervisor.requireIdle();
  });

  it('relays metrics at most ten times a second, none lost', () => {
    vi.useFakeTimers();
    supervisor.launch(store, runId, false);
    for (let step = 1; step <= 30; step++) {
      launcher.last.say({ kind: 'metrics', metrics: [metric(step)], validations: [], secondsLeft: 30 - step });
      vi.advanceTimersByTime(20);
    }
    launcher.last.say(finished('finished', 30));
    const relayed = events.filter(([name]) => name === 'run.metrics').map(([, payload]) => payload);
    expect(relayed.length).toBeLessThanOrEqual(7);
    expect(relayed.flatMap(({ metrics }) => (metrics as MetricRecord[]).map(({ step }) => step))).toEqual(
      Array.from({ length: 30 }, (_, k) => k + 1),
    );
  });

  it('shows its newest step although the database learns it at checkpoints only', () => {
    supervisor.launch(store, runId, false);
    launcher.last.say({ kind: 'metrics', metrics: [metric(7)], validations: [], secondsLeft: null });
    expect(store.run(runId)!.step).toBe(0);
    expect(supervisor.live(store.run(runId)!).step).toBe(7);
  });

  it('keeps the average precision of its best checkpoint, and which that is', () => {
    supervisor.launch(store, runId, false);
    launcher.last.say({ kind: 'best', step: 10, meanAveragePrecision: 0.4 });
    const validations = [{ step: 20, meanAveragePrecision: 0.3, averagePrecision: [] }];
    launcher.last.say({ kind: 'metrics', metrics: [], validations, secondsLeft: null });
    launcher.last.say(finished('finished', 20));
    const run = store.run(runId)!;
    expect(run).toMatchObject({ meanAveragePrecision: 0.4, bestStep: 10, checkpointStep: 20, message: null });
    expect(detectorStep(run)).toBe(10);
  });

  it('says why it ended early', () => {
    supervisor.launch(store, runId, false);
    const result = { kind: 'train', ended: 'finished', step: 20, endedEarly: 'No better.' } as const;
    launcher.last.say({ kind: 'done', result });
    expect(store.run(runId)).toMatchObject({ state: 'finished', message: 'No better.' });
  });

  it('is set back with its listeners when its loss stopped being a number', () => {
    supervisor.launch(store, runId, false);
    launcher.last.say({ kind: 'metrics', metrics: [metric(30)], validations: [], secondsLeft: 1 });
    launcher.last.say({ kind: 'rollback', step: 20, message: 'Half the learning rate.' });
    expect(store.run(runId)).toMatchObject({ step: 20, checkpointStep: 20, message: 'Half the learning rate.' });
    const told = events.filter(([name]) => name === 'run.metrics').map(([, payload]) => payload);
    expect(told).toMatchObject([{ metrics: [{ step: 30 }] }, { metrics: [], rolledBackTo: 20 }]);
    launcher.last.exit(null);
    expect(store.run(runId)).toMatchObject({ state: 'interrupted', step: 20 });
  });

  it('is the only one: another is refused with advice', () => {
    supervisor.launch(store, runId, false);
    const failure = expect.objectContaining({
      code: 'busy',
      advice: expect.stringContaining('Pause') as string,
    }) as Error;
    expect(() => supervisor.launch(store, newRun(), false)).toThrow(failure);
    expect(launcher.processes).toHaveLength(1);
  });

  it('pauses by order, and can be continued after', () => {
    supervisor.launch(store, runId, false);
    supervisor.order(runId, 'pause');
    expect(launcher.last.orders).toEqual(['pause']);
    expect(store.run(runId)!.state).toBe('running');
    launcher.last.say(finished('paused', 33));
    expect(store.run(runId)).toMatchObject({ state: 'paused', checkpointStep: 33 });
    expect(supervisor.launch(store, runId, true).state).toBe('running');
  });

  it('that is killed is marked interrupted, with the reason and the step that Continue starts from', () => {
    supervisor.launch(store, runId, false);
    launcher.last.say({ kind: 'checkpoint', step: 40 });
    launcher.last.say({ kind: 'metrics', metrics: [metric(45)], validations: [], secondsLeft: null });
    launcher.last.exit(null);
    expect(store.run(runId)).toMatchObject({
      state: 'interrupted',
      step: 45,
      checkpointStep: 40,
      message: 'The training process ended unexpectedly: it was killed. Continue goes on from step 40.',
    });
    supervisor.requireIdle();
  });

  it('that fails keeps its words', () => {
    supervisor.launch(store, runId, false);
    launcher.last.say({ kind: 'failed', message: 'The loss is not finite.', advice: 'Lower the learning rate.' });
    launcher.last.exit(1);
    expect(store.run(runId)).toMatchObject({
      state: 'failed',
      message: 'The loss is not finite. Lower the learning rate.',
    });
  });

  it('that does not reach a checkpoint in time when the project closes is ended', async () => {
    vi.useFakeTimers();
    supervisor.launch(store, runId, false);
    const waiting = supervisor.pauseAndWait(1_000);
    expect(launcher.last.orders).toEqual(['pause']);
    await vi.advanceTimersByTimeAsync(1_000);
    await waiting;
    expect(launcher.last.killed).toBe(true);
    expect(store.run(runId)!.state).toBe('interrupted');
  });

  it('of before hears nothing more once another one runs', () => {
    supervisor.launch(store, runId, false);
    const first = launcher.last;
    first.say(finished('stopped', 5));
    supervisor.launch(store, newRun(), false);
    first.exit(0);
    first.say({ kind: 'checkpoint', step: 99 });
    expect(store.run(runId)).toMatchObject({ state: 'stopped', step: 5 });
  });
});

describe('opening a project', () => {
  it('marks runs that nobody trains any more as interrupted, the others stay', () => {
    const done = newRun();
    store.updateRun(done, { state: 'finished' });
    store.updateRun(runId, { state: 'running', checkpointStep: 20 });
    const elsewhere = newRun();
    store.updateRun(elsewhere, { state: 'running' });
    markInterruptedRuns(store, (directory) => directory === store.runDirectory(elsewhere));
    expect(store.run(elsewhere)!.state).toBe('running');
    expect(store.run(done)!.state).toBe('finished');
    expect(store.run(runId)).toMatchObject({
      state: 'interrupted',
      message: 'The application ended while this run was being trained. Continue goes on from step 20.',
    });
  });
});
