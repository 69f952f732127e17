/** What to tell a person when the loss stops being a number: on which pictures, with which boxes, and what to do. */
import { StudioFailure } from '@core/contract/failure';
import type { RunConfiguration } from '@core/experiment/run';
import type { RunSnapshot, SnapshotImage } from '../services/ports';

/** As many boxes of a picture are written out; of the rest their number. */
const BOXES_SHOWN = 5;

export const isFiniteStep = (result: {
  readonly confidenceLoss: number;
  readonly localisationLoss: number;
  readonly gradientNorm: number;
}): boolean => [result.confidenceLoss, result.localisationLoss, result.gradientNorm].every(Number.isFinite);

/** The pictures of a batch with their boxes, one a line; suspicious ones first. */
export function describeBatch(snapshot: RunSnapshot, imageIds: readonly number[]): string[] {
  const images = new Map(snapshot.train.map((image) => [image.id, image]));
  return [...new Set(imageIds)]
    .flatMap((id) => images.get(id) ?? [])
    .map((image) => ({ image, odd: image.objects.filter((object) => oddity(object, image) !== null).length }))
    .sort((a, b) => b.odd - a.odd)
    .map(({ image }) => `${image.path}: ${describeBoxes(image, snapshot.classNames)}`);
}

function describeBoxes(image: SnapshotImage, classNames: readonly string[]): string {
  const { objects } = image;
  if (objects.length === 0) return 'no boxes';
  const sorted = [...objects].sort((a, b) => Number(oddity(b, image) !== null) - Number(oddity(a, image) !== null));
  const shown = sorted.slice(0, BOXES_SHOWN).map((object) => {
    const [classIndex, ...corners] = object;
    const why = oddity(object, image);
    const place = corners.slice(0, 4).map((value) => Number(value.toFixed(1)));
    return `${classNames[classIndex] ?? 'no class'} [${place.join(', ')}]${why === null ? '' : ` (${why})`}`;
  });
  const more = objects.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** What is wrong with a box, or null. */
function oddity([, x1, y1, x2, y2]: SnapshotImage['objects'][number], { width, height }: SnapshotImage): string | null {
  if (![x1, y1, x2, y2].every(Number.isFinite)) return 'no number';
  if (x1 < -1 || y1 < -1 || x2 > width + 1 || y2 > height + 1) return 'outside the picture';
  if (x2 - x1 < 2 || y2 - y1 < 2) return 'thinner than 2 pixels';
  return null;
}

/** Said when the run goes on from an earlier step. */
export function rollbackMessage(
  failedStep: number,
  step: number,
  { learningRate }: Pick<RunConfiguration, 'learningRate'>,
  batch: readonly string[],
): string {
  const from = step === 0 ? 'its first weights' : `the checkpoint of step ${step}`;
  return (
    `The loss stopped being a number at step ${failedStep}. The run goes on from ${from} with half the learning rate ` +
    `(${learningRate / 2}). The pictures of that step: ${batch.join('; ')}.`
  );
}

/** Said when it happens once more: the run has failed. */
export function notANumber(
  failedStep: number,
  earlierStep: number,
  { learningRate }: Pick<RunConfiguration, 'learningRate'>,
  batch: readonly string[],
): StudioFailure {
  return new StudioFailure(
    'internal',
    `The loss stopped being a number at step ${failedStep}, on the pictures ${batch.join('; ')}. It had done so at step ` +
      `${earlierStep} before, and half the learning rate did not help.`,
    `Start again with a learning rate well below ${learningRate / 2} or a longer warm-up, and look at the boxes of these pictures.`,
  );
}
