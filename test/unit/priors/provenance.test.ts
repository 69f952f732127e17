/** Provenance against a second implementation: loops over sources, rows, columns and boxes, and suppression by pairs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { iou } from '@core/geometry/overlap';
import type { NetworkChoice } from '@core/network/description';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork } from '@core/network/zoo';
import { encodeBox } from '@core/priors/coder';
import { boxesPerCell, type DefaultBoxConfiguration } from '@core/priors/configuration';
import { CAFFE_RULES, detectObjects, type DetectionRules } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { describeVerdict } from '@core/priors/miss-verdict';
import { presetDefaultBoxes } from '@core/priors/presets';
import { Provenance, type MissQuestion, type PictureAnswers } from '@core/priors/provenance';
import { Random } from '@core/random/random';

const network: NetworkChoice = { architecture: 'slim320', widthMultiplier: 1, input: { width: 128, height: 96 } };
const preset = presetDefaultBoxes(network);
const maps = sourceMaps(buildNetwork(network, 2, preset.sources.map(boxesPerCell)));
const boxes = generateDefaultBoxes(preset, network.input, maps);
const picture = { width: 640, height: 480 };
const CLASSES = 4;
const P = boxes.total;

function softmax(logits: Float32Array): Float32Array {
  const out = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += CLASSES) {
    const exps = [...logits.subarray(row, row + CLASSES)].map(Math.exp);
    const sum = exps.reduce((a, b) => a + b, 0);
    exps.forEach((value, c) => (out[row + c] = value / sum));
  }
  return out;
}

function randomAnswers(seed: number): PictureAnswers {
  const random = Random.seeded(seed);
  const spread = (size: number, scale: number) =>
    Float32Array.from({ length: size }, () => (random.next() + random.next() + random.next() - 1.5) * scale);
  const logits = spread(P * CLASSES, 3);
  // Equal scores too: the order among them is part of the answer.
  for (let i = 0; i < 40; i++) logits.copyWithin(4 * CLASSES * i, 0, CLASSES);
  return { logits, confidences: softmax(logits), offsets: spread(P * 4, 6), picture };
}

/** Of a default box, by counting. */
function countedPlaces(configuration: DefaultBoxConfiguration) {
  const places: { source: number; row: number; column: number; width: number; height: number; cellBox: number }[] = [];
  configuration.sources.forEach((source, k) => {
    for (let row = 0; row < maps[k].height; row++)
      for (let column = 0; column < maps[k].width; column++)
        source.minSizes.forEach((size, i) => {
          const shapes = [[size, 1]];
          const max = source.maxSizes[i];
          const extra = max === undefined ? [] : [[Math.sqrt(size * max), 1]];
          const ratios = source.aspectRatios.flatMap((ratio) => [
            [size, ratio],
            [size, 1 / ratio],
          ]);
          shapes.push(...(configuration.extraBoxLast ? [...ratios, ...extra] : [...extra, ...ratios]));
          shapes.forEach(([side, ratio], s) => {
            const [width, height] = [side * Math.sqrt(ratio), side / Math.sqrt(ratio)];
            places.push({ source: k, row, column, width, height, cellBox: i * shapes.length + s });
          });
        });
  });
  return places;
}

interface Candidate {
  readonly prior: number;
  readonly score: number;
  readonly corners: readonly number[];
}

