/** Whether the project can be trained on, and what to know before. */
import type { DatasetSummary } from '@core/contract/images';

export interface ReadinessNote {
  readonly severity: 'blocks' | 'warns';
  readonly title: string;
  readonly text: string;
  /** The screen where it is put right. */
  readonly fixOn: 'images' | 'annotate' | 'train' | null;
}

/**
 * `trainLabelled` is the number of pictures of the train split that have objects and no problem. Notes that block come first;
 * an empty list means that nothing stands in the way.
 */
export function readiness(summary: DatasetSummary, trainLabelled: number, batchSize: number): readonly ReadinessNote[] {
  if (summary.images === 0)
    return [blocks('No pictures yet', 'Import labelled pictures, then train a detector on them.', 'images')];
  if (summary.labelledImages === 0)
    return [blocks('No labelled pictures', 'Draw boxes around the objects of some pictures first.', 'annotate')];
  if (summary.splits.train === 0)
    return [
      blocks('No picture is in the train split', 'Put the pictures to learn from into the train split.', 'images'),
    ];
  if (trainLabelled === 0)
    return [
      blocks(
        'The train split has no labelled picture',
        'Label some of its pictures, or move labelled ones there.',
        'images',
      ),
    ];
  const notes: ReadinessNote[] = [];
  if (trainLabelled < batchSize)
    notes.push(
      warns(
        `${trainLabelled} labelled ${trainLabelled === 1 ? 'picture' : 'pictures'}, fewer than a batch of ${batchSize}`,
        'Pictures repeat within each step. More labelled pictures, or a smaller batch, train better.',
        'train',
      ),
    );
  if (summary.splits.val === 0)
    notes.push(
      warns(
        'No val split',
        'Without pictures kept aside there is no average precision while training, and nothing shows overfitting.',
        'images',
      ),
    );
  const unseen = summary.classes.filter((each) => each.objects === 0).length;
  if (unseen > 0)
    notes.push(
      warns(
        `${unseen} ${unseen === 1 ? 'class has' : 'classes have'} no objects`,
        'The detector cannot learn a class that it never sees.',
        'annotate',
      ),
    );
  return notes;
}

const blocks = (title: string, text: string, fixOn: ReadinessNote['fixOn']): ReadinessNote => ({
  severity: 'blocks',
  title,
  text,
  fixOn,
});
const warns = (title: string, text: string, fixOn: ReadinessNote['fixOn']): ReadinessNote => ({
  severity: 'warns',
  title,
  text,
  fixOn,
});
