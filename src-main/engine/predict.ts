/** Pictures in, detections out: warp, forward, decode, non-maximum suppression. */
import { wholePicture } from '@core/augment/view';
import type { Detection } from '@core/evaluation/report';
import type { Size } from '@core/geometry/convert';
import type { RunConfiguration } from '@core/experiment/run';
import { detectObjects, type DetectionRules } from '@core/priors/detections';
import type { DefaultBoxes } from '@core/priors/generate';
import type { PictureAnswers } from '@core/priors/provenance';
import type { RgbImage } from '../images/decode';
import { warp } from '../images/warp';
import type { Model } from './executor';
import { predictLogits, predictRaw } from './executor-prediction';
import { defaultBoxesOf } from './run-network';

export class Predictor {
  private readonly boxes: DefaultBoxes;

  constructor(
    readonly model: Model,
    private readonly configuration: Pick<RunConfiguration, 'defaultBoxes' | 'detection'>,
  ) {
    this.boxes = defaultBoxesOf(configuration, model.description);
  }

  /** How answers become detections unless a call says otherwise. */
  get rules(): DetectionRules {
    return this.configuration.detection;
  }

  /**
   * Detections of each picture, best first, in pixels of `sizes`: the pictures as they are on disk, of which `images` may be
   * smaller copies. One forward pass for all of them.
   */
  async detect(
    images: readonly RgbImage[],
    sizes: readonly Size[],
    rules: DetectionRules = this.rules,
  ): Promise<Detection[][]> {
    const { scores, offsets, boxes, classes } = await predictRaw(this.model, this.#batch(images));
    return images.map((_, i) =>
      detectObjects(
        scores.subarray(i * boxes * classes, (i + 1) * boxes * classes),
        offsets.subarray(i * boxes * 4, (i + 1) * boxes * 4),
        this.boxes,
        this.configuration.defaultBoxes.variances,
        sizes[i],
        rules,
      ),
    );
  }

  /** All that the network answers for one picture: what `detect` makes its detections from. */
  async answers(image: RgbImage): Promise<PictureAnswers> {
    const { scores, logits, offsets } = await predictLogits(this.model, this.#batch([image]));
    return { logits, confidences: scores, offsets, picture: { width: image.width, height: image.height } };
  }

  #batch(images: readonly RgbImage[]): Float32Array {
    const { input, preprocessing } = this.model.description;
    const pixels = input.width * input.height * 3;
    const batch = new Float32Array(images.length * pixels);
    images.forEach((image, i) => warp(image, image, wholePicture(image), input, preprocessing, batch, i * pixels));
    return batch;
  }
}