/** Greedy suppression of one class by pairs; who removed whom. */
function suppressByPairs(answers: PictureAnswers, c: number, rules: DetectionRules, clip: boolean) {
  const candidates: Candidate[] = [];
  for (let prior = 0; prior < P; prior++) {
    const score = answers.confidences[prior * CLASSES + c];
    if (!(score > rules.scoreThreshold)) continue;
    const [cx, cy, w, h] = boxes.centers.subarray(4 * prior, 4 * prior + 4);
    const [tx, ty, tw, th] = answers.offsets.subarray(4 * prior, 4 * prior + 4);
    const [x, y] = [cx + 0.1 * tx * w, cy + 0.1 * ty * h];
    const largest = Math.log(1000 / 16);
    const [width, height] = [w * Math.exp(Math.min(0.2 * tw, largest)), h * Math.exp(Math.min(0.2 * th, largest))];
    const corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2].map(Math.fround);
    candidates.push({ prior, score, corners: clip ? corners.map((v) => Math.min(1, Math.max(0, v))) : corners });
  }
  candidates.sort((a, b) => b.score - a.score || a.prior - b.prior);
  const pixel = rules.pixels === 'inclusive' ? [1 / picture.width, 1 / picture.height] : [0, 0];
  const overlap = (a: readonly number[], b: readonly number[]): number => {
    const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]) + pixel[0];
    const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]) + pixel[1];
    const area = (box: readonly number[]) => (box[2] - box[0] + pixel[0]) * (box[3] - box[1] + pixel[1]);
    return w > 0 && h > 0 ? (w * h) / (area(a) + area(b) - w * h) : 0;
  };
  const entering = candidates.slice(0, rules.perClass);
  const removedBy = new Map<number, { by: number; iou: number }>();
  for (const [i, best] of entering.entries()) {
    if (removedBy.has(best.prior)) continue;
    for (const other of entering.slice(i + 1)) {
      const value = overlap(best.corners, other.corners);
      if (!removedBy.has(other.prior) && value > rules.iouThreshold)
        removedBy.set(other.prior, { by: best.prior, iou: value });
    }
  }
  return { candidates, entering, removedBy };
}

describe('the provenance of a detection', () => {
  const ruleSets: readonly DetectionRules[] = [
    CAFFE_RULES,
    { ...CAFFE_RULES, perClass: 60, perImage: 25, clipFirst: true, iouThreshold: 0.3 },
    { ...CAFFE_RULES, perClass: 1000, pixels: 'inclusive', iouThreshold: 0.5, scoreThreshold: 0.3 },
  ];

  it('puts out the very detections of the detector', () => {
    for (const [i, detection] of ruleSets.entries()) {
      const answers = randomAnswers(i);
      const provenance = new Provenance({ network, defaultBoxes: preset, detection }, answers);
      const { confidences, offsets } = answers;
      expect(provenance.detections).toEqual(
        detectObjects(confidences, offsets, boxes, preset.variances, picture, detection),
      );
      expect(provenance.detections.length).toBeGreaterThan(5);
      for (const { prior = -1, classIndex, score, box } of provenance.detections) {
        expect(provenance.explainDetection(prior, classIndex)).toMatchObject({ score, box, fate: { kind: 'kept' } });
      }
    }
  });

  it.each([false, true])(
    'counts sources, cells and boxes of the cell as loops do (extra box last: %s)',
    (extraBoxLast) => {
      const source = { minSizes: [10, 20], maxSizes: [20, 30], aspectRatios: [2, 3], step: null };
      const defaultBoxes = { ...preset, sources: preset.sources.map(() => source), extraBoxLast };
      const made = generateDefaultBoxes(defaultBoxes, network.input, maps);
      const places = countedPlaces(defaultBoxes);
      expect(places).toHaveLength(made.total);
      const answers = {
        logits: new Float32Array(made.total * CLASSES),
        confidences: new Float32Array(made.total * CLASSES),
        offsets: new Float32Array(made.total * 4),
        picture,
      };
      const provenance = new Provenance({ network, defaultBoxes, detection: CAFFE_RULES }, answers);
      places.forEach(({ source: k, row, column, width, height, cellBox }, prior) => {
        const found = provenance.explainDetection(prior, 0);
        expect(found).toMatchObject({ prior, source: k, row, column, cellBox });
        const { shape, defaultBox, cell } = found;
        expect(shape.size * Math.sqrt(shape.ratio)).toBeCloseTo(width, 9);
        expect(shape.size / Math.sqrt(shape.ratio)).toBeCloseTo(height, 9);
        expect((defaultBox.x1 + defaultBox.x2) / 2).toBeCloseTo((cell.x1 + cell.x2) / 2, 2);
        expect((defaultBox.y1 + defaultBox.y2) / 2).toBeCloseTo((cell.y1 + cell.y2) / 2, 2);
        if (width < network.input.width && height < network.input.height)
          expect(defaultBox.x2 - defaultBox.x1).toBeCloseTo((width / network.input.width) * picture.width, 2);
      });
    },
  );

  it('gives every answer the fate that suppression by pairs gives it, and names what removed it', () => {
    for (const [seed, detection] of ruleSets.entries()) {
      const answers = randomAnswers(10 + seed);
      const provenance = new Provenance({ network, defaultBoxes: preset, detection }, answers);
      const final = new Set(provenance.detections.map((d) => `${d.prior} ${d.classIndex}`));
      const kinds = new Set<string>();
      for (let c = 1; c < CLASSES; c++) {
        const { candidates, entering, removedBy } = suppressByPairs(answers, c, detection, detection.clipFirst);
        const above = new Set(candidates.map(({ prior }) => prior));
        const inside = new Set(entering.map(({ prior }) => prior));
        for (let prior = 0; prior < P; prior++) {
          const { fate, removed } = provenance.explainDetection(prior, c - 1);
          kinds.add(fate.kind);
          const by = removedBy.get(prior);
          if (!above.has(prior)) expect(fate.kind).toBe('weak');
          else if (!inside.has(prior)) expect(fate.kind).toBe('beyondClassLimit');
          else if (by)
            expect(fate).toEqual({ kind: 'suppressed', by: by.by, iou: expect.closeTo(by.iou, 12) as number });
          else expect(final.has(`${prior} ${c - 1}`)).toBe(fate.kind === 'kept');
          const own = [...removedBy].flatMap(([other, { by: remover }]) => (remover === prior ? [other] : []));
          expect(removed.map((each) => each.prior).sort((a, b) => a - b)).toEqual(own.sort((a, b) => a - b));
          expect(removed.every((each, i) => i === 0 || each.score <= removed[i - 1].score)).toBe(true);
        }
      }
      expect(kinds.has('suppressed') && kinds.has('weak') && kinds.has('kept')).toBe(true);
    }
  });

  it('gives each class its score before and after softmax', () => {
    const answers = randomAnswers(3);
    const provenance = new Provenance({ network, defaultBoxes: preset, detection: CAFFE_RULES }, answers);
    fc.assert(
      fc.property(fc.nat(P - 1), (prior) => {
        const { answers: told } = provenance.explainDetection(prior, 1);
        expect(told.map(({ classIndex }) => classIndex)).toEqual([-1, 0, 1, 2]);
        const sum = told.reduce((total, { logit }) => total + Math.exp(logit), 0);
        for (const { logit, score } of told) expect(score).toBeCloseTo(Math.exp(logit) / sum, 6);
      }),
    );
  });

  it('refuses default boxes, classes and answers that there are not', () => {
    const detector = { network, defaultBoxes: preset, detection: CAFFE_RULES };
    const provenance = new Provenance(detector, randomAnswers(1));
    expect(() => provenance.explainDetection(P, 0)).toThrow(`there is no default box ${P}`);
    expect(() => provenance.explainDetection(0, 3)).toThrow('there is no class 3');
    const short = { ...randomAnswers(1), offsets: new Float32Array(4) };
    expect(() => new Provenance(detector, short)).toThrow('1 answers for');
  });
});

