/** A training in lines of text before it begins: what `train --dry-run` says. */
import { type MathMode, OPEN_ENDED_STEPS, type RunConfiguration } from '@core/experiment/run';
import type { TrainingPlan } from '@core/experiment/training-plan';

export function describePlan(
  { network, steps, minutes, batchSize, learningRate, schedule, seed }: RunConfiguration,
  { engine, boxes, parameters, trainImages, epochs, checkpointBytes, memory, freeBytes, totalBytes }: TrainingPlan,
  math: MathMode,
): string {
  const { width, height } = network.input;
  const length = [
    steps < OPEN_ENDED_STEPS ? `${steps} steps` : null,
    minutes === null ? null : `at most ${minutes} minutes`,
    `batch ${batchSize}`,
    epochs === null ? null : `${Number(epochs.toPrecision(3))} epochs`,
  ];
  const lines: [string, string][] = [
    ['detector', `${network.architecture}, ${width}x${height}, ${boxes} default boxes, ${parameters} parameters`],
    ['engine', `${engine}, ${math}`],
    ['pictures', `${trainImages} to train on`],
    ['length', length.filter(Boolean).join(', ')],
    ['learning rate', `${learningRate}, ${schedule.kind}, warm-up ${schedule.warmupSteps} steps, seed ${seed}`],
    [
      'memory',
      `about ${gigabytes(memory.mainBytes)}; this machine has ${gigabytes(totalBytes)}, ${gigabytes(freeBytes)} free`,
    ],
    ...(memory.deviceBytes === null
      ? []
      : [['on the GPU', `about ${gigabytes(memory.deviceBytes)}`] as [string, string]]),
    ['checkpoint', `${(checkpointBytes / 1e6).toFixed(1)} MB each, three at most`],
  ];
  const widest = Math.max(...lines.map(([name]) => name.length));
  return [...lines.map(([name, text]) => `${name.padEnd(widest)}  ${text}`), ...warning(memory)].join('\n');
}

function warning({ fits, fittingBatch }: TrainingPlan['memory']): string[] {
  if (fits) return [];
  return [
    fittingBatch === null
      ? 'It does not fit into the memory that is free, nor does a batch of 1: a smaller input or network needs less.'
      : `It does not fit into the memory that is free. A batch of ${fittingBatch} would.`,
  ];
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
