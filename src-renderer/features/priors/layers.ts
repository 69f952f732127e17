/** What the Boxes screen draws over the picture. */
import type { ProjectImage } from '@core/dataset/model';
import type { CornerBox, ImagePx, Unit } from '@core/geometry/box';
import type { MatchingBox } from '@core/priors/coverage';
import type { DefaultBoxes } from '@core/priors/generate';
import { boxesLayer, type DrawnBox, type Layer, strokeBox, tagsLayer } from '../../canvas/draw';
import { boxToScreen, type Size } from '../../canvas/viewport';
import type { ClassColour } from '../../ui/palette';
import { type BoxRole, roleColour } from './box-drawing';
import { type Cell, cellBox, type Grid } from './grid';

/** One colour per feature map, from the finest to the coarsest; apart from the class colours and always with the map's number. */
const MAP_COLOURS = ['#ffe9a8', '#ffc48a', '#ff9d8a', '#f28ab2', '#cf8be0', '#a99bf5', '#8fb8f7', '#9bdcf0'] as const;
export const mapColour = (source: number): string => MAP_COLOURS[source % MAP_COLOURS.length];

export function toPicture(box: CornerBox<Unit>, { width, height }: Size): CornerBox<ImagePx> {
  return { x1: box.x1 * width, y1: box.y1 * height, x2: box.x2 * width, y2: box.y2 * height };
}

export function defaultBox({ corners }: Pick<DefaultBoxes, 'corners'>, index: number): CornerBox<Unit> {
  const at = 4 * index;
  return { x1: corners[at], y1: corners[at + 1], x2: corners[at + 2], y2: corners[at + 3] };
}

/** Lines between the cells of a map, inside the picture. */
export function gridLayer({ width, height, pitch }: Grid, image: Size, colour: string): Layer {
  return (context, view) => {
    const area = boxToScreen(view, { x1: 0, y1: 0, x2: image.width, y2: image.height });
    const lines = new Path2D();
    for (let column = 1; column <= width && column * pitch[0] < 1; column++) {
      const x = Math.round(area.x1 + column * pitch[0] * (area.x2 - area.x1)) + 0.5;
      lines.moveTo(x, area.y1);
      lines.lineTo(x, area.y2);
    }
    for (let row = 1; row <= height && row * pitch[1] < 1; row++) {
      const y = Math.round(area.y1 + row * pitch[1] * (area.y2 - area.y1)) + 0.5;
      lines.moveTo(area.x1, y);
      lines.lineTo(area.x2, y);
    }
    context.rect(area.x1, area.y1, area.x2 - area.x1, area.y2 - area.y1);
    context.clip();
    context.lineWidth = 1;
    context.strokeStyle = 'rgba(0, 0, 0, 0.22)';
    context.translate(1, 1);
    context.stroke(lines);
    context.translate(-1, -1);
    context.globalAlpha = 0.4;
    context.strokeStyle = colour;
    context.stroke(lines);
  };
}

/** A cell and its default boxes, the chosen one thicker. Boxes may reach beyond the picture. */
export function cellLayer(
  grid: Grid,
  cell: Cell,
  boxes: readonly CornerBox<Unit>[],
  image: Size,
  colour: string,
  chosen: CornerBox<Unit> | null = null,
): Layer {
  return (context, view) => {
    const area = boxToScreen(view, toPicture(cellBox(grid, cell), image));
    context.globalAlpha = 0.35;
    context.fillStyle = colour;
    context.fillRect(area.x1, area.y1, area.x2 - area.x1, area.y2 - area.y1);
    context.globalAlpha = 1;
    for (const box of boxes) strokeBox(context, boxToScreen(view, toPicture(box, image)), colour);
    if (chosen) strokeBox(context, boxToScreen(view, toPicture(chosen, image)), colour, { width: 3 });
  };
}

/**
 * The default boxes that learn each object, as thin lines in its colour: solid from the threshold on, dashed where only the
 * best one was given. Each object's best stands out from the rest; with a focused object all of its own do, with their IoU.
 */