const question: MissQuestion = {
  scoreThreshold: 0.5,
  iouThreshold: 0.5,
  matchingThreshold: 0.5,
  matchingRule: 'bipartite',
};

/** Answers that say background everywhere, until they are told otherwise. */
class Script {
  readonly logits = new Float32Array(P * CLASSES);
  readonly offsets = new Float32Array(P * 4);
  constructor() {
    for (let prior = 0; prior < P; prior++) this.logits[prior * CLASSES] = 6;
  }
  /** `score` for a class, the rest for background. */
  says(prior: number, classIndex: number, score: number, box?: CornerBox<ImagePx>): this {
    this.logits[prior * CLASSES] = 0;
    for (let c = 1; c < CLASSES; c++) this.logits[prior * CLASSES + c] = -30;
    this.logits[prior * CLASSES + classIndex + 1] = Math.log(score / (1 - score));
    if (box) {
      const { width, height } = picture;
      const corners = [box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height];
      const encoded = new Float32Array(P * 4);
      encodeBox(corners, 0, boxes.centers, prior, preset.variances, encoded);
      this.offsets.set(encoded.subarray(4 * prior, 4 * prior + 4), 4 * prior);
    }
    return this;
  }
  open(detection: DetectionRules = CAFFE_RULES): Provenance {
    const { logits, offsets } = this;
    return new Provenance(
      { network, defaultBoxes: preset, detection },
      { logits, offsets, confidences: softmax(logits), picture },
    );
  }
}

