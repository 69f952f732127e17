/** Shear and small rotations (SPEC.md 6.3; in no reference). */
import { boxAround, inTurn, rotation, shearX, shearY, translation } from '../geometry/affine';
import type { CornerBox, ImagePx } from '../geometry/box';
import type { Size } from '../geometry/convert';
import type { Random } from '../random/random';
import type { AugmentConfiguration, SlantedBoxes } from './configuration';
import type { Slant } from './view';

/** Draws a slant, or none. The number of draws does not depend on the configuration. */
export function drawSlant(
  { shear, rotation: turn, slantedBoxes }: Pick<AugmentConfiguration, 'shear' | 'rotation' | 'slantedBoxes'>,
  random: Random,
  picture: Size,
): Slant | undefined {
  const sheared = random.chance(shear.probability);
  const factor = random.uniform(-shear.maxFactor, shear.maxFactor);
  const sideways = random.chance(0.5);
  const turned = random.chance(turn.probability);
  const degrees = random.uniform(-turn.maxDegrees, turn.maxDegrees);
  const drawn = {
    shearX: sheared && sideways ? factor : 0,
    shearY: sheared && !sideways ? factor : 0,
    degrees: turned ? degrees : 0,
  };
  if (drawn.shearX === 0 && drawn.shearY === 0 && drawn.degrees === 0) return undefined;
  return slantOf(drawn, picture, slantedBoxes);
}

/**
 * The slant of a picture: sheared along x, then along y, then rotated, and moved so that the canvas begins at 0, 0. For a shear
 * alone that is SPEC.md 6.3's canvas W + |factor| * H and shift max(0, -factor * H).
 */
export function slantOf(
  drawn: Pick<Slant, 'shearX' | 'shearY' | 'degrees'>,
  picture: Size,
  boxes: SlantedBoxes = 'corners',
): Slant {
  const map = inTurn(shearX(drawn.shearX), shearY(drawn.shearY), rotation(drawn.degrees));
  const bounds: CornerBox<ImagePx> = boxAround(map, { x1: 0, y1: 0, x2: picture.width, y2: picture.height });
  const canvas = { width: bounds.x2 - bounds.x1, height: bounds.y2 - bounds.y1 };
  return { ...drawn, map: inTurn(map, translation(-bounds.x1, -bounds.y1)), canvas, boxes };
}
