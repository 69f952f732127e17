import type { RateSearch } from '@core/contract/runs';
import type { WeightsSource } from '@core/contract/weights';
import { configurationDifferences } from '@core/experiment/differences';
import {
  findRate,
  type RateFinding,
  type RateRange,
  type RateSample,
  USUAL_RATE_RANGE,
} from '@core/experiment/learning-rate-finder';
import type { RunConfiguration } from '@core/experiment/run';
import { project } from '../../app/state/project.svelte';
import { operations } from '../../app/state/operations.svelte';
import { isCancelled, call, listen } from '../../app/studio';

/** The learning-rate finder of the new run. It goes on while another screen is shown. */
class RateFinder {
  range = $state.raw<RateRange>(USUAL_RATE_RANGE);
  samples = $state.raw<readonly RateSample[]>([]);
  /** Of the samples: what was asked for, and with which settings. */
  tested = $state.raw<{ readonly range: RateRange; readonly configuration: RunConfiguration } | null>(null);
  /** Once it has ended by itself. */
  search = $state.raw<RateSearch | null>(null);
  problem = $state.raw<unknown>(null);
  /** A rate that was clicked instead of the suggested one. */
  picked = $state<number | null>(null);
  /** Of the project that it was opened in. */
  #directory = $state<string | null>(null);
  #operation = $state<string | null>(null);

  readonly open = $derived(this.#directory !== null && this.#directory === project.info?.directory);
  readonly running = $derived(this.#operation !== null);
  readonly finding: RateFinding | null = $derived(
    this.search === null ? null : findRate(this.search.samples, this.search.range),
  );
  readonly rate = $derived(this.picked ?? this.finding?.suggestion?.rate ?? null);

  constructor() {
    listen('rate.tried', ({ operationId, sample }) => {
      if (operationId === this.#operation) this.samples = [...this.samples, sample];
    });
  }

  /** Tries the rates of `range` with what would be trained. */
  async find(configuration: RunConfiguration, weights: WeightsSource | undefined) {
    if (this.running) return;
    const { range } = this;
    this.#clear();
    this.#directory = project.info?.directory ?? null;
    this.tested = { range, configuration };
    try {
      this.search = await operations.run('Learning-rate finder', (operationId) => {
        this.#operation = operationId;
        return call('training.findRate', { configuration, weights, range, operationId });
      });
      this.samples = this.search.samples;
    } catch (error) {
      if (!isCancelled(error)) this.problem = error;
    }
    this.#operation = null;
  }

  cancel() {
    return this.#operation === null ? Promise.resolve() : operations.cancel(this.#operation);
  }

  /** Ends what runs and forgets what it found. */
  async close() {
    await this.cancel();
    this.#clear();
    this.#directory = null;
  }

  #clear() {
    this.samples = [];
    this.tested = this.search = this.problem = this.picked = null;
  }

  /** What decides the curve and is set differently now, in words. */
  changedSince(configuration: RunConfiguration): readonly string[] {
    if (this.tested === null) return [];
    const { learningRate, steps, minutes, schedule, earlyStopping, averageWeights } = this.tested.configuration;
    const { checkpointEverySteps, evaluateEverySteps, detection } = this.tested.configuration;
    const length = { learningRate, steps, minutes, schedule, earlyStopping, averageWeights };
    const records = { checkpointEverySteps, evaluateEverySteps, detection };
    return configurationDifferences(this.tested.configuration, { ...configuration, ...length, ...records }).map(
      ({ setting }) => setting,
    );
  }
}

export const rateFinder = new RateFinder();

/** The curve of the samples as a plot takes it: each loss behind the smoothed ones; what is above the top is drawn at the edge. */
export function rateSeries(samples: readonly RateSample[], smoothed: readonly number[]) {
  const finite = smoothed.filter(Number.isFinite);
  const least = finite.reduce((low, value) => Math.min(low, value), Infinity);
  const first = finite[0] ?? 0;
  // A diverging end is not to flatten the descent before it.
  const top = Math.max(
    first * 1.25,
    Math.min(2 * first, finite.reduce((most, value) => Math.max(most, value), 0) * 1.1),
  );
  const points = (values: readonly number[]) => samples.map(({ rate }, i) => [rate, Math.min(values[i], top)] as const);
  return {
    y: { min: Math.max(0, least - (top - least) * 0.15), max: top },
    series: [
      {
        id: 'raw',
        label: 'each step',
        colour: 'color-mix(in srgb, var(--text-muted) 45%, transparent)',
        points: points(samples.map(({ loss }) => loss)),
      },
      { id: 'smoothed', label: 'smoothed', colour: 'var(--accent-text)', points: points(smoothed) },
    ],
  };
}
