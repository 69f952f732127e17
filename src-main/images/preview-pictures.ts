/** Batches looked at by people: the network's input back as a picture, with what was drawn for it. */
import { basename } from 'node:path';
import { viewBox } from '@core/augment/view';
import type { PreviewedPicture } from '@core/contract/preview';
import { clip, isDegenerate } from '@core/geometry/convert';
import type { Preprocessing } from '@core/network/description';
import type { LoaderSettings } from './batch';
import { BatchMaker, type Shown } from './batch-maker';
import type { PictureCache } from './picture-cache';

/** The first `count` pictures of the batch of a step: made by the loader's own BatchMaker. */
export async function previewBatch(settings: LoaderSettings, step: number, count: number, cache: PictureCache) {
  const { images, shown, unreadable } = await new BatchMaker(settings, cache).show(step, count);
  const values = settings.input.width * settings.input.height * 3;
  const pictures = shown.map((each, slot) =>
    describe(each, inputToRgb(images.subarray(slot * values, (slot + 1) * values), settings.preprocessing)),
  );
  return { pictures, unreadable };
}

function describe({ image, plan, positivesPerSource }: Shown, pixels: Uint8Array): PreviewedPicture {
  const objects = image.objects.map(([classIndex, x1, y1, x2, y2]) => ({ classIndex, box: { x1, y1, x2, y2 } }));
  const dropped = plan.dropped.map((each) => {
    const seen = clip(viewBox(plan.view, objects[each.index].box), { width: 1, height: 1 });
    return { ...each, seen: each.reason === 'no area' || isDegenerate(seen) ? null : seen };
  });
  return {
    imageId: image.id,
    fileName: basename(image.path),
    width: image.width,
    height: image.height,
    objects,
    photometric: plan.photometric,
    view: plan.view,
    boxes: plan.boxes,
    dropped,
    positivesPerSource,
    pixels,
  };
}

/** The inverse of what `warp` writes, rounded: (x * std + mean), channels back in RGB order. */
export function inputToRgb(values: Float32Array, { channelOrder, mean, std }: Preprocessing): Uint8Array {
  const rgb = new Uint8Array(values.length);
  const [r, b] = channelOrder === 'rgb' ? [0, 2] : [2, 0];
  const byte = (value: number, c: number) => Math.min(255, Math.max(0, Math.round(value * std[c] + mean[c])));
  for (let i = 0; i < values.length; i += 3) {
    rgb[i] = byte(values[i + r], r);
    rgb[i + 1] = byte(values[i + 1], 1);
    rgb[i + 2] = byte(values[i + b], b);
  }
  return rgb;
}
