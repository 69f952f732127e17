/** Synthetic results for coco-evaluation.mjs, and our side of the measurement. */
import { readFileSync } from 'node:fs';
import { evaluateCoco } from '@core/evaluation/coco';
import { readCocoDetections, readCocoGroundTruth } from '@core/formats/evaluation-coco';
import { Random } from '@core/random/random';

interface Size {
  readonly images: number;
  readonly detectionsPerImage: number;
  readonly categories: number;
}

const PICTURE = 640;
/** COCO's val2017 has 7.4 annotations per picture, 1.2 % of them crowds. */
const MEAN_OBJECTS = 7.4;
const CROWD_SHARE = 0.012;
const REPETITIONS = 5;

/**
 * A third of the detections lie near an object of their picture, mostly under its category; the others anywhere. Categories are
 * as uneven as COCO's (the k-th as frequent as 1 / k), scores have three decimals, so that many are equal.
 */
export function synthesise({ images, detectionsPerImage, categories }: Size) {
  const random = Random.seeded(1);
  const category = (): number => Math.min(categories, Math.floor((categories + 1) ** random.next()));
  const annotations: {
    id: number;
    image_id: number;
    category_id: number;
    bbox: number[];
    area: number;
    iscrowd: number;
  }[] = [];
  const detections: { image_id: number; category_id: number; bbox: number[]; score: number }[] = [];
  for (let image = 1; image <= images; image++) {
    const objects = Array.from({ length: Math.floor(random.uniform(0, 2 * MEAN_OBJECTS + 1)) }, () => ({
      id: 0,
      image_id: image,
      category_id: category(),
      bbox: anyBox(random),
      area: 0,
      iscrowd: Number(random.next() < CROWD_SHARE),
    }));
    for (const object of objects) {
      object.area = rounded(object.bbox[2] * object.bbox[3] * random.uniform(0.5, 1));
      object.id = annotations.push(object);
    }
    for (let d = 0; d < detectionsPerImage; d++) {
      const near =
        objects.length > 0 && random.next() < 1 / 3 ? objects[Math.floor(random.next() * objects.length)] : null;
      detections.push({
        image_id: image,
        category_id: near && random.next() < 0.9 ? near.category_id : category(),
        bbox: near ? nearBox(random, near.bbox) : anyBox(random),
        score: Math.round(1000 * random.next() ** (near ? 1 : 3)) / 1000,
      });
    }
  }
  const truth = {
    images: Array.from({ length: images }, (_, i) => ({ id: i + 1, width: PICTURE, height: PICTURE })),
    categories: Array.from({ length: categories }, (_, i) => ({ id: i + 1, name: `category ${i + 1}` })),
    annotations,
  };
  return { truth: JSON.stringify(truth), detections: JSON.stringify(detections), objects: annotations.length };
}

function anyBox(random: Random): number[] {
  const [width, height] = [10 * 40 ** random.next(), 10 * 40 ** random.next()];
  return [random.uniform(0, PICTURE - width), random.uniform(0, PICTURE - height), width, height].map(rounded);
}

/** Moved by up to 15 % of its size and resized by as much. */
function nearBox(random: Random, [x, y, width, height]: number[]): number[] {
  const change = (): number => random.uniform(-0.15, 0.15);
  return [x + change() * width, y + change() * height, width * (1 + change()), height * (1 + change())].map(rounded);
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/**
 * Reads once, as pycocotools does; evaluates several times and takes the median, `firstEvaluation` before the code is warm.
 * Processor time counts all threads, the garbage collector's too; it is what tells on a busy machine.
 */
export function measure(truthPath: string, detectionsPath: string) {
  const [tables, reading] = timed(() => {
    const truth = readCocoGroundTruth(readFileSync(truthPath, 'utf8'));
    return { ...truth, ...readCocoDetections(readFileSync(detectionsPath, 'utf8'), truth) };
  });
  const [result, first] = timed(() => evaluateCoco(tables));
  const times = [first, ...Array.from({ length: REPETITIONS - 1 }, () => timed(() => evaluateCoco(tables))[1])];
  return {
    reading: reading.wall,
    firstEvaluation: first.wall,
    evaluation: median(times.map(({ wall }) => wall)),
    evaluationProcessor: median(times.map(({ processor }) => processor)),
    stats: Object.values(result.summary),
  };
}

/** Seconds on the clock and on the processors. */
function timed<T>(work: () => T): [T, { readonly wall: number; readonly processor: number }] {
  const [start, used] = [performance.now(), process.cpuUsage()];
  const value = work();
  const { user, system } = process.cpuUsage(used);
  const seconds = (milliseconds: number): number => Math.round(milliseconds) / 1000;
  return [value, { wall: seconds(performance.now() - start), processor: seconds((user + system) / 1000) }];
}

const median = (values: readonly number[]): number =>
  values.slice().sort((a, b) => a - b)[Math.floor(values.length / 2)];
