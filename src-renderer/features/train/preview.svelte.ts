import type { TrainingPreview } from '@core/contract/preview';
import type { ChannelRequest } from '@core/contract/studio';
import type { Size } from '@core/geometry/convert';
import { call, isCancelled } from '../../app/studio';
import { Latest } from '../priors/latest';

type Question = ChannelRequest<'training.preview'>;
type Answer = { readonly preview: TrainingPreview } | { readonly problem: unknown };

/** The pixels of one answer cross two processes: about 8 MB at most. */
const BYTES = 8e6;
const MOST = 24;

/** How many pictures of a batch are shown at once. */
export function picturesShown(batchSize: number, input: Size): number {
  return Math.max(1, Math.min(batchSize, MOST, Math.floor(BYTES / (input.width * input.height * 3))));
}

/** What the training sees at one step. Of questions that come while one is answered, only the last is asked. */
export class PreviewState {
  step = $state(0);
  preview = $state.raw<TrainingPreview | null>(null);
  problem = $state.raw<unknown>(null);
  busy = $state(false);
  /** The picture looked at closely: its place in the batch. */
  selected = $state(0);
  readonly picture = $derived(this.preview?.pictures[this.selected] ?? this.preview?.pictures[0] ?? null);
  #latest = new Latest(async (question: Question): Promise<Answer> => {
    try {
      return { preview: await call('training.preview', question) };
    } catch (problem) {
      return { problem };
    }
  });

  ask(question: Question) {
    this.busy = true;
    this.#latest.put(question, (answer, overtaken) => {
      if (overtaken) return;
      this.busy = false;
      if ('preview' in answer) {
        this.preview = answer.preview;
        this.problem = null;
      } else if (!isCancelled(answer.problem)) {
        this.preview = null;
        this.problem = answer.problem;
      }
    });
  }

  go(step: number) {
    this.step = Math.max(0, Math.min(10_000_000, Math.round(step)));
  }
}
