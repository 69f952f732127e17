/**
 * What happens to one picture and its objects before the network sees them, drawn beforehand: distort, slant, zoom out, zoom in,
 * flip (Caffe's order, SPEC.md 6.1). A plan holds no pixels.
 */
import type { CornerBox, ImagePx } from '../geometry/box';
import { isDegenerate, type Size } from '../geometry/convert';
import type { Random } from '../random/random';
import type { AugmentConfiguration } from './configuration';
import { drawCrop } from './crop';
import { drawChannelShuffle, drawPhotometric, type PhotometricStep } from './photometric';
import { drawSlant } from './slant';
import { onCanvas, placeObjects, wholePicture, type DroppedBox, type PlannedBox, type View } from './view';

export interface AugmentPlan {
  /** In the order in which they are applied. */
  readonly photometric: readonly PhotometricStep[];
  readonly view: View;
  /** The objects that are still there, in their order. */
  readonly boxes: readonly PlannedBox[];
  readonly dropped: readonly DroppedBox[];
}

/** Marks the stream that slants and channel orders are drawn from: what came before them is drawn as ever. */
const LATER_STREAM = 0x51a27;

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
  const later = random.branch(LATER_STREAM);
  const photometric = drawPhotometric(configuration.photometric, random);
  const shuffled = drawChannelShuffle(configuration.channelShuffle, later);
  const slant = drawSlant(configuration, later, picture);
  const canvas = drawZoomOut(configuration, random, slant?.canvas ?? picture);
  const objects = boxes.filter((box) => !isDegenerate(box)).map((box) => onCanvas(slant, box));
  const zoomIn = random.chance(configuration.zoomIn.probability);
  const region = zoomIn ? drawCrop(canvas, objects, configuration.zoomIn, random) : canvas;
  const flipHorizontal = random.chance(configuration.horizontalFlip.probability);
  const flipVertical = random.chance(configuration.verticalFlip.probability);
  const view: View = { ...(slant && { slant }), region, flipHorizontal, flipVertical };
  return { photometric: [...photometric, ...shuffled], view, ...placeObjects(view, boxes) };
}

/** A canvas r times as wide and high, r = U(1, maxRatio), with the picture anywhere on it; in pixels of the picture. */
function drawZoomOut({ zoomOut }: AugmentConfiguration, random: Random, picture: Size): CornerBox<ImagePx> {
  if (!random.chance(zoomOut.probability)) return wholePicture(picture).region;
  const ratio = random.uniform(1, zoomOut.maxRatio);
  const left = random.uniform(0, picture.width * (ratio - 1));
  const top = random.uniform(0, picture.height * (ratio - 1));
  return { x1: -left, y1: -top, x2: picture.width * ratio - left, y2: picture.height * ratio - top };
}
