import type { EvaluatedImage } from '@core/evaluation/report';
import { openPanel } from '../../ui/Screen.svelte';
import { call } from '../../app/studio';
import { ExplanationState } from '../explain/explanation-state.svelte';
import { boxAt, neighbour } from '../explain/pick';
import type { EvaluationState } from './evaluation-state.svelte';
import { shownOutcomes } from './outcome-boxes';

/** Asking why on the picture that fills the Evaluate screen. */
export class PictureWhy {
  readonly why = new ExplanationState();
  readonly picture: EvaluatedImage | null = $derived.by(() => {
    const { report, enlarged } = this.evaluation;
    return report?.images.find(({ imageId }) => imageId === enlarged) ?? null;
  });
  readonly outcomes = $derived.by(() =>
    this.picture ? shownOutcomes(this.picture, this.evaluation.threshold, this.evaluation.classIndex) : [],
  );
  readonly selected = $derived(this.outcomes.find(({ id }) => id === this.why.selected) ?? null);

  constructor(
    private readonly evaluation: EvaluationState,
    private readonly runId: () => number | null,
  ) {}

  ask(id: string) {
    const [outcome, runId, report] = [
      this.outcomes.find((each) => each.id === id),
      this.runId(),
      this.evaluation.report,
    ];
    const picture = this.picture;
    if (!outcome || runId === null || !report || !picture) return;
    const { kind, box, classIndex, prior } = outcome;
    if (kind === 'detection' && prior === null) {
      void this.why.ask(id, () =>
        Promise.reject(new Error('This report does not say where its detections come from. Evaluate again.')),
      );
      return;
    }
    const question =
      kind === 'detection'
        ? ({ kind: 'detection', prior: prior ?? 0, classIndex } as const)
        : ({
            kind: 'object',
            box: { x1: box.x1, y1: box.y1, x2: box.x2, y2: box.y2 },
            classIndex,
            scoreThreshold: this.evaluation.threshold,
            iouThreshold: report.iouThreshold,
          } as const);
    void this.why.ask(id, (operationId) =>
      call('evaluation.explain', { runId, imageId: picture.imageId, question, operationId }),
    );
  }

  /** By list or pointer: the one that is selected is let go. */
  toggle(id: string | null) {
    if (id === null || id === this.why.selected) this.why.clear();
    else {
      openPanel();
      this.ask(id);
    }
  }

  pointAt(point: { readonly x: number; readonly y: number }) {
    this.toggle(boxAt(this.outcomes, point)?.id ?? null);
  }

  go(by: 1 | -1) {
    const next = neighbour(this.outcomes, this.why.selected, by);
    if (!next) return;
    openPanel();
    this.ask(next.id);
  }

  /** After the threshold or the class has changed: what is not drawn any more is let go, an object's verdict is asked anew. */
  refresh() {
    if (this.why.selected === null) return;
    if (this.selected === null) this.why.clear();
    else if (this.selected.kind === 'truth') this.ask(this.selected.id);
  }
}
