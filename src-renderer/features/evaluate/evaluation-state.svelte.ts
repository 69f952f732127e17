import type { ProjectImage, Split } from '@core/dataset/model';
import type { EvaluationReport, Metric } from '@core/evaluation/report';
import { DEVKIT, VOC_IOU, type VocConvention } from '@core/evaluation/voc-convention';
import { notices } from '../../app/state/notices.svelte';
import { operations } from '../../app/state/operations.svelte';
import { call } from '../../app/studio';
import { bestThreshold, galleryOf, type GalleryFilter, type GalleryOrder } from './operating-point';

const PAGE = 500;
export const GALLERY_PAGE = 36;

/** What to compute; the threshold and the convention are VOC's. */
export interface MetricChoice {
  readonly metric: Metric;
  readonly iouThreshold: number;
  readonly convention: VocConvention;
}

export const FIRST_CHOICE: MetricChoice = { metric: 'voc', iouThreshold: VOC_IOU, convention: DEVKIT };

/** The report on screen and what is needed to show its pictures. Outlives the screen, ends with the project. */
export class EvaluationState {
  report = $state.raw<EvaluationReport | null>(null);
  images = $state.raw<ReadonlyMap<number, ProjectImage>>(new Map());
  /** False until the last report of the run has been looked for. */
  known = $state(false);
  running = $state(false);
  threshold = $state(0.5);
  /** The class that curves, counts and pictures are narrowed to; null: all. */
  classIndex = $state<number | null>(null);
  order = $state<GalleryOrder>('errors');
  filter = $state<GalleryFilter>('all');
  /** How many pictures of the gallery are drawn. */
  shown = $state(GALLERY_PAGE);
  /** The picture that fills the screen, or null. */
  enlarged = $state<number | null>(null);

  readonly entries = $derived(
    this.report
      ? galleryOf(this.report, this.threshold, this.order, this.filter, this.classIndex).filter(({ image }) =>
          this.images.has(image.imageId),
        )
      : [],
  );
  #runId: number | null = null;
  #project: string | null = null;

  /** Forgets everything when another project is open. */
  enter(project: string | null) {
    if (project === this.#project) return;
    this.#project = project;
    this.#runId = null;
    this.report = null;
    this.known = false;
    this.enlarged = null;
  }

  /** Shows the last report of a run. */
  async open(runId: number) {
    if (runId === this.#runId) return;
    this.#runId = runId;
    this.known = false;
    this.report = null;
    this.enlarged = null;
    try {
      const report = await call('evaluation.last', { runId });
      if (runId === this.#runId && report) await this.#show(report);
    } catch (error) {
      notices.error('Read the last evaluation', error);
    }
    if (runId === this.#runId) this.known = true;
  }

  async evaluate(runId: number, split: Split, choice: MetricChoice) {
    this.running = true;
    try {
      const report = await operations.run('Evaluate', (operationId) =>
        call('evaluation.run', { runId, split, ...choice, operationId }),
      );
      if (runId === this.#runId) await this.#show(report);
    } catch (error) {
      notices.error('Evaluate', error);
    }
    this.running = false;
  }

  async #show(report: EvaluationReport) {
    const images = new Map<number, ProjectImage>();
    for (let offset = 0; ; offset += PAGE) {
      const page = await call('images.list', { filter: { split: report.split }, offset, limit: PAGE });
      for (const image of page.images) images.set(image.id, image);
      if (offset + PAGE >= page.total) break;
    }
    this.images = images;
    this.threshold = bestThreshold(report.images);
    this.classIndex = null;
    this.shown = GALLERY_PAGE;
    this.enlarged = null;
    this.report = report;
  }
}

export const evaluation = new EvaluationState();
