/** pycocotools' COCOeval ('bbox') once more, line by line and without regard for time: what the fast evaluation is held against. */
import type { EvaluationTables } from '@core/evaluation/box-table';

interface Truth {
  readonly id: number;
  readonly box: readonly number[];
  readonly area: number;
  readonly crowd: boolean;
}

interface Found {
  readonly box: readonly number[];
  readonly score: number;
}

interface Judged {
  readonly score: number;
  readonly matched: boolean[];
  readonly ignored: boolean[];
}

const THRESHOLDS = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95];
const RECALLS = Array.from({ length: 101 }, (_, i) => i * 0.01);
const AREAS = { all: [0, 1e10], small: [0, 1024], medium: [1024, 9216], large: [9216, 1e10] } as const;

type Area = keyof typeof AREAS;

/** The twelve numbers in pycocotools' order. */
export function referenceCoco(tables: EvaluationTables): number[] {
  const precision = (area: Area, thresholds = THRESHOLDS): number => meanOf(tables, area, 100, thresholds, 'precision');
  const recall = (area: Area, most: number): number => meanOf(tables, area, most, THRESHOLDS, 'recall');
  return [
    precision('all'),
    precision('all', [0.5]),
    precision('all', [0.75]),
    precision('small'),
    precision('medium'),
    precision('large'),
    recall('all', 1),
    recall('all', 10),
    recall('all', 100),
    recall('small', 100),
    recall('medium', 100),
    recall('large', 100),
  ];
}

function meanOf(
  tables: EvaluationTables,
  area: Area,
  most: number,
  thresholds: readonly number[],
  what: 'precision' | 'recall',
): number {
  const values: number[] = [];
  tables.classNames.forEach((_, category) => {
    const judged: Judged[] = [];
    let toFind = 0;
    for (let image = 0; image < tables.imageCount; image++) {
      const truths = truthsOf(tables, image, category);
      toFind += truths.filter((truth) => !isIgnored(truth, area)).length;
      judged.push(...judge(truths, foundOf(tables, image, category), area).slice(0, most));
    }
    if (toFind === 0) return;
    judged.sort((a, b) => b.score - a.score);
    for (const threshold of thresholds) {
      const t = THRESHOLDS.indexOf(threshold);
      const hits = judged.map(({ matched, ignored }) => Number(matched[t] && !ignored[t]));
      const errors = judged.map(({ matched, ignored }) => Number(!matched[t] && !ignored[t]));
      const curve = hits.map((_, i) => {
        const [tp, fp] = [hits, errors].map((list) => list.slice(0, i + 1).reduce((sum, one) => sum + one, 0));
        return { recall: tp / toFind, precision: tp / (fp + tp + 2 ** -52) };
      });
      if (what === 'recall') values.push(curve.at(-1)?.recall ?? 0);
      else {
        for (const recall of RECALLS) {
          const first = curve.findIndex((point) => point.recall >= recall);
          values.push(first < 0 ? 0 : Math.max(...curve.slice(first).map((point) => point.precision)));
        }
      }
    }
  });
  return values.length === 0 ? -1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function judge(allTruths: readonly Truth[], found: readonly Found[], area: Area): Judged[] {
  const truths = [...allTruths].sort((a, b) => Number(isIgnored(a, area)) - Number(isIgnored(b, area)));
  const best100 = [...found].sort((a, b) => b.score - a.score).slice(0, 100);
  const taken = THRESHOLDS.map(() => new Set<Truth>());
  return best100.map(({ box, score }) => {
    const matched: boolean[] = [];
    const ignored: boolean[] = [];
    THRESHOLDS.forEach((threshold, t) => {
      let iou = Math.min(threshold, 1 - 1e-10);
      let match: Truth | null = null;
      for (const truth of truths) {
        if (taken[t].has(truth) && !truth.crowd) continue;
        if (match && !isIgnored(match, area) && isIgnored(truth, area)) break;
        if (overlap(box, truth) < iou) continue;
        iou = overlap(box, truth);
        match = truth;
      }
      if (match) taken[t].add(match);
      matched.push(match !== null && match.id !== 0);
      const [low, high] = AREAS[area];
      const isOutside = box[2] * box[3] < low || box[2] * box[3] > high;
      ignored.push((match !== null && isIgnored(match, area)) || (!matched[t] && isOutside));
    });
    return { score, matched, ignored };
  });
}

const isIgnored = ({ crowd, area }: Truth, range: Area): boolean =>
  crowd || area < AREAS[range][0] || area > AREAS[range][1];

function overlap([x, y, w, h]: readonly number[], { box: [gx, gy, gw, gh], crowd }: Truth): number {
  const width = Math.min(x + w, gx + gw) - Math.max(x, gx);
  const height = Math.min(y + h, gy + gh) - Math.max(y, gy);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (crowd ? w * h : w * h + gw * gh - width * height);
}

function truthsOf({ groundTruths: table }: EvaluationTables, image: number, category: number): Truth[] {
  return rowsOf(table, image, category).map((i) => ({
    id: table.id[i],
    box: Array.from(table.boxes.subarray(4 * i, 4 * i + 4)),
    area: table.area[i],
    crowd: table.crowd[i] === 1,
  }));
}

function foundOf({ detections: table }: EvaluationTables, image: number, category: number): Found[] {
  return rowsOf(table, image, category).map((i) => ({
    box: Array.from(table.boxes.subarray(4 * i, 4 * i + 4)),
    score: table.score[i],
  }));
}

function rowsOf(table: { readonly image: Int32Array; readonly category: Int32Array }, image: number, category: number) {
  return [...table.image.keys()].filter((i) => table.image[i] === image && table.category[i] === category);
}