export function matchedLayer(
  matches: readonly MatchingBox[],
  boxes: Pick<DefaultBoxes, 'corners'>,
  image: ProjectImage,
  colourOf: (classId: number) => ClassColour,
  focused: number | null,
): Layer {
  const place = ({ prior }: MatchingBox) => toPicture(defaultBox(boxes, prior), image);
  const colour = ({ object }: MatchingBox) => colourOf(image.objects[object].classId);
  const best = new Map<number, MatchingBox>();
  for (const match of matches) if (match.iou > (best.get(match.object)?.iou ?? -1)) best.set(match.object, match);
  const own = matches.filter(({ object }) => object === focused);
  const rest = matches.filter((match) => match.object !== focused && best.get(match.object) !== match);
  const bests = [...best.values()].filter(({ object }) => object !== focused);
  const ownLayer = boxesLayer(
    own.map((match) => ({
      box: place(match),
      colour: colour(match).line,
      on: colour(match).on,
      dashed: match.forced,
      label: match.iou.toFixed(2),
    })),
  );
  return (context, view, size) => {
    context.lineWidth = 1;
    context.globalAlpha = focused === null ? 0.4 : 0.15;
    for (const match of rest) {
      const { x1, y1, x2, y2 } = boxToScreen(view, place(match));
      context.strokeStyle = colour(match).line;
      context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    }
    context.globalAlpha = focused === null ? 1 : 0.25;
    for (const match of bests)
      strokeBox(context, boxToScreen(view, place(match)), colour(match).line, { width: 1, dashed: match.forced });
    context.globalAlpha = 1;
    ownLayer(context, view, size);
  };
}

/** The objects, filled so that they stand apart from default boxes, with how well they are matched. */
export function objectBoxes(
  image: ProjectImage,
  matches: readonly MatchingBox[],
  colourOf: (classId: number) => ClassColour,
  className: (classId: number) => string,
  focused: number | null,
): readonly DrawnBox[] {
  return image.objects.map((object, index) => {
    const own = matches.filter((match) => match.object === index);
    const best = own.reduce((most, match) => Math.max(most, match.iou), 0);
    const { line, on } = colourOf(object.classId);
    const fit = own.length === 0 ? 'no box' : `${best.toFixed(2)}${own.some((match) => match.forced) ? ' forced' : ''}`;
    return {
      box: object.box,
      colour: line,
      on,
      fill: 0.14,
      emphasis: true,
      faint: focused !== null && index !== focused,
      label: `${className(object.classId)} ${fit}`,
    };
  });
}

/** The smallest object under a point in image pixels, or null. */
export function objectAt(image: ProjectImage, { x, y }: { readonly x: number; readonly y: number }): number | null {
  let found: number | null = null;
  let smallest = Infinity;
  image.objects.forEach(({ box }, index) => {
    const area = (box.x2 - box.x1) * (box.y2 - box.y1);
    if (x < box.x1 || x > box.x2 || y < box.y1 || y > box.y2 || area >= smallest) return;
    found = index;
    smallest = area;
  });
  return found;
}

/** The objects of a picture as the matching takes them: unit corners, every one of them a positive. */
export function matchObjects(image: ProjectImage): {
  readonly corners: Float64Array;
  readonly classIndex: Int32Array;
} {
  const corners = Float64Array.from(
    image.objects.flatMap(({ box }) => [
      box.x1 / image.width,
      box.y1 / image.height,
      box.x2 / image.width,
      box.y2 / image.height,
    ]),
  );
  return { corners, classIndex: new Int32Array(image.objects.length).fill(1) };
}

/** A box that the loss counts, as "All boxes" draws it. */
export interface RoleBox {
  readonly prior: number;
  readonly role: Exclude<BoxRole, 'negative'>;
  /** IoU, or the loss of a hard negative. */
  readonly value: number;
}

/** Numbers are written on so many boxes at most, those with the largest first. */
const MOST_NUMBERS = 60;
const DASHES: Readonly<Record<RoleBox['role'], readonly number[]>> = { matched: [], forced: [5, 4], hard: [2, 2] };

/** Boxes in the colour and the dashes of what the matching makes of them, one path per role; numbers where there is room. */
export function rolesLayer(boxes: readonly RoleBox[], defaultBoxes: Pick<DefaultBoxes, 'corners'>, image: Size): Layer {
  const numbered = [...boxes].sort((a, b) => b.value - a.value).slice(0, MOST_NUMBERS);
  return (context, view, size) => {
    const place = (prior: number) => boxToScreen(view, toPicture(defaultBox(defaultBoxes, prior), image));
    context.lineJoin = 'round';
    for (const role of ['hard', 'forced', 'matched'] as const) {
      const path = new Path2D();
      for (const box of boxes) {
        if (box.role !== role) continue;
        const { x1, y1, x2, y2 } = place(box.prior);
        if (x2 < 0 || y2 < 0 || x1 > size.width || y1 > size.height) continue;
        path.rect(x1, y1, x2 - x1, y2 - y1);
      }
      context.setLineDash([]);
      context.strokeStyle = 'rgba(0, 0, 0, 0.6)';
      context.lineWidth = 3;
      context.stroke(path);
      context.setLineDash([...DASHES[role]]);
      context.strokeStyle = roleColour(role);
      context.lineWidth = 1.25;
      context.stroke(path);
    }
    context.setLineDash([]);
    const tags = numbered.map(({ prior, role, value }) => ({
      box: toPicture(defaultBox(defaultBoxes, prior), image),
      colour: roleColour(role),
      label: value.toFixed(2),
    }));
    tagsLayer(tags)(context, view, size);
  };
}
