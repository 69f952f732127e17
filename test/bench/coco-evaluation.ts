/** Synthetic results for coco-evaluation.mjs, and our side of the measurement. */
import { readFileSync } from 'node:fs';
import { evaluateCoco, type CocoResult } from '@core/evaluation/coco';
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
        bbox: near ? near.bbox.map((side) => rounded(side * random.uniform(0.85, 1.15))) : anyBox(random),
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

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Reads once, as pycocotools does; evaluates several times and takes the median, `firstEvaluation` before the code is warm. */
export function measure(truthPath: string, detectionsPath: string) {
  const start = performance.now();
  const truth = readCocoGroundTruth(readFileSync(truthPath, 'utf8'));
  const tables = { ...truth, ...readCocoDetections(readFileSync(detectionsPath, 'utf8'), truth) };
  const reading = performance.now() - start;
  let result: CocoResult | null = null;
  const times = Array.from({ length: REPETITIONS }, () => {
    const begin = performance.now();
    result = evaluateCoco(tables);
    return performance.now() - begin;
  });
  const seconds = (milliseconds: number): number => Math.round(milliseconds) / 1000;
  return {
    reading: seconds(reading),
    firstEvaluation: seconds(times[0]),
    evaluation: seconds(times.slice().sort((a, b) => a - b)[Math.floor(REPETITIONS / 2)]),
    stats: Object.values(result!.summary),
  };
}
