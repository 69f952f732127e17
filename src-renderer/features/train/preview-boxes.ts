/** How a validation's detections are drawn on a preview picture, and how many objects they found. */
import type { Detection } from '@core/evaluation/report';
import type { PreviewPicture } from '@core/experiment/preview';
import { iou } from '@core/geometry/overlap';
import type { DrawnBox } from '../../canvas/draw';
import { classColour } from '../../ui/palette';

/** Labelled objects faint, dashed and white, detections in the colour of their class with its name and their score. */
export function previewBoxes(
  { groundTruths }: Pick<PreviewPicture, 'groundTruths'>,
  detections: readonly Detection[],
  threshold: number,
  classNames: readonly string[],
): readonly DrawnBox[] {
  const labelled = groundTruths.map(({ box }): DrawnBox => ({ box, colour: '#ffffff', dashed: true, faint: true }));
  const found = shown(detections, threshold).map(({ box, classIndex, score }): DrawnBox => {
    const { line, on } = classColour(classIndex);
    return { box, colour: line, on, label: `${classNames[classIndex] ?? 'unknown class'} ${score.toFixed(2)}` };
  });
  return [...labelled, ...found];
}

export interface PreviewCounts {
  readonly objects: number;
  readonly found: number;
  readonly wrong: number;
}

/**
 * Best detections first, each takes the object of its class that it overlaps most, at an IoU of 0.5 or more, unless a better one
 * has taken it. Difficult objects count neither way.
 */
export function previewCounts(
  { groundTruths }: Pick<PreviewPicture, 'groundTruths'>,
  detections: readonly Detection[],
  threshold: number,
): PreviewCounts {
  const taken = new Set<number>();
  let wrong = 0;
  for (const { box, classIndex } of shown(detections, threshold)) {
    const overlaps = groundTruths.map((truth) => (truth.classIndex === classIndex ? iou(truth.box, box) : 0));
    const most = overlaps.indexOf(Math.max(...overlaps));
    if (most < 0 || overlaps[most] < 0.5) wrong++;
    else if (!groundTruths[most].difficult) {
      if (taken.has(most)) wrong++;
      taken.add(most);
    }
  }
  return { objects: groundTruths.filter(({ difficult }) => !difficult).length, found: taken.size, wrong };
}

export const countsInWords = ({ objects, found, wrong }: PreviewCounts): string =>
  `${found} of ${objects} found${wrong > 0 ? `, ${wrong} wrong` : ''}`;

const shown = (detections: readonly Detection[], threshold: number): readonly Detection[] =>
  detections.filter(({ score }) => score >= threshold).sort((a, b) => b.score - a.score);
