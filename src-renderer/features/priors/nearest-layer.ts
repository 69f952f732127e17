/** The default boxes that come closest to an object, for the one that a person has opened. */
import type { ProjectImage } from '@core/dataset/model';
import type { CornerBox, ImagePx, Unit } from '@core/geometry/box';
import { type DefaultBoxes, sourceOf } from '@core/priors/generate';
import { nearestBoxes } from '@core/priors/reach';
import { boxesLayer, type Layer } from '../../canvas/draw';
import { defaultBox, mapColour, toPicture } from './layers';

const SHOWN = 3;

export const toUnit = (
  { x1, y1, x2, y2 }: CornerBox<ImagePx>,
  { width, height }: Pick<ProjectImage, 'width' | 'height'>,
): CornerBox<Unit> => ({ x1: x1 / width, y1: y1 / height, x2: x2 / width, y2: y2 / height });

/** @param position among the objects of the picture */
export function nearestLayer(boxes: DefaultBoxes, image: ProjectImage, position: number): Layer {
  const nearest = nearestBoxes(toUnit(image.objects[position].box, image), boxes.corners, SHOWN);
  return boxesLayer(
    nearest.map(({ prior, iou }) => {
      const source = sourceOf(boxes, prior);
      return {
        box: toPicture(defaultBox(boxes, prior), image),
        colour: mapColour(source),
        on: '#000000',
        dashed: true,
        label: `map ${source + 1} ${iou.toFixed(2)}`,
      };
    }),
  );
}
