import { describe, expect, it } from 'vitest';
import type { RunConfiguration } from '@core/experiment/run';
import { suggestConfiguration } from '@core/experiment/suggest';
import { planTraining, type PlanFacts } from '@core/experiment/training-plan';
import type { ArchitectureId } from '@core/network/description';
import { countParameters } from '@core/network/parameters';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';

const NO_OBJECTS = { imageId: [], classId: [], x1: [], y1: [], x2: [], y2: [] };
const FACTS: PlanFacts = { classes: 3, trainImages: 205, engine: 'tensorflow', freeBytes: 20e9, totalBytes: 24e9 };

function settingsOf(architecture: ArchitectureId, changes: Partial<RunConfiguration> = {}): RunConfiguration {
  const facts = { classes: 3, trainImages: 205, objects: NO_OBJECTS };
  return { ...suggestConfiguration(defaultChoice(architecture), facts, null), ...changes };
}

describe('the plan of a training', () => {
  it('counts boxes, parameters, epochs and a checkpoint of weights, momentum and average', () => {
    const configuration = settingsOf('rfb320', { steps: 1708, batchSize: 24 });
    const plan = planTraining(configuration, FACTS);
    const perCell = configuration.defaultBoxes.sources.map(boxesPerCell);
    const trainable = countParameters(buildNetwork(configuration.network, 4, perCell));
    expect(plan).toMatchObject({ boxes: 4420, parameters: trainable });
    expect(plan.epochs).toBeCloseTo((1708 * 24) / 205, 9);
    expect(plan.checkpointBytes).toBeGreaterThan(8 * trainable);
    const averaged = planTraining({ ...configuration, averageWeights: 0.999 }, FACTS);
    expect(averaged.checkpointBytes - plan.checkpointBytes).toBe(plan.checkpointBytes - 4 * trainable);
  });

  it('has no epochs where the minutes decide', () => {
    expect(planTraining(settingsOf('rfb320', { steps: 10_000_000, minutes: 15 }), FACTS).epochs).toBeNull();
  });

  it('needs more memory for larger batches and inputs, less for a frozen base', () => {
    const bytes = (changes: Partial<RunConfiguration>) =>
      planTraining(settingsOf('rfb320', changes), FACTS).memory.mainBytes;
    expect(bytes({ batchSize: 24 })).toBeGreaterThan(bytes({ batchSize: 12 }) + 3e8);
    expect(bytes({ frozen: 'base' })).toBeLessThan(bytes({}) - 3e8);
    const larger = { ...defaultChoice('rfb320'), input: { width: 640, height: 480 } };
    expect(bytes({ network: larger })).toBeGreaterThan(2 * bytes({}));
  });

  it('names the largest batch that fits, and none where even one picture does not', () => {
    const configuration = settingsOf('ssd300', { batchSize: 32 });
    const roomy = planTraining(configuration, { ...FACTS, freeBytes: 100e9 });
    expect(roomy.memory).toMatchObject({ fits: true, fittingBatch: null });
    const facts = { ...FACTS, freeBytes: 5e9 };
    const { memory } = planTraining(configuration, facts);
    expect(memory.fits).toBe(false);
    const batchSize = memory.fittingBatch!;
    expect(planTraining({ ...configuration, batchSize }, facts).memory.fits).toBe(true);
    expect(planTraining({ ...configuration, batchSize: batchSize + 1 }, facts).memory.fits).toBe(false);
    expect(planTraining(configuration, { ...FACTS, freeBytes: 0.6e9 }).memory).toMatchObject({
      fits: false,
      fittingBatch: null,
    });
  });

  it('counts a GPU by itself', () => {
    const [gpu, cpu] = (['cuda', 'tensorflow'] as const).map(
      (engine) => planTraining(settingsOf('ssd300'), { ...FACTS, engine }).memory,
    );
    expect(cpu.deviceBytes).toBeNull();
    expect(gpu.deviceBytes).toBeGreaterThan(1e9);
    expect(gpu.mainBytes).toBeLessThan(cpu.mainBytes);
  });
});