const boxOf = (prior: number): CornerBox<ImagePx> => {
  const [x1, y1, x2, y2] = boxes.corners.subarray(4 * prior, 4 * prior + 4);
  return { x1: x1 * 640, y1: y1 * 480, x2: x2 * 640, y2: y2 * 480 };
};
const moved = ({ x1, y1, x2, y2 }: CornerBox<ImagePx>, dx: number, dy = 0): CornerBox<ImagePx> => ({
  x1: x1 + dx,
  y1: y1 + dy,
  x2: x2 + dx,
  y2: y2 + dy,
});

describe('the hard negatives of a picture', () => {
  const answers = randomAnswers(5);
  const provenance = new Provenance({ network, defaultBoxes: preset, detection: CAFFE_RULES }, answers);
  const rules = { matchingThreshold: 0.5, matchingRule: 'bipartite', negativesPerPositive: 3 } as const;
  const objects = [
    { classIndex: 1, box: { x1: 100, y1: 80, x2: 260, y2: 240 } },
    { classIndex: 0, box: { x1: 400, y1: 200, x2: 460, y2: 270 } },
  ];

  it('are three for each positive, those with the largest loss of background that learn no object', () => {
    const { positives, negatives } = provenance.hardNegatives(objects, rules);
    const reaches = (prior: number) => {
      const [x1, y1, x2, y2] = boxes.corners.subarray(4 * prior, 4 * prior + 4);
      const place = { x1: x1 * 640, y1: y1 * 480, x2: x2 * 640, y2: y2 * 480 };
      return objects.some(({ box }) => iou(box, place) >= 0.5);
    };
    const reaching = Array.from({ length: P }, (_, prior) => prior).filter(reaches);
    expect(positives).toBeGreaterThanOrEqual(Math.max(2, reaching.length));
    expect(negatives).toHaveLength(3 * positives);
    expect(negatives.some(({ prior }) => reaches(prior))).toBe(false);
    const loss = (prior: number) => -Math.log(answers.confidences[prior * CLASSES]);
    for (const negative of negatives) expect(negative.loss).toBeCloseTo(loss(negative.prior), 4);
    const taken = new Set(negatives.map(({ prior }) => prior));
    const left = Array.from({ length: P }, (_, prior) => prior).filter((prior) => !taken.has(prior) && !reaches(prior));
    // The best box of an object is a positive, whatever its overlap: at most one of each is no negative.
    const harder = left.filter((prior) => loss(prior) > negatives[negatives.length - 1].loss + 1e-5);
    expect(harder.length).toBeLessThanOrEqual(objects.length);
  });

  it('are none without objects, as in Caffe', () => {
    expect(provenance.hardNegatives([], rules)).toEqual({ positives: 0, negatives: [] });
  });
});

