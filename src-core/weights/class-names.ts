/** The classes that published weight files were trained for, in the order of their predictors, background left out. */
import type { LayoutId } from './layouts';

/** Pascal VOC: the twenty, alphabetical as every port numbers them. */
export const VOC_CLASSES: readonly string[] = [
  'aeroplane',
  'bicycle',
  'bird',
  'boat',
  'bottle',
  'bus',
  'car',
  'cat',
  'chair',
  'cow',
  'diningtable',
  'dog',
  'horse',
  'motorbike',
  'person',
  'pottedplant',
  'sheep',
  'sofa',
  'train',
  'tvmonitor',
];

/** COCO's ids 1 to 90; `-` where COCO has no such category. */
const COCO_IDS = `
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, -,
stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, -,
backpack, umbrella, -, -, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite,
baseball bat, baseball glove, skateboard, surfboard, tennis racket, bottle, -, wine glass, cup, fork,
knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake,
chair, couch, potted plant, bed, -, dining table, -, -, toilet, -, tv, laptop, mouse, remote, keyboard,
cell phone, microwave, oven, toaster, sink, refrigerator, -, book, clock, vase, scissors, teddy bear,
hair drier, toothbrush
`
  .trim()
  .split(/,\s+/);

/** The eighty that exist, in the order of their ids. */
export const COCO_CLASSES: readonly string[] = COCO_IDS.filter((name) => name !== '-');

/** All ninety ids, as torchvision numbers them; an id without a category is called `unused 12`. */
export const COCO_CLASSES_WITH_GAPS: readonly string[] = COCO_IDS.map((name, i) =>
  name === '-' ? `unused ${i + 1}` : name,
);

const WIDER_FACE_CLASSES: readonly string[] = ['face'];

/**
 * Names for the classes of a file that says none itself.
 * @param classes including background
 * @returns one fewer than `classes`: a published list of that length, or `class 1`, `class 2`, ...
 */
export function publishedClassNames(layout: LayoutId, classes: number): readonly string[] {
  const lists = [VOC_CLASSES, COCO_CLASSES, COCO_CLASSES_WITH_GAPS];
  if (layout === 'ultralight') lists.push(WIDER_FACE_CLASSES);
  const list = lists.find(({ length }) => length === classes - 1);
  return list ?? Array.from({ length: classes - 1 }, (_, i) => `class ${i + 1}`);
}
