/** Which part of a picture the network sees and how, and where its objects come to lie. */
import {
  boxAround,
  boxAroundEllipse,
  IDENTITY,
  inTurn,
  inverse,
  mapPoint,
  scaling,
  translation,
} from '../geometry/affine';
import type { Affine } from '../geometry/affine';
import type { CornerBox, ImagePx, Unit } from '../geometry/box';
import { clip, isDegenerate, type Size } from '../geometry/convert';
import type { SlantedBoxes } from './configuration';

/**
 * The picture is slanted first, where there is a slant; then the region is stretched over the whole input and mirrored. Where it
 * reaches beyond the picture, the input is filled with the network's mean.
 */
export interface View {
  readonly slant?: Slant;
  /** In pixels of the picture; with a slant in those of its canvas. */
  readonly region: CornerBox<ImagePx>;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
}

/** Shear and rotation as one map, onto a canvas just large enough for the whole picture (SPEC.md 6.3). */
export interface Slant {
  readonly shearX: number;
  readonly shearY: number;
  readonly degrees: number;
  /** From the picture's pixels to the canvas's. */
  readonly map: Affine;
  readonly canvas: Size;
  readonly boxes: SlantedBoxes;
}

export interface PlannedBox {
  /** Position in the list of objects that the plan was drawn for. */
  readonly index: number;
  /** In fractions of the network input, inside it. */
  readonly box: CornerBox<Unit>;
}

export interface DroppedBox {
  readonly index: number;
  readonly reason: 'no area' | 'centre outside the crop' | 'no area inside the crop';
}

/** The whole picture as it is. */
export function wholePicture(picture: Size): View {
  const region = { x1: 0, y1: 0, x2: picture.width, y2: picture.height };
  return { region, flipHorizontal: false, flipVertical: false };
}

/** An object's box on the canvas of a slant. Without one the picture is the canvas, and the box is the same. */
export function onCanvas(slant: Slant | undefined, box: CornerBox<ImagePx>): CornerBox<ImagePx> {
  if (slant === undefined) return box;
  return slant.boxes === 'ellipse' ? boxAroundEllipse(slant.map, box) : boxAround(slant.map, box);
}

/** The objects as the network sees them: Caffe keeps those whose centre is in the region (its edge included) and clips them. */
export function placeObjects(
  view: View,
  boxes: readonly CornerBox<ImagePx>[],
): { readonly boxes: readonly PlannedBox[]; readonly dropped: readonly DroppedBox[] } {
  const placed: PlannedBox[] = [];
  const dropped: DroppedBox[] = [];
  boxes.forEach((box, index) => {
    if (isDegenerate(box)) dropped.push({ index, reason: 'no area' });
    else if (!centerInside(view.region, onCanvas(view.slant, box))) {
      dropped.push({ index, reason: 'centre outside the crop' });
    } else {
      const seen = clip(viewBox(view, box), { width: 1, height: 1 });
      if (isDegenerate(seen)) dropped.push({ index, reason: 'no area inside the crop' });
      else placed.push({ index, box: seen });
    }
  });
  return { boxes: placed, dropped };
}

function centerInside<Space>(region: CornerBox<Space>, box: CornerBox<Space>): boolean {
  const x = (box.x1 + box.x2) / 2;
  const y = (box.y1 + box.y2) / 2;
  return x >= region.x1 && x <= region.x2 && y >= region.y1 && y <= region.y2;
}

/**
 * A box of the source in fractions of the network input, not clipped. Only the slant can loosen a box, and shear and rotation
 * are one map by then; what follows keeps upright boxes upright.
 */
export function viewBox(
  { slant, region, flipHorizontal, flipVertical }: View,
  box: CornerBox<ImagePx>,
): CornerBox<Unit> {
  const { x1, y1, x2, y2 } = onCanvas(slant, box);
  const width = region.x2 - region.x1;
  const height = region.y2 - region.y1;
  const unit: CornerBox<Unit> = {
    x1: (x1 - region.x1) / width,
    y1: (y1 - region.y1) / height,
    x2: (x2 - region.x1) / width,
    y2: (y2 - region.y1) / height,
  };
  const mirrored = flipHorizontal ? flipBoxHorizontally(unit) : unit;
  return flipVertical ? flipBoxVertically(mirrored) : mirrored;
}

export function flipBoxHorizontally(box: CornerBox<Unit>): CornerBox<Unit> {
  return { x1: 1 - box.x2, y1: box.y1, x2: 1 - box.x1, y2: box.y2 };
}

export function flipBoxVertically(box: CornerBox<Unit>): CornerBox<Unit> {
  return { x1: box.x1, y1: 1 - box.y2, x2: box.x2, y2: 1 - box.y1 };
}

/** All of a view as one map, from the picture's pixels to fractions of the network input. */
export function sourceToUnit({ slant, region, flipHorizontal, flipVertical }: View): Affine {
  return inTurn(
    slant?.map ?? IDENTITY,
    translation(-region.x1, -region.y1),
    scaling(1 / (region.x2 - region.x1), 1 / (region.y2 - region.y1)),
    flipHorizontal ? { ...scaling(-1, 1), dx: 1 } : IDENTITY,
    flipVertical ? { ...scaling(1, -1), dy: 1 } : IDENTITY,
  );
}

/**
 * The box of the source that `viewBox` shows there, exactly: what a slant adds to width and height is solved for. Null where no
 * upright box of the source is shown so.
 */
export function sourceBox(view: View, box: CornerBox<Unit>): CornerBox<ImagePx> | null {
  const map = inverse(sourceToUnit(view));
  if (view.slant === undefined) return boxAround(map, box);
  const { region, slant } = view;
  const center = mapPoint(map, { x: (box.x1 + box.x2) / 2, y: (box.y1 + box.y2) / 2 });
  const power = slant.boxes === 'ellipse' ? 2 : 1;
  const grown = [(box.x2 - box.x1) * (region.x2 - region.x1), (box.y2 - box.y1) * (region.y2 - region.y1)];
  const [xx, xy, yx, yy] = [slant.map.xx, slant.map.xy, slant.map.yx, slant.map.yy].map((f) => Math.abs(f) ** power);
  const [w, h] = grown.map((side) => side ** power);
  const determinant = xx * yy - xy * yx;
  const [width, height] = [yy * w - xy * h, xx * h - yx * w].map((side) => (side / determinant) ** (1 / power));
  if (!(width > 0 && height > 0)) return null;
  return {
    x1: center.x - width / 2,
    y1: center.y - height / 2,
    x2: center.x + width / 2,
    y2: center.y + height / 2,
  };
}

/** Where the view takes input pixels from: the inverse map that resampling needs, both in pixel-edge coordinates. */
export function inputToSource(view: View, input: Size): Affine {
  return inverse(inTurn(sourceToUnit(view), scaling(input.width, input.height)));
}