describe('why an object has no detection', () => {
  // A box in the middle of the second map, well inside the picture.
  const middle = boxes.offsets[1] + boxes.grids[1].boxesPerCell * (3 * boxes.grids[1].map.width + 4);
  const object = { classIndex: 1, box: boxOf(middle) };
  const width = object.box.x2 - object.box.x1;
  const verdictOf = (script: Script, others: (typeof object)[] = [], asked = question, of = object) =>
    script.open().explainObject(of, others, asked).verdict;

  it('ranks default boxes by their overlap, as brute force does, and tells which would learn it', () => {
    const random = Random.seeded(7);
    for (let i = 0; i < 30; i++) {
      const [x1, y1] = [random.next() * 500, random.next() * 380];
      const box = { x1, y1, x2: x1 + 10 + random.next() * 120, y2: y1 + 10 + random.next() * 90 };
      const { boxes: told } = new Script().open().explainObject({ classIndex: 0, box }, [], question);
      const all = Array.from({ length: P }, (_, prior) => iou(boxOf(prior), box)).sort((a, b) => b - a);
      expect(told.length).toBe(Math.min(10, all.filter((value) => value > 0).length));
      told.forEach((each, rank) => {
        expect(each.iou).toBeCloseTo(all[rank], 5);
        expect(each.iou).toBeCloseTo(iou(each.defaultBox, box), 5);
        expect(each.learns).toBe(each.iou >= 0.5 ? 'enough' : rank === 0 ? 'best' : 'no');
      });
    }
  });

  it('says background', () => {
    const verdict = verdictOf(new Script().says(middle, 1, 0.08));
    expect(verdict).toEqual({ kind: 'background', score: expect.closeTo(0.08, 5) as number });
    expect(describeVerdict(verdict, String)).toBe('Its boxes say background: the best score for its class is 0.08.');
  });

  it('is found', () => {
    expect(verdictOf(new Script().says(middle, 1, 0.9))).toMatchObject({
      kind: 'found',
      iou: expect.closeTo(1, 4) as number,
    });
  });

  it('shares its detection with another object that fits it better', () => {
    const other = { ...object, box: moved(object.box, width * 0.2) };
    expect(verdictOf(new Script().says(middle, 1, 0.9, other.box), [other]).kind).toBe('shared');
  });

  it('was suppressed by its neighbour', () => {
    const neighbour = moved(object.box, width * 0.35);
    const script = new Script().says(middle, 1, 0.7).says(middle + 2 * boxes.grids[1].boxesPerCell, 1, 0.9, neighbour);
    const wide = { ...CAFFE_RULES, iouThreshold: 0.4 };
    const explained = script.open(wide).explainObject(object, [], question);
    const overlap = 0.65 / 1.35;
    expect(overlap).toBeLessThan(question.iouThreshold);
    expect(explained.verdict).toMatchObject({
      kind: 'suppressed',
      score: expect.closeTo(0.7, 4) as number,
      byScore: expect.closeTo(0.9, 4) as number,
      overlap: expect.closeTo(overlap, 3) as number,
    });
    expect(explained.about.map(({ prior }) => prior)).toEqual([middle, middle + 2 * boxes.grids[1].boxesPerCell]);
  });

  it('was crowded out', () => {
    const script = new Script().says(middle, 1, 0.7);
    for (const prior of [0, 200, 400]) script.says(prior, 0, 0.9);
    const explained = script.open({ ...CAFFE_RULES, perImage: 2 }).explainObject(object, [], question);
    expect(explained.verdict).toMatchObject({ kind: 'crowdedOut', limit: 2 });
  });

  it('was confused with another class, sure of it or not', () => {
    const sure = verdictOf(new Script().says(middle, 2, 0.9));
    expect(sure).toMatchObject({ kind: 'confused', classIndex: 2, otherScore: expect.closeTo(0.9, 4) as number });
    expect(describeVerdict(sure, (c) => ['a', 'b', 'cat'][c])).toContain('Confused with cat: score 0.90');
    const script = new Script();
    script.logits.set([0, 0, 0.2, 0.4], middle * CLASSES);
    expect(verdictOf(script)).toMatchObject({ kind: 'confused', classIndex: 2 });
  });

  it('is not sure enough', () => {
    const asked = { ...question, scoreThreshold: 0.8 };
    expect(verdictOf(new Script().says(middle, 1, 0.7), [], asked)).toMatchObject({ kind: 'unsure', needed: 0.8 });
  });

  it('is localised too far off', () => {
    const script = new Script().says(middle, 1, 0.9, moved(object.box, width * 0.5));
    const verdict = verdictOf(script);
    expect(verdict).toMatchObject({ kind: 'displaced', iou: expect.closeTo(1 / 3, 3) as number });
    expect(describeVerdict(verdict, String)).toContain('IoU 0.33');
  });

  it('is reached by no default box', () => {
    const { x1, y1 } = object.box;
    const line = { ...object, box: { x1, y1, x2: x1 + 300, y2: y1 + 6 } };
    const explained = new Script().open().explainObject(line, [], question);
    expect(explained.verdict).toEqual({ kind: 'unreached', bestIou: explained.boxes[0].iou, needed: 0.5 });
    expect(explained.boxes[0].learns).toBe('best');
  });

  it('an object of no class that the detector knows is asked for as any class', () => {
    const unknown = { classIndex: null, box: object.box };
    const provenance = new Script().says(middle, 2, 0.9).open();
    expect(provenance.explainObject(unknown, [], question).verdict.kind).toBe('found');
  });
});
