/** The pictures of a training step before anybody trains, or after. */
import { z } from 'zod';
import type { PhotometricStep } from '../augment/photometric';
import type { DroppedBox, PlannedBox, View } from '../augment/view';
import type { CornerBox, ImagePx, Unit } from '../geometry/box';
import type { Size } from '../geometry/convert';
import { channel } from './channel';
import { runConfiguration } from './run-schema';

export interface PreviewedPicture {
  readonly imageId: number;
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  /** All of the picture, in the order that the boxes below refer to. */
  readonly objects: readonly { readonly classIndex: number; readonly box: CornerBox<ImagePx> }[];
  readonly photometric: readonly PhotometricStep[];
  readonly view: View;
  readonly boxes: readonly PlannedBox[];
  /** `seen`: what of the box is still on the input although nothing learns it, or null. */
  readonly dropped: readonly (DroppedBox & { readonly seen: CornerBox<Unit> | null })[];
  /** Default boxes that learn an object, for each source. */
  readonly positivesPerSource: readonly number[];
  /** What the network gets, back as RGB of 0 to 255: [height, width, 3] of the input. */
  readonly pixels: Uint8Array;
}

export interface TrainingPreview {
  readonly step: number;
  readonly input: Size;
  readonly batchSize: number;
  /** Pictures to learn from, and so how many make a pass. */
  readonly trainImages: number;
  readonly classNames: readonly string[];
  readonly pictures: readonly PreviewedPicture[];
  /** Pictures that were due but cannot be read; others took their places. */
  readonly unreadable: readonly { readonly imageId: number; readonly message: string }[];
}

const step = z.number().int().min(0).max(10_000_000);
const count = z.number().int().min(1).max(64);

export const previewChannels = {
  /** The first pictures of the batch of a step, from 0: of a training that may begin so, or of a run as it was. */
  'training.preview': channel(
    z.union([
      z.object({ configuration: runConfiguration, step, count }),
      z.object({ runId: z.number().int().positive(), step, count }),
    ]),
  ).returns<TrainingPreview>(),
} as const;
