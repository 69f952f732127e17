/** What the Why panel draws over the picture: map and cell, default box dashed, decoded box, what NMS removed. */
import type { Size } from '@core/geometry/convert';
import type { DetectionExplanation, Explanation, ObjectExplanation } from '@core/priors/explanation';
import { boxesLayer, type DrawnBox, type Layer } from '../../canvas/draw';
import { boxToScreen } from '../../canvas/viewport';
import { gridLayer, mapColour } from '../priors/layers';

const DECODED = { colour: '#ffffff', on: '#000000' };
/** What is not asked about, as thin lines that leave the picture to what is. */
export function ghostLayer(boxes: readonly Pick<DrawnBox, 'box' | 'colour'>[]): Layer {
  return (context, view) => {
    context.lineWidth = 1;
    context.globalAlpha = 0.4;
    for (const { box, colour } of boxes) {
      const { x1, y1, x2, y2 } = boxToScreen(view, box);
      context.strokeStyle = colour;
      context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    }
  };
}

/** Boxes removed in favour of one are many and nearly the same: more lines say no more. */
const MOST_REMOVED = 24;

export function explanationLayers(
  explanation: Explanation,
  picture: Size,
  nameOf: (classIndex: number) => string,
  focusedPrior: number | null,
): readonly Layer[] {
  return explanation.kind === 'detection'
    ? detectionLayers(explanation, picture, nameOf)
    : [boxesLayer(objectBoxes(explanation, nameOf, focusedPrior))];
}

function detectionLayers(
  detection: DetectionExplanation,
  picture: Size,
  nameOf: (classIndex: number) => string,
): readonly Layer[] {
  const { cell, map, source, defaultBox, decoded, removed } = detection;
  const colour = mapColour(source);
  const pitch = [(cell.x2 - cell.x1) / picture.width, (cell.y2 - cell.y1) / picture.height] as const;
  const grid = { width: map.width, height: map.height, pitch, boxesPerCell: 1, firstBox: 0 };
  const filledCell: Layer = (context, view) => {
    const area = boxToScreen(view, cell);
    context.globalAlpha = 0.5;
    context.fillStyle = colour;
    context.fillRect(area.x1, area.y1, area.x2 - area.x1, area.y2 - area.y1);
  };
  return [
    gridLayer(grid, picture, colour),
    filledCell,
    boxesLayer([
      ...removed.slice(0, MOST_REMOVED).map(({ box }) => ({ box, ...DECODED, faint: true })),
      { box: defaultBox, colour, on: '#000000', dashed: true, emphasis: true, label: 'default box' },
      {
        box: decoded,
        ...DECODED,
        emphasis: true,
        label: `${nameOf(detection.classIndex)} ${detection.score.toFixed(2)}`,
      },
    ]),
  ];
}

/** Its best default boxes dashed, the one that is looked at with its decoded box, and what the verdict speaks of. */
function objectBoxes(
  { box, classIndex, boxes, about, verdict }: ObjectExplanation,
  nameOf: (classIndex: number) => string,
  focusedPrior: number | null,
): readonly DrawnBox[] {
  const focused = boxes.find(({ prior }) => prior === focusedPrior);
  const shown = focused ? [focused] : boxes;
  const object = classIndex === null ? 'object' : nameOf(classIndex);
  const [first, second] = about;
  return [
    { box, ...DECODED, dashed: true, fill: 0.3, label: object },
    ...shown.map((each): DrawnBox => ({
      box: each.defaultBox,
      colour: mapColour(each.source),
      on: '#000000',
      dashed: true,
      emphasis: each === focused,
      faint: !focused,
      label: `default box, IoU ${each.iou.toFixed(2)}`,
    })),
    ...(focused
      ? [{ box: focused.box, ...DECODED, emphasis: true, label: `decoded, IoU ${focused.decodedIou.toFixed(2)}` }]
      : first && verdict.kind !== 'unreached'
        ? [{ box: first.box, ...DECODED, emphasis: true, label: 'its box' }]
        : []),
    ...(second && !focused
      ? [{ box: second.box, colour: '#ff6b6b', on: '#000000', emphasis: true, label: 'kept instead' }]
      : []),
  ];
}
