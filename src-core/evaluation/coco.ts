/**
 * COCO's evaluation of boxes, equal to pycocotools' COCOeval with iouType 'bbox' (SPEC.md 11.2).
 *
 * The order of everything decides between ties, so it is fixed: categories and pictures as in the tables, detections by
 * descending score with ties in the order of the table. Matches are kept as a bit per IoU threshold.
 */
import type { EvaluationTables, GroundTruthTable } from './box-table';
import { AREA_RANGES, CocoMatcher, IOU_THRESHOLDS, MAX_DETECTIONS, type MatchBits } from './coco-match';
import { PrecisionAccumulator, type PrecisionAndRecall } from './coco-precision';
import { groupStably, identityOrder, rankByScore, type Groups } from './ranking';

/** The twelve numbers under COCO's names, in the order in which pycocotools prints them. -1: there is nothing to find. */
export interface CocoSummary {
  readonly AP: number;
  readonly AP50: number;
  readonly AP75: number;
  readonly APsmall: number;
  readonly APmedium: number;
  readonly APlarge: number;
  readonly AR1: number;
  readonly AR10: number;
  readonly AR100: number;
  readonly ARsmall: number;
  readonly ARmedium: number;
  readonly ARlarge: number;
}

export interface CocoCategory {
  readonly className: string;
  /** The twelve numbers of this category alone. */
  readonly summary: CocoSummary;
  /** Objects to be found, crowds not counted. */
  readonly groundTruths: number;
  readonly detections: number;
}

export interface CocoResult {
  readonly summary: CocoSummary;
  readonly categories: readonly CocoCategory[];
  readonly imageCount: number;
}

/** Of one category. */
interface Measures {
  /** Per area range; null where there is nothing to find. */
  readonly areas: readonly (PrecisionAndRecall | null)[];
  /** Mean recall over the thresholds with the first detection of each picture, and with the first ten. */
  readonly recall1: number | null;
  readonly recall10: number | null;
}

const [ALL, SMALL, MEDIUM, LARGE] = [0, 1, 2, 3];
const [AT_50, AT_75] = [0, 5];

/**
 * Detections are matched per picture, category, area range and IoU threshold, at most 100 of a picture and category; then ranked
 * per category over all pictures. Means are over the categories that have objects in the area range.
 *
 * An annotation whose identifier is 0 is never found: pycocotools marks a match with the identifier of the object.
 */
export function evaluateCoco(tables: EvaluationTables): CocoResult {
  const { imageCount, classNames, groundTruths, detections } = tables;
  const objectsByImage = groupStably(identityOrder(groundTruths.image.length), groundTruths.image, imageCount).order;
  const objects = groupStably(objectsByImage, groundTruths.category, classNames.length);
  const foundByImage = groupStably(identityOrder(detections.image.length), detections.image, imageCount).order;
  const byScore = rankByScore(foundByImage, detections.score);
  const ranking = groupStably(byScore, detections.category, classNames.length);
  const found = groupStably(
    groupStably(byScore, detections.image, imageCount).order,
    detections.category,
    classNames.length,
  );

  const rankOf = ranksInGroups(ranking);
  const bits = emptyBits(largestGroup(ranking));
  const matcher = new CocoMatcher(groundTruths, detections);
  const accumulator = new PrecisionAccumulator(largestGroup(objects));

  const measures: Measures[] = [];
  const categories = classNames.map((className, category): CocoCategory => {
    const rows = rowsOf(objects, category);
    const foundRows = rowsOf(found, category);
    matcher.leaveUnmatched(foundRows, rankOf, bits);
    let [within1, within10] = [0, 0];
    forEachImage(rows, groundTruths.image, foundRows, detections.image, (objectsHere, foundHere) => {
      matcher.match(objectsHere, foundHere, rankOf, bits);
      for (let d = 0; d < foundHere.length && d < 10; d++) {
        const hits = countBits(bits.truePositive[ALL][rankOf[foundHere[d]]]);
        if (d < 1) within1 += hits;
        within10 += hits;
      }
    });
    const counts = AREA_RANGES.map((_, area) => countObjects(rows, groundTruths, area));
    const areas = counts.map((count, area) =>
      count === 0 ? null : accumulator.accumulate(bits.truePositive[area], bits.ignored[area], foundRows.length, count),
    );
    const allThresholds = counts[ALL] * IOU_THRESHOLDS.length;
    const measure: Measures = {
      areas,
      recall1: allThresholds === 0 ? null : within1 / allThresholds,
      recall10: allThresholds === 0 ? null : within10 / allThresholds,
    };
    measures.push(measure);
    return { className, summary: summarise([measure]), groundTruths: counts[ALL], detections: foundRows.length };
  });
  return { summary: summarise(measures), categories, imageCount };
}

