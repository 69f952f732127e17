/** The measurements of core.mjs. RFBNet512 has 32,756 default boxes, SSD512 24,564, SSD300 8,732. */
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { analyseCoverage, CoverageAnalyser } from '@core/priors/coverage';
import { reportCoverage } from '@core/priors/coverage-report';
import type { CoverageObjects } from '@core/priors/object-table';
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
/** RFBNet512's own: SSD512's with {2, 3} on the first source too. */
const RFBNET512: DefaultBoxConfiguration = {
  ...VOC512,
  sources: VOC512.sources.map((source, k) => (k < 5 ? { ...source, aspectRatios: [2, 3] } : source)),
};

export function measure(): Readonly<Record<string, number>> {
  const random = Random.seeded(1);
  const boxes = generateDefaultBoxes(VOC512, square(512), MAPS_512);
  const picture = objectsOf(random, 1, 100);
  const corners = picture.x1.flatMap((x1, i) => [x1, picture.y1[i], picture.x2[i], picture.y2[i]]);
  const objects = { corners, classIndex: corners.filter((_, i) => i % 4 === 0).map((_, i) => 1 + (i % 20)) };
  const targets = createTargets(boxes.total);
  const offsets = Float32Array.from({ length: boxes.total * 4 }, () => random.normal());
  const trained = confidencesOf(random, boxes.total, 21, 8);
  const untrained = confidencesOf(random, boxes.total, 21, 0);
  const trained81 = confidencesOf(random, boxes.total, 81, 8);
  const untrained81 = confidencesOf(random, boxes.total, 81, 0);
  const many = generateDefaultBoxes(RFBNET512, square(512), MAPS_512);
  const manyTargets = createTargets(many.total);
  const crowd = {
    corners: Array.from({ length: 100 }, () => [0.4, 0.4, 0.6, 0.6]).flat(),
    classIndex: objects.classIndex,
  };
  const losses = Float32Array.from({ length: boxes.total }, () => random.next());
  const selected = new Uint8Array(boxes.total);
  const project = objectsOf(random, 5000, 10);
  const classed = { ...project, classId: project.x1.map((_, i) => i % 20) };
  const analyser = new CoverageAnalyser(project);
  let threshold = 0.5;
  let largest = 111;
  const crowded = createTargets(boxes.total);
  const detect = (confidences: Float32Array) => detectObjects(confidences, offsets, boxes, VARIANCES, square(512));
  return {
    'default boxes 24,564': median(20, () => generateDefaultBoxes(VOC512, square(512), MAPS_512)),
    'default boxes 32,756': median(20, () => generateDefaultBoxes(RFBNET512, square(512), MAPS_512)),
    'matching 100 objects x 24,564': median(20, () => matchTargets(objects, boxes, 0.5, VARIANCES, targets)),
    'matching 100 objects x 32,756': median(20, () => matchTargets(objects, many, 0.5, VARIANCES, manyTargets)),
    'matching 100 equal objects x 24,564': median(5, () => matchTargets(crowd, boxes, 0.5, VARIANCES, crowded)),
    'mining 24,564': median(20, () => mineHardNegatives(losses, targets.labels, 3, selected)),
    'decode and NMS 24,564 x 21, few candidates': median(10, () => detect(trained)),
    'decode and NMS 24,564 x 21, every box a candidate': median(3, () => detect(untrained)),
    'decode and NMS 24,564 x 81, few candidates': median(10, () => detect(trained81)),
    'decode and NMS 24,564 x 81, every box a candidate': median(3, () => detect(untrained81)),
    'coverage 50,000 objects x 8,732': median(5, () =>
      analyseCoverage(project, { grids: sourceGrids(VOC300, square(300), MAPS_300) }, 0.5),
    ),
    'coverage and report 50,000 objects x 8,732, every size changed': median(5, () => {
      const grids = sourceGrids(VOC300, square(300), MAPS_300);
      // A threshold of its own each time, as a moved slider: nothing of the question before can be used.
      threshold += 1e-9;
      return reportCoverage(analyser.cover(grids, threshold), classed, { input: square(300), grids, threshold });
    }),
    'coverage and report 50,000 objects x 8,732, one map changed': median(5, () => {
      largest += 1e-3;
      const sources = VOC300.sources.map((source, k) => (k === 1 ? { ...source, maxSizes: [largest] } : source));
      const grids = sourceGrids({ ...VOC300, sources }, square(300), MAPS_300);
      return reportCoverage(analyser.cover(grids, 0.5), classed, { input: square(300), grids, threshold: 0.5 });
    }),
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
function confidencesOf(random: Random, priors: number, classes: number, background: number): Float32Array {
  const confidences = new Float32Array(priors * classes);
  for (let prior = 0; prior < priors; prior++) {
    const row = confidences.subarray(prior * classes, (prior + 1) * classes);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += row[c] = Math.exp(random.normal() + (c === 0 ? background : 0));
    for (let c = 0; c < classes; c++) row[c] /= sum;
  }
  return confidences;
}

/** Of the processor's time in milliseconds, which a busy machine lengthens less than the clock's. */
function median(repetitions: number, work: () => unknown): number {
  const times = Array.from({ length: repetitions }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  return Math.round(times[Math.floor(repetitions / 2)] * 100) / 100;
}
