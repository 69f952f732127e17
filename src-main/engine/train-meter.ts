/** Sums up training steps into the metric records of a run. */
import type { MetricRecord } from '@core/experiment/run';
import type { StepResult } from './optimiser-step';

/** About ten records a second at most. */
const RECORD_SECONDS = 0.1;

export class TrainMeter {
  private steps = 0;
  private pictures = 0;
  private busySeconds = 0;
  private confidenceLoss = 0;
  private localisationLoss = 0;
  private gradientNorm = 0;
  private positives: number[] = [];
  private confidencePerSource: number[] = [];
  private localisationPerSource: number[] = [];
  private readonly totals = { steps: 0, busySeconds: 0 };

  /** One finished step and the seconds it took, its wait for the batch included. */
  add(
    result: Omit<StepResult, 'positives'>,
    pictures: number,
    positivesPerSource: readonly number[],
    seconds: number,
  ): void {
    this.steps++;
    this.pictures += pictures;
    this.busySeconds += seconds;
    this.confidenceLoss += result.confidenceLoss;
    this.localisationLoss += result.localisationLoss;
    this.gradientNorm += result.gradientNorm;
    this.positives = added(this.positives, positivesPerSource);
    this.confidencePerSource = added(this.confidencePerSource, result.confidenceLossPerSource);
    this.localisationPerSource = added(this.localisationPerSource, result.localisationLossPerSource);
    this.totals.steps++;
    this.totals.busySeconds += seconds;
  }

  /** Whether the steps since the last record are worth one. */
  get due(): boolean {
    return this.steps > 0 && this.busySeconds >= RECORD_SECONDS;
  }

  /** Mean seconds of a step so far; null before the first. */
  get secondsPerStep(): number | null {
    return this.totals.steps === 0 ? null : this.totals.busySeconds / this.totals.steps;
  }

  /** The record of the steps since the last one, and starts anew; null when there were none. */
  take(step: number, seconds: number, learningRate: number): MetricRecord | null {
    if (this.steps === 0) return null;
    const record: MetricRecord = {
      step,
      seconds,
      confidenceLoss: this.confidenceLoss / this.steps,
      localisationLoss: this.localisationLoss / this.steps,
      learningRate,
      imagesPerSecond: this.pictures / this.busySeconds,
      positivesPerSource: this.positives.map((count) => count / this.pictures),
      confidenceLossPerSource: this.confidencePerSource.map((loss) => loss / this.steps),
      localisationLossPerSource: this.localisationPerSource.map((loss) => loss / this.steps),
      gradientNorm: this.gradientNorm / this.steps,
    };
    this.forget();
    return record;
  }

  /** Starts anew without a record. */
  forget(): void {
    this.steps = this.pictures = this.busySeconds = 0;
    this.confidenceLoss = this.localisationLoss = this.gradientNorm = 0;
    this.positives = [];
    this.confidencePerSource = [];
    this.localisationPerSource = [];
  }
}

const added = (sums: readonly number[], more: readonly number[]): number[] =>
  more.map((value, k) => (sums[k] ?? 0) + value);
