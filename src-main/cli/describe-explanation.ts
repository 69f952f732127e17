/** Explanations as lines of text. */
import type { HardNegativesAnswer } from '@core/contract/explain';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import type { BoxPlace } from '@core/priors/box-place';
import type { DetectionExplanation, ObjectExplanation } from '@core/priors/explanation';
import { describeFate, describePlace, describeShape } from '@core/priors/explanation-words';
import { describeVerdict } from '@core/priors/miss-verdict';
import { table } from './output';

const place = ({ x1, y1, x2, y2 }: CornerBox<ImagePx>): string => [x1, y1, x2, y2].map((v) => v.toFixed(1)).join(' ');
const nameIn =
  (classNames: readonly string[]) =>
  (classIndex: number): string =>
    classIndex < 0 ? 'background' : (classNames[classIndex] ?? `class ${classIndex}`);

/** Classes that say nothing are left out beyond so many. */
const SHOWN_CLASSES = 8;

export function listDetections(detections: readonly DetectionExplanation[], classNames: readonly string[]): string {
  if (detections.length === 0) return 'Nothing is found at this score.';
  const nameOf = nameIn(classNames);
  return table(
    ['', 'class', 'score', 'x1 y1 x2 y2', 'comes from', 'shape', 'removed for it'],
    detections.map((each, i) => [
      i + 1,
      nameOf(each.classIndex),
      each.score.toFixed(3),
      place(each.box),
      describePlace(each),
      describeShape(each.shape),
      each.removed.length,
    ]),
  );
}

type PlacedNegative = HardNegativesAnswer['negatives'][number] & BoxPlace;

/** Hard negatives beyond so many are left out of the table. */
const SHOWN_NEGATIVES = 30;

export function listHardNegatives({
  negatives,
  positives,
  step,
}: Omit<HardNegativesAnswer, 'negatives'> & { readonly negatives: readonly PlacedNegative[] }): string {
  const summary = `${negatives.length} hard negatives for ${positives} positives, at step ${step}`;
  if (negatives.length === 0) return summary;
  const rows = negatives
    .slice(0, SHOWN_NEGATIVES)
    .map((each) => [each.loss.toFixed(3), each.prior, describePlace(each), describeShape(each.shape)]);
  const rest = negatives.length - rows.length;
  const lines = [summary, table(['loss', 'default box', 'lies in', 'shape'], rows)];
  return [...lines, ...(rest > 0 ? [`and ${rest} with smaller losses`] : [])].join('\n');
}

export function describeDetection(detection: DetectionExplanation, classNames: readonly string[]): string {
  const nameOf = nameIn(classNames);
  const { classIndex, score, box, defaultBox, decoded, offsets, variances, removed } = detection;
  const answers = [...detection.answers].sort((a, b) => b.score - a.score);
  return [
    `${nameOf(classIndex)} ${score.toFixed(3)} at ${place(box)}: ${describeFate(detection.fate)}`,
    `comes from    default box ${detection.prior}: ${describePlace(detection)} (${describeShape(detection.shape)})`,
    `default box   ${place(defaultBox)}`,
    `offsets       ${offsets.map((v) => v.toFixed(4)).join(' ')} (variances ${variances.join(', ')})`,
    `decoded box   ${place(decoded)}`,
    '',
    table(
      ['class', 'before softmax', 'score'],
      answers
        .slice(0, SHOWN_CLASSES)
        .map((each) => [nameOf(each.classIndex), each.logit.toFixed(4), each.score.toFixed(4)]),
    ),
    ...(answers.length > SHOWN_CLASSES ? [`and ${answers.length - SHOWN_CLASSES} classes below`] : []),
    '',
    removed.length === 0
      ? 'No box was removed in its favour.'
      : table(
          ['removed in its favour', 'score', 'IoU', 'x1 y1 x2 y2', 'comes from'],
          removed.map((each) => [
            `default box ${each.prior}`,
            each.score.toFixed(3),
            each.iou.toFixed(3),
            place(each.box),
            describePlace(each),
          ]),
        ),
  ].join('\n');
}

const LEARNS = { enough: 'yes', best: 'yes, as its best', no: 'no' } as const;

export function describeObject(object: ObjectExplanation, classNames: readonly string[]): string {
  const nameOf = nameIn(classNames);
  const about = object.about.map((box) => `default box ${box.prior} at ${place(box.box)}: ${describePlace(box)}`);
  return [
    `${object.classIndex === null ? 'object' : nameOf(object.classIndex)} at ${place(object.box)}`,
    describeVerdict(object.verdict, nameOf),
    ...about,
    '',
    object.boxes.length === 0
      ? 'No default box overlaps it at all.'
      : table(
          ['default box', 'IoU', 'learns it', 'own score', 'says', 'decoded IoU', 'became', 'comes from'],
          object.boxes.map((each) => [
            each.prior,
            each.iou.toFixed(3),
            LEARNS[each.learns],
            each.own.score.toFixed(3),
            `${nameOf(each.says.classIndex)} ${each.says.score.toFixed(2)}`,
            each.decodedIou.toFixed(3),
            describeFate(each.fate),
            describePlace(each),
          ]),
        ),
  ].join('\n');
}