function summarise(categories: readonly Measures[]): CocoSummary {
  const over = (measure: (category: Measures) => number | null): number => {
    const values = categories.map(measure).filter((value) => value !== null);
    return values.length === 0 ? -1 : mean(values);
  };
  const precision = (area: number): number => over(({ areas }) => areas[area] && mean(areas[area].precision));
  const precisionAt = (threshold: number): number => over(({ areas }) => areas[ALL] && areas[ALL].precision[threshold]);
  const recall = (area: number): number => over(({ areas }) => areas[area] && mean(areas[area].recall));
  return {
    AP: precision(ALL),
    AP50: precisionAt(AT_50),
    AP75: precisionAt(AT_75),
    APsmall: precision(SMALL),
    APmedium: precision(MEDIUM),
    APlarge: precision(LARGE),
    AR1: over(({ recall1 }) => recall1),
    AR10: over(({ recall10 }) => recall10),
    AR100: recall(ALL),
    ARsmall: recall(SMALL),
    ARmedium: recall(MEDIUM),
    ARlarge: recall(LARGE),
  };
}

/**
 * Calls with the rows of every picture where a category has both objects and detections, or more detections than are evaluated.
 * Both lists are in order of pictures.
 */
function forEachImage(
  objects: Int32Array,
  imageOfObject: Int32Array,
  found: Int32Array,
  imageOfDetection: Int32Array,
  visit: (objects: Int32Array, found: Int32Array) => void,
): void {
  let o = 0;
  let d = 0;
  while (d < found.length) {
    const image = imageOfDetection[found[d]];
    while (o < objects.length && imageOfObject[objects[o]] < image) o++;
    const [firstObject, firstFound] = [o, d];
    while (o < objects.length && imageOfObject[objects[o]] === image) o++;
    while (d < found.length && imageOfDetection[found[d]] === image) d++;
    if (o === firstObject && d - firstFound <= MAX_DETECTIONS) continue;
    visit(objects.subarray(firstObject, o), found.subarray(firstFound, d));
  }
}

function countObjects(rows: Int32Array, { area, crowd }: GroundTruthTable, areaRange: number): number {
  const [smallest, largest] = AREA_RANGES[areaRange];
  let count = 0;
  for (const row of rows) if (crowd[row] === 0 && area[row] >= smallest && area[row] <= largest) count++;
  return count;
}

const rowsOf = ({ order, starts }: Groups, group: number): Int32Array =>
  order.subarray(starts[group], starts[group + 1]);

/** Position of every row inside its group. */
function ranksInGroups({ order, starts }: Groups): Int32Array {
  const ranks = new Int32Array(order.length);
  for (let g = 0; g + 1 < starts.length; g++) {
    for (let i = starts[g]; i < starts[g + 1]; i++) ranks[order[i]] = i - starts[g];
  }
  return ranks;
}

function largestGroup({ starts }: Groups): number {
  let largest = 0;
  for (let g = 0; g + 1 < starts.length; g++) largest = Math.max(largest, starts[g + 1] - starts[g]);
  return largest;
}

function emptyBits(detections: number): MatchBits {
  return {
    truePositive: AREA_RANGES.map(() => new Uint16Array(detections)),
    ignored: AREA_RANGES.map(() => new Uint16Array(detections)),
  };
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
