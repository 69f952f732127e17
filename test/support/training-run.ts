/** A run's folder with a small snapshot, and a compute process on it whose messages are collected. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_AUGMENTATION } from '@core/augment/configuration';
import { EARLIER_SETTINGS, type RunConfiguration } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import { presetDefaultBoxes } from '@core/priors/presets';
import type {
  ComputeHandle,
  ComputeJob,
  ComputeMessage,
  ComputeResult,
  RunSnapshot,
  SnapshotImage,
} from '../../src-main/services/ports';
import { createChildLauncher } from '../../src-main/workers/child-launcher';

const network: NetworkChoice = { architecture: 'slim320', widthMultiplier: 1, input: { width: 128, height: 96 } };

export const SMALL_RUN: RunConfiguration = {
  ...EARLIER_SETTINGS,
  network,
  defaultBoxes: presetDefaultBoxes(network),
  steps: 12,
  minutes: null,
  batchSize: 3,
  learningRate: 0.01,
  schedule: { kind: 'cosine', warmupSteps: 3 },
  momentum: 0.9,
  weightDecay: 5e-4,
  alpha: 1,
  negativesPerPositive: 3,
  matchingThreshold: 0.5,
  augment: {
    ...NO_AUGMENTATION,
    horizontalFlip: { probability: 0.5 },
    zoomIn: { probability: 0.5, minScale: 0.5, rule: 'atLeastOne' },
  },
  engine: 'wasm',
  seed: 3,
  checkpointEverySteps: 5,
  evaluateEverySteps: 0,
};

export function writeRun(
  directory: string,
  images: readonly SnapshotImage[],
  changes: Partial<RunConfiguration> = {},
  val: readonly SnapshotImage[] = [],
): string {
  mkdirSync(directory, { recursive: true });
  const snapshot: RunSnapshot = {
    version: 1,
    configuration: { ...SMALL_RUN, ...changes },
    classNames: ['red', 'blue'],
    datasetHash: 'test',
    train: images,
    val,
  };
  writeFileSync(join(directory, 'snapshot.json'), JSON.stringify(snapshot));
  return directory;
}

export interface RunningJob {
  readonly handle: ComputeHandle;
  readonly messages: readonly ComputeMessage[];
  /** Resolves with the first message that fits, also one that came before. Rejects when the process ends without one. */
  until<K extends ComputeMessage['kind']>(
    kind: K,
    fits?: (message: Extract<ComputeMessage, { kind: K }>) => boolean,
  ): Promise<Extract<ComputeMessage, { kind: K }>>;
  readonly exited: Promise<{ readonly code: number | null; readonly output: string }>;
}

export function startJob(script: string, job: ComputeJob): RunningJob {
  const messages: ComputeMessage[] = [];
  const watchers = new Set<() => void>();
  let exited!: RunningJob['exited'];
  let handle!: ComputeHandle;
  let over: string | null = null;
  const notify = (): void => watchers.forEach((watch) => watch());
  exited = new Promise((resolve) => {
    handle = createChildLauncher({}, script).launch(job, {
      message(message) {
        messages.push(message);
        notify();
      },
      exit(code, output = '') {
        over = `the process ended with ${code}: ${output}\n${JSON.stringify(messages.at(-1))}`;
        resolve({ code, output });
        notify();
      },
    });
  });
  return {
    handle,
    messages,
    exited,
    until(kind, fits = () => true) {
      return new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = messages.find((message) => message.kind === kind && fits(message as never));
          if (!found && over === null) return;
          watchers.delete(watch);
          if (found) resolve(found as never);
          else reject(new Error(over ?? ''));
        };
        watchers.add(watch);
        watch();
      });
    },
  };
}

/** Trains to the end and returns the result. */
export async function trainToEnd(
  script: string,
  runDirectory: string,
  resume = false,
): Promise<Extract<ComputeResult, { kind: 'train' }> & { readonly messages: readonly ComputeMessage[] }> {
  const job = startJob(script, { kind: 'train', runDirectory, resume });
  const { result } = await job.until('done');
  await job.exited;
  if (result.kind !== 'train') throw new Error(`a ${result.kind} instead of a training`);
  return { ...result, messages: job.messages };
}
