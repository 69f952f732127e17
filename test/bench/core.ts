/** The measurements of core.mjs. SSD512 has 24,564 default boxes, SSD300 8,732. */
import type { NetworkChoice } from '@core/network/description';
import { analyseCoverage, type CoverageObjects } from '@core/priors/coverage';
import { detectObjects } from '@core/priors/detections';
import { fitScales } from '@core/priors/fit';
import { generateDefaultBoxes, sourceGrids } from '@core/priors/generate';
import { createTargets, matchTargets } from '@core/priors/match';
import { mineHardNegatives } from '@core/priors/mining';
import { VOC300, VOC512 } from '@core/priors/presets';
import { Random } from '@core/random/random';

const square = (side: number) => ({ width: side, height: side });
const MAPS_512 = [64, 32, 16, 8, 4, 2, 1].map(square);
const MAPS_300 = [38, 19, 10, 5, 3, 1].map(square);
const SSD300: NetworkChoice = { architecture: 'ssd300', widthMultiplier: 1, input: square(300) };
const VARIANCES = [0.1, 0.2] as const;
const CLASSES = 21;

export function measure(): Readonly<Record<string, number>> {
  const random = Random.seeded(1);
  const boxes = generateDefaultBoxes(VOC512, square(512), MAPS_512);
  const picture = objectsOf(random, 1, 100);
  const corners = picture.x1.flatMap((x1, i) => [x1, picture.y1[i], picture.x2[i], picture.y2[i]]);
  const objects = { corners, classIndex: corners.filter((_, i) => i % 4 === 0).map((_, i) => 1 + (i % 20)) };
  const targets = createTargets(boxes.total);
  const offsets = Float32Array.from({ length: boxes.total * 4 }, () => random.normal());
  const trained = confidencesOf(random, boxes.total, 8);
  const untrained = confidencesOf(random, boxes.total, 0);
  const losses = Float32Array.from({ length: boxes.total }, () => random.next());
  const selected = new Uint8Array(boxes.total);
  const project = objectsOf(random, 5000, 10);
  return {
    'default boxes 24,564': median(20, () => generateDefaultBoxes(VOC512, square(512), MAPS_512)),
    'matching 100 objects x 24,564': median(20, () => matchTargets(objects, boxes, 0.5, VARIANCES, targets)),
    'mining 24,564': median(20, () => mineHardNegatives(losses, targets.labels, 3, selected)),
    'decode and NMS 24,564 x 21, few candidates': median(10, () =>
      detectObjects(trained, offsets, boxes, VARIANCES, square(512)),
    ),
    'decode and NMS 24,564 x 21, every box a candidate': median(3, () =>
      detectObjects(untrained, offsets, boxes, VARIANCES, square(512)),
    ),
    'coverage 50,000 objects x 8,732': median(5, () =>
      analyseCoverage(project, { grids: sourceGrids(VOC300, square(300), MAPS_300) }, 0.5),
    ),
    'fitting scales to 50,000 objects': median(1, () => fitScales(project, SSD300, MAPS_300)),
  };
}

/** Sizes spread evenly in the log from 4 % to 80 % of the picture. */
function objectsOf(random: Random, pictures: number, each: number): Record<keyof CoverageObjects, number[]> {
  const columns = { imageId: [], x1: [], y1: [], x2: [], y2: [] } as Record<keyof CoverageObjects, number[]>;
  for (let i = 0; i < pictures * each; i++) {
    const scale = 0.04 * 20 ** random.next();
    const width = Math.min(1, scale * 2 ** random.uniform(-0.5, 0.5));
    const height = Math.min(1, scale ** 2 / width);
    const x1 = random.uniform(0, 1 - width);
    const y1 = random.uniform(0, 1 - height);
    columns.imageId.push(Math.floor(i / each));
    columns.x1.push(x1);
    columns.y1.push(y1);
    columns.x2.push(x1 + width);
    columns.y2.push(y1 + height);
  }
  return columns;
}

/** Softmax of normal logits, the background's raised by so much. */
function confidencesOf(random: Random, priors: number, background: number): Float32Array {
  const confidences = new Float32Array(priors * CLASSES);
  for (let prior = 0; prior < priors; prior++) {
    const row = confidences.subarray(prior * CLASSES, (prior + 1) * CLASSES);
    let sum = 0;
    for (let c = 0; c < CLASSES; c++) sum += row[c] = Math.exp(random.normal() + (c === 0 ? background : 0));
    for (let c = 0; c < CLASSES; c++) row[c] /= sum;
  }
  return confidences;
}

function median(repetitions: number, work: () => unknown): number {
  const times = Array.from({ length: repetitions }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return Math.round(times[Math.floor(repetitions / 2)] * 100) / 100;
}
