/** What a training run carries from step to step, and how it comes from its checkpoints and goes there. */
import { NO_VALIDATIONS, type ValidationHistory } from '@core/experiment/early-stopping';
import type { RunConfiguration } from '@core/experiment/run';
import { readNewestCheckpoint, removeCheckpoints, writeBest, writeCheckpoint } from './checkpoint';
import type { Model } from './executor';
import type { NamedTensor } from './executor-parameters';
import { truncateMetrics } from './metrics-log';
import type { Trainer } from './optimiser-step';
import { truncatePreviews } from './preview-log';
import { beginningWeights } from './start-weights';
import type { SuspectWatch } from './suspect-watch';
import { type WeightAverage, weightAverage } from './weight-average';

/** Of a run that was set back once: its steps are half as long from there on. */
const ROLLED_BACK_RATE = 0.5;

export class TrainState {
  /** Whole steps done. */
  step = 0;
  validations: ValidationHistory = NO_VALIDATIONS;
  rolledBackFrom: number | null = null;
  readonly average: WeightAverage | null;
  /** The step of the newest checkpoint; -1 before the first. */
  private saved = -1;
  private readonly fresh: readonly NamedTensor[];

  private constructor(
    private readonly runDirectory: string,
    configuration: RunConfiguration,
    private readonly model: Model,
    private readonly trainer: Trainer,
    private readonly suspects: SuspectWatch,
    private readonly warn: (message: string) => void,
    fresh: readonly NamedTensor[],
  ) {
    this.fresh = fresh;
    this.average = configuration.averageWeights > 0 ? weightAverage(model, configuration.averageWeights) : null;
  }

  /**
   * The state of the newest checkpoint when the run is resumed and has one; otherwise that of its beginning, with the weights of
   * the file that it begins from, if there is one. Returns also the seconds of training so far.
   */
  static async open(
    { runDirectory, resume }: { readonly runDirectory: string; readonly resume: boolean },
    configuration: RunConfiguration,
    model: Model,
    trainer: Trainer,
    suspects: SuspectWatch,
    warn: (message: string) => void,
  ): Promise<{ state: TrainState; seconds: number }> {
    if (!resume) await removeCheckpoints(runDirectory);
    const first = await beginningWeights(model, configuration, runDirectory);
    const state = new TrainState(runDirectory, configuration, model, trainer, suspects, warn, first);
    return { state, seconds: await state.restore() };
  }

  /** Times the learning rate that the configuration asks for. */
  get rateFactor(): number {
    return this.rolledBackFrom === null ? 1 : ROLLED_BACK_RATE;
  }

  /** A step has been taken. */
  advance(): void {
    this.step++;
    this.average?.update(this.step);
  }

  /** Goes on from the newest checkpoint or the beginning with half the learning rate, and writes that down. */
  async rollBack(seconds: number): Promise<void> {
    const rolledBackFrom = this.step + 1;
    const { best } = this.validations;
    await this.restore();
    // The best checkpoint is still there: what comes now has to be better than that one, not than what it was better than.
    if (best !== null && best.step > this.step) this.validations = { ...this.validations, best, sinceBest: 0 };
    this.rolledBackFrom = rolledBackFrom;
    await this.save(seconds, true);
  }

  /** Writes a checkpoint unless there is one of this step; returns whether it did. */
  async save(seconds: number, again = false): Promise<boolean> {
    if (this.saved === this.step && !again) return false;
    const { step, validations, rolledBackFrom } = this;
    const weights = await this.model.readWeights();
    const optimiser = await this.trainer.optimiser.readState();
    const average = (await this.average?.readState()) ?? [];
    // First, so that every checkpoint has them; where the disk is full the checkpoint says so.
    await this.suspects.save(step).catch((error: unknown) => this.warn(notKept(error)));
    await writeCheckpoint(this.runDirectory, {
      step,
      seconds,
      weights,
      optimiser,
      average,
      validations,
      rolledBackFrom,
    });
    this.saved = step;
    return true;
  }

  /** Keeps the weights that predict as the best checkpoint. */
  async saveBest(meanAveragePrecision: number): Promise<void> {
    const weights = (await this.average?.readState()) ?? (await this.model.readWeights());
    await writeBest(this.runDirectory, { step: this.step, weights, meanAveragePrecision });
  }

  dispose(): void {
    this.average?.dispose();
  }

  /** Puts the newest checkpoint or the beginning in place and cuts the metrics back to it. */
  private async restore(): Promise<number> {
    const checkpoint = await readNewestCheckpoint(this.runDirectory, this.warn);
    this.model.writeWeights(checkpoint?.weights ?? this.fresh);
    // A weight file that was brought in has a checkpoint without an optimiser.
    if (checkpoint !== null && checkpoint.optimiser.length > 0) this.trainer.optimiser.writeState(checkpoint.optimiser);
    else this.trainer.optimiser.reset();
    const average = checkpoint !== null && checkpoint.average.length > 0 ? checkpoint.average : null;
    this.average?.writeState(average ?? (await this.model.readWeights()));
    this.step = checkpoint?.step ?? 0;
    this.validations = checkpoint?.validations ?? NO_VALIDATIONS;
    this.rolledBackFrom = checkpoint?.rolledBackFrom ?? null;
    this.saved = checkpoint?.step ?? -1;
    await truncateMetrics(this.runDirectory, this.step);
    await truncatePreviews(this.runDirectory, this.step);
    await this.suspects.restore(this.step);
    return checkpoint?.seconds ?? 0;
  }
}

const notKept = (error: unknown): string =>
  `The list of suspected missing labels could not be written: ${error instanceof Error ? error.message : String(error)}.`;
