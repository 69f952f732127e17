/** What is wrong or doubtful in a data set before it is trained on. */
import { iou } from '../geometry/overlap';
import type { LabelClass, ProjectImage } from './model';

export interface HealthFinding {
  /** An error keeps pictures from being used or a training from starting; a warning costs quality. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The pictures meant, in id order; empty when it is about the set as a whole. */
  readonly imageIds: readonly number[];
}

/** Two boxes of one class that overlap more than this are the same object labelled twice. */
const DUPLICATE_IOU = 0.95;
/** Sides below this share of the picture's vanish in a 300-pixel network input: 3 pixels. */
const TINY_SHARE = 0.01;
/** With fewer objects in train a class is learned by heart, not in general. */
const FEW_OBJECTS = 20;

export function checkDataset(
  images: readonly ProjectImage[],
  classes: readonly LabelClass[],
): readonly HealthFinding[] {
  const findings: HealthFinding[] = [];
  const about = (severity: HealthFinding['severity'], message: string, found: readonly ProjectImage[]): void => {
    if (found.length > 0) findings.push({ severity, message, imageIds: found.map((image) => image.id) });
  };
  const whole = (severity: HealthFinding['severity'], message: string): void => {
    findings.push({ severity, message, imageIds: [] });
  };

  const usable = images.filter((image) => image.problem === null);
  for (const image of images)
    if (image.problem !== null) about('error', `${image.fileName}: ${image.problem}`, [image]);

  const train = usable.filter((image) => image.split === 'train');
  const val = usable.filter((image) => image.split === 'val');
  if (images.length === 0) whole('error', 'There are no pictures.');
  else {
    if (train.length === 0) whole('error', 'No picture is in train.');
    if (val.length === 0) whole('warning', 'No picture is in val: nothing tells how good a training is.');
  }
  for (const { id, name } of train.length === 0 ? [] : classes) {
    const count = countOf(train, id);
    if (count === 0) whole('warning', `${name} has no object in train.`);
    else if (count < FEW_OBJECTS) whole('warning', `${name} has only ${count} objects in train.`);
    if (val.length > 0 && countOf(val, id) === 0) whole('warning', `${name} has no object in val.`);
  }

  const inSplit = usable.filter((image) => image.split !== null);
  about('warning', 'Pictures in a split without any object count as background only.', inSplit.filter(isUnlabelled));
  about('warning', 'Boxes reach out of the picture.', usable.filter(hasBoxOutside));
  about('warning', `Boxes have a side below ${TINY_SHARE * 100} % of the picture.`, usable.filter(hasTinyBox));
  about('warning', 'An object is labelled twice: two boxes of one class nearly coincide.', usable.filter(hasDuplicate));
  return findings;
}

function countOf(images: readonly ProjectImage[], classId: number): number {
  return images.reduce((sum, image) => sum + image.objects.filter((object) => object.classId === classId).length, 0);
}

const isUnlabelled = (image: ProjectImage): boolean => image.objects.length === 0;

const hasBoxOutside = ({ objects, width, height }: ProjectImage): boolean =>
  objects.some(({ box }) => box.x1 < 0 || box.y1 < 0 || box.x2 > width || box.y2 > height);

const hasTinyBox = ({ objects, width, height }: ProjectImage): boolean =>
  objects.some(({ box }) => box.x2 - box.x1 < TINY_SHARE * width || box.y2 - box.y1 < TINY_SHARE * height);

const hasDuplicate = ({ objects }: ProjectImage): boolean =>
  objects.some((a, k) =>
    objects.slice(k + 1).some((b) => a.classId === b.classId && iou(a.box, b.box) > DUPLICATE_IOU),
  );
