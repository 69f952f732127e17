/**
 * What happens to one picture and its objects before the network sees them, drawn beforehand: distort, zoom out, zoom in, flip
 * (Caffe, SPEC.md 6.1). A plan holds no pixels; geometry comes down to one rectangle of the source and two mirrors.
 */
import type { CornerBox, ImagePx, Unit } from '../geometry/box';
import { clip, isDegenerate, type Size } from '../geometry/convert';
import type { Random } from '../random/random';
import type { AugmentConfiguration } from './configuration';
import { drawCrop } from './crop';
import { drawPhotometric, type PhotometricStep } from './photometric';

export interface AugmentPlan {
  /** In the order in which they are applied. */
  readonly photometric: readonly PhotometricStep[];
  readonly view: View;
  /** The objects that are still there, in their order. */
  readonly boxes: readonly PlannedBox[];
  readonly dropped: readonly DroppedBox[];
}

/**
 * Which part of the source the network sees. The region is stretched over the whole input and then mirrored; where it reaches
 * beyond the picture, the input is filled with the network's mean.
 */
export interface View {
  readonly region: CornerBox<ImagePx>;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
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

/**
 * Draws a plan. Objects whose centre leaves the view are dropped, the others clipped to it; degenerate ones never count.
 * @param boxes the picture's objects; after the draw, `plan.boxes` refers to them by index
 */
export function planAugmentation(
  configuration: AugmentConfiguration,
  random: Random,
  picture: Size,
  boxes: readonly CornerBox<ImagePx>[],
): AugmentPlan {
  const photometric = drawPhotometric(configuration.photometric, random);
  const canvas = drawZoomOut(configuration, random, picture);
  const objects = boxes.filter((box) => !isDegenerate(box));
  const zoomIn = random.chance(configuration.zoomIn.probability);
  const region = zoomIn ? drawCrop(canvas, objects, configuration.zoomIn.minScale, random) : canvas;
  const flipHorizontal = random.chance(configuration.horizontalFlip.probability);
  const flipVertical = random.chance(configuration.verticalFlip.probability);
  const view = { region, flipHorizontal, flipVertical };
  return { photometric, view, ...placeObjects(view, boxes) };
}

/** A canvas r times as wide and high, r = U(1, maxRatio), with the picture anywhere on it; in source pixels. */
function drawZoomOut({ zoomOut }: AugmentConfiguration, random: Random, picture: Size): CornerBox<ImagePx> {
  if (!random.chance(zoomOut.probability)) return wholePicture(picture).region;
  const ratio = random.uniform(1, zoomOut.maxRatio);
  const left = random.uniform(0, picture.width * (ratio - 1));
  const top = random.uniform(0, picture.height * (ratio - 1));
  return { x1: -left, y1: -top, x2: picture.width * ratio - left, y2: picture.height * ratio - top };
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
    else if (!centerInside(view.region, box)) dropped.push({ index, reason: 'centre outside the crop' });
    else {
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

/** A box of the source in fractions of the network input, not clipped. */
export function viewBox({ region, flipHorizontal, flipVertical }: View, box: CornerBox<ImagePx>): CornerBox<Unit> {
  const width = region.x2 - region.x1;
  const height = region.y2 - region.y1;
  const unit: CornerBox<Unit> = {
    x1: (box.x1 - region.x1) / width,
    y1: (box.y1 - region.y1) / height,
    x2: (box.x2 - region.x1) / width,
    y2: (box.y2 - region.y1) / height,
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

/**
 * Where the view takes input pixels from: source = scale * input + shift, both in pixel-edge coordinates (the first pixel's
 * centre is .5). It is the inverse map that resampling needs; a mirror is a negative scale.
 */
export function inputToSource(
  { region, flipHorizontal, flipVertical }: View,
  input: Size,
): { readonly scaleX: number; readonly shiftX: number; readonly scaleY: number; readonly shiftY: number } {
  const scaleX = (region.x2 - region.x1) / input.width;
  const scaleY = (region.y2 - region.y1) / input.height;
  return {
    scaleX: flipHorizontal ? -scaleX : scaleX,
    shiftX: flipHorizontal ? region.x2 : region.x1,
    scaleY: flipVertical ? -scaleY : scaleY,
    shiftY: flipVertical ? region.y2 : region.y1,
  };
}
