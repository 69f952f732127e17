/**
 * Where a detection comes from and why an object has none: the way from a network's answers for one picture to its detections
 * (SPEC.md 3, 4, 8), walked again with every number kept.
 */
import type { CornerBox, ImagePx, Unit } from '../geometry/box';
import { toImagePx, toUnit, type Size } from '../geometry/convert';
import { iou } from '../geometry/overlap';
import { sourceMaps } from '../network/shapes';
import type { NetworkChoice } from '../network/description';
import { buildNetwork } from '../network/zoo';
import type { Detection } from '../evaluation/report';
import { boxPlace } from './box-place';
import { decodeBoxes } from './coder';
import { boxesPerCell, type DefaultBoxConfiguration } from './configuration';
import { imageBox, type DetectionRules } from './detections';
import type { ClassAnswer, DetectionExplanation, ExplainedBox, ObjectBox, ObjectExplanation } from './explanation';
import { generateDefaultBoxes, type DefaultBoxes } from './generate';
import { matchTargets, type MatchingRule } from './match';
import { mineHardNegatives } from './mining';
import type { MissVerdict } from './miss-verdict';
import { overlapReader } from './overlap-rows';
import { SelectionTrace } from './selection-trace';

/** A network's answers for one picture. */
export interface PictureAnswers {
  /** [P, C] before softmax, background first. */
  readonly logits: Float32Array;
  /** [P, C] after softmax. */
  readonly confidences: Float32Array;
  /** [P, 4] encoded. */
  readonly offsets: Float32Array;
  /** In pixels, as it is on disk. */
  readonly picture: Size;
}

export interface ExplainedDetector {
  readonly network: NetworkChoice;
  readonly defaultBoxes: DefaultBoxConfiguration;
  /** With the score threshold that was asked for. */
  readonly detection: DetectionRules;
}

/** An object as a detector sees it; class null: one that it does not know. */
export interface ExplainedObject {
  readonly classIndex: number | null;
  readonly box: CornerBox<ImagePx>;
}

/** When an object counts as found, and by what rule it would be learned. */
export interface MissQuestion {
  readonly scoreThreshold: number;
  readonly iouThreshold: number;
  readonly matchingThreshold: number;
  readonly matchingRule: MatchingRule;
}

/** What training counts as background of one picture beside its positives. */
export interface HardNegatives {
  /** Default boxes that learn an object. */
  readonly positives: number;
  /** Those mined, hardest first: -log of the confidence in background. */
  readonly negatives: readonly { readonly prior: number; readonly loss: number }[];
}

/** How many default boxes of an object are told of. */
const BEST_BOXES = 10;

export class Provenance {
  readonly #boxes: DefaultBoxes;
  readonly #decoded: Float32Array;
  readonly #trace: SelectionTrace;
  /** C, background included. */
  readonly #classes: number;

  /** @throws RangeError when the answers are not those of such a network */
  constructor(
    private readonly detector: ExplainedDetector,
    private readonly answers: PictureAnswers,
  ) {
    const { network, defaultBoxes, detection } = detector;
    // The number of classes changes no map.
    const maps = sourceMaps(buildNetwork(network, 2, defaultBoxes.sources.map(boxesPerCell)));
    this.#boxes = generateDefaultBoxes(defaultBoxes, network.input, maps);
    const { total, centers } = this.#boxes;
    this.#classes = answers.confidences.length / total;
    if (!Number.isInteger(this.#classes) || answers.offsets.length !== total * 4) {
      throw new RangeError(`${answers.offsets.length / 4} answers for ${total} default boxes`);
    }
    this.#decoded = decodeBoxes(answers.offsets, centers, defaultBoxes.variances, new Float32Array(total * 4));
    this.#trace = new SelectionTrace(answers.confidences, this.#decoded, answers.picture, detection);
  }

  /** As the detector puts them out, best first. */
  get detections(): readonly Detection[] {
    return this.#trace.detections;
  }

  /** Of any default box as a detection of a class, kept or not. Throws RangeError where there is no such box or class. */
  explainDetection(prior: number, classIndex: number): DetectionExplanation {
    if (!Number.isInteger(classIndex) || classIndex < 0 || classIndex >= this.#classes - 1) {
      throw new RangeError(`there is no class ${classIndex}: the detector has ${this.#classes - 1}`);
    }
    const box = this.#explained(prior);
    return {
      kind: 'detection',
      ...box,
      classIndex,
      score: this.#answer(prior, classIndex).score,
      fate: this.#trace.fate(prior, classIndex),
      cell: this.#cell(box),
      variances: this.detector.defaultBoxes.variances,
      answers: Array.from({ length: this.#classes }, (_, c) => this.#answer(prior, c - 1)),
      removed: this.#trace.removedBy(prior, classIndex).map((removed) => ({
        ...this.#explained(removed.prior),
        score: this.#answer(removed.prior, classIndex).score,
        iou: removed.iou,
      })),
    };
  }

  /**
   * The negatives that the loss of this picture would count, mined as training mines them (SPEC.md 5). The picture is taken as it
   * is, where training varies it.
   * @param objects all that training would match
   */
  hardNegatives(
    objects: readonly ExplainedObject[],
    rules: Pick<MissQuestion, 'matchingThreshold' | 'matchingRule'> & { readonly negativesPerPositive: number },
  ): HardNegatives {
    const { total } = this.#boxes;
    const { variances } = this.detector.defaultBoxes;
    const { labels, positives } = matchTargets(
      this.#targets(objects),
      this.#boxes,
      rules.matchingThreshold,
      variances,
      undefined,
      rules.matchingRule,
    );
    const losses = Float64Array.from({ length: total }, (_, prior) => this.#backgroundLoss(prior));
    const selected = new Uint8Array(total);
    mineHardNegatives(losses, labels, rules.negativesPerPositive, selected);
    const mined = [...selected.keys()].filter((prior) => selected[prior] === 1 && labels[prior] === 0);
    const negatives = mined.map((prior) => ({ prior, loss: losses[prior] }));
    return { positives, negatives: negatives.sort((a, b) => b.loss - a.loss || a.prior - b.prior) };
  }

  /** Cross entropy against background, from the logits: a confidence near 0 would lose its digits. */
  #backgroundLoss(prior: number): number {
    const logits = this.answers.logits.subarray(prior * this.#classes, (prior + 1) * this.#classes);
    const highest = Math.max(...logits);
    const sum = logits.reduce((all, logit) => all + Math.exp(logit - highest), 0);
    return highest + Math.log(sum) - logits[0];
  }

  /** Corners in unit coordinates and classes with background 0, as the matching takes them. */
  #targets(objects: readonly ExplainedObject[]) {
    const corners = objects.flatMap(({ box }) => {
      const { x1, y1, x2, y2 } = toUnit(box, this.answers.picture);
      return [x1, y1, x2, y2];
    });
    return { corners, classIndex: objects.map((each) => (each.classIndex ?? 0) + 1) };
  }

  /** @param others the other objects of the picture, which take part in the matching */
  explainObject(
    object: ExplainedObject,
    others: readonly ExplainedObject[],
    question: MissQuestion,
  ): ObjectExplanation {
    const targets = this.#targets([object, ...others]);
    const { corners } = targets;
    const { matchingThreshold, matchingRule } = question;
    const { variances } = this.detector.defaultBoxes;
    const matching = matchTargets(targets, this.#boxes, matchingThreshold, variances, undefined, matchingRule);
    const learning = [...matching.matched.keys()].filter((prior) => matching.matched[prior] === 0);
    const best = this.#bestOverlaps(corners);
    const boxes = best.slice(0, BEST_BOXES).map(({ prior, overlap }): ObjectBox => {
      const learns = matching.matched[prior] !== 0 ? 'no' : overlap >= matchingThreshold ? 'enough' : 'best';
      return { ...this.#objectBox(prior, object), iou: overlap, learns };
    });
    const responsible = [...new Set([...learning, ...best.slice(0, 1).map(({ prior }) => prior)])];
    const { verdict, about } = this.#verdict(object, others, responsible, best[0]?.overlap ?? 0, question);
    return {
      kind: 'object',
      ...object,
      matchingThreshold,
      boxes,
      verdict,
      about: about.map((prior) => this.#explained(prior)),
    };
  }

  /** The first reason that holds, from what was nearly found to what was never seen, and the default boxes it speaks of. */
  #verdict(
    object: ExplainedObject,
    others: readonly ExplainedObject[],
    responsible: readonly number[],
    bestIou: number,
    { scoreThreshold, iouThreshold, matchingThreshold }: MissQuestion,
  ): { verdict: MissVerdict; about: readonly number[] } {
    const isOwn = (classIndex: number): boolean => object.classIndex === null || classIndex === object.classIndex;
    const covering = this.detections.filter(
      ({ score, box }) => score >= scoreThreshold && iou(box, object.box) >= iouThreshold,
    );
    const own = covering.find(({ classIndex }) => isOwn(classIndex));
    if (own) {
      const overlap = iou(own.box, object.box);
      const isShared = others.some(
        (other) => other.classIndex === object.classIndex && iou(own.box, other.box) > overlap,
      );
      const verdict = { kind: isShared ? 'shared' : 'found', score: own.score, iou: overlap } as const;
      return { verdict, about: [own.prior ?? -1] };
    }

    const localised: number[] = [];
    for (let prior = 0; prior < this.#boxes.total; prior++) {
      if (iou(imageBox(this.#decoded, prior, this.answers.picture), object.box) >= iouThreshold) localised.push(prior);
    }
    const removed = this.#mostSure(localised, object);
    const fate = removed && this.#trace.fate(removed.prior, removed.classIndex);
    if (removed && fate && fate.kind !== 'weak' && removed.score >= scoreThreshold) {
      const { prior, classIndex, score } = removed;
      const overlap = this.#decodedIou(prior, object);
      if (fate.kind === 'suppressed') {
        const byScore = this.#answer(fate.by, classIndex).score;
        const verdict = { kind: 'suppressed', score, iou: overlap, byScore, overlap: fate.iou } as const;
        return { verdict, about: [prior, fate.by] };
      }
      const { perClass, perImage } = this.detector.detection;
      const limit = fate.kind === 'beyondClassLimit' ? perClass : perImage;
      return { verdict: { kind: 'crowdedOut', score, iou: overlap, limit }, about: [prior] };
    }

    const [other] = covering;
    if (other) {
      const { classIndex, score: otherScore, prior = -1 } = other;
      const { score } = this.#ownAnswer(prior, object);
      return { verdict: { kind: 'confused', classIndex, otherScore, score }, about: [prior] };
    }
    if (bestIou < matchingThreshold) {
      return {
        verdict: { kind: 'unreached', bestIou, needed: matchingThreshold },
        about: responsible.slice(0, 1),
      };
    }
    const sure = responsible.filter((prior) => this.#ownAnswer(prior, object).score >= scoreThreshold);
    if (sure.length > 0) {
      const nearest = sure.reduce((a, b) => (this.#decodedIou(b, object) > this.#decodedIou(a, object) ? b : a));
      const { score } = this.#ownAnswer(nearest, object);
      const overlap = this.#decodedIou(nearest, object);
      return { verdict: { kind: 'displaced', score, iou: overlap, needed: iouThreshold }, about: [nearest] };
    }
    const surest = this.#mostSure([...responsible, ...localised], object);
    if (!surest) return { verdict: { kind: 'unreached', bestIou, needed: matchingThreshold }, about: [] };
    const { prior, score } = surest;
    const says = this.#says(prior);
    if (says.classIndex < 0) return { verdict: { kind: 'background', score }, about: [prior] };
    if (isOwn(says.classIndex)) return { verdict: { kind: 'unsure', score, needed: scoreThreshold }, about: [prior] };
    const verdict = { kind: 'confused', classIndex: says.classIndex, otherScore: says.score, score } as const;
    return { verdict, about: [prior] };
  }

  /** The one of these default boxes with the highest score of the object's class; the first of equals. */
  #mostSure(priors: readonly number[], object: ExplainedObject) {
    let best: (ClassAnswer & { readonly prior: number }) | null = null;
    for (const prior of priors) {
      const answer = this.#ownAnswer(prior, object);
      if (best === null || answer.score > best.score) best = { prior, ...answer };
    }
    return best;
  }

  /** Default boxes by their overlap with the first object, best first, equal ones by their position. */
  #bestOverlaps(corners: readonly number[]): { prior: number; overlap: number }[] {
    const { total } = this.#boxes;
    const row = { priors: new Int32Array(total), overlaps: new Float64Array(total) };
    const count = overlapReader(corners, this.#boxes)(0, row);
    return Array.from({ length: count }, (_, i) => ({ prior: row.priors[i], overlap: row.overlaps[i] })).sort(
      (a, b) => b.overlap - a.overlap || a.prior - b.prior,
    );
  }

  #objectBox(prior: number, object: ExplainedObject) {
    const own = this.#ownAnswer(prior, object);
    const fate = this.#trace.fate(prior, own.classIndex);
    const decodedIou = this.#decodedIou(prior, object);
    return { ...this.#explained(prior), own, says: this.#says(prior), decodedIou, fate };
  }

  #decodedIou(prior: number, { box }: ExplainedObject): number {
    return iou(imageBox(this.#decoded, prior, this.answers.picture), box);
  }

  #explained(prior: number): ExplainedBox {
    const place = boxPlace(prior, this.#boxes, this.detector.defaultBoxes);
    const { picture, offsets } = this.answers;
    const [tx, ty, tw, th] = offsets.subarray(4 * prior, 4 * prior + 4);
    return {
      ...place,
      defaultBox: toImagePx(cornersAt(this.#boxes.corners, prior), picture),
      offsets: [tx, ty, tw, th],
      decoded: toImagePx(cornersAt(this.#decoded, prior), picture),
      box: imageBox(this.#decoded, prior, picture),
    };
  }

  /** Around the centre of its boxes, one step wide and high. */
  #cell({ source, row, column, map }: ExplainedBox): CornerBox<ImagePx> {
    const { input } = this.detector.network;
    const { offset, sources } = this.detector.defaultBoxes;
    const step = sources[source].step ?? [input.width / map.width, input.height / map.height];
    const [x1, y1] = [
      ((column + offset - 0.5) * step[0]) / input.width,
      ((row + offset - 0.5) * step[1]) / input.height,
    ];
    const unit = { x1, y1, x2: x1 + step[0] / input.width, y2: y1 + step[1] / input.height };
    return toImagePx(unit, this.answers.picture);
  }

  #answer(prior: number, classIndex: number): ClassAnswer {
    const at = prior * this.#classes + classIndex + 1;
    return { classIndex, logit: this.answers.logits[at], score: this.answers.confidences[at] };
  }

  /** For the object's class; for the best foreground class where it has none. */
  #ownAnswer(prior: number, { classIndex }: ExplainedObject): ClassAnswer {
    return classIndex === null ? this.#highest(prior, 0) : this.#answer(prior, classIndex);
  }

  #says(prior: number): ClassAnswer {
    return this.#highest(prior, -1);
  }

  #highest(prior: number, from: number): ClassAnswer {
    let best = this.#answer(prior, from);
    for (let c = from + 1; c < this.#classes - 1; c++) {
      const answer = this.#answer(prior, c);
      if (answer.score > best.score) best = answer;
    }
    return best;
  }
}

function cornersAt(corners: Float32Array, index: number): CornerBox<Unit> {
  const i = 4 * index;
  return { x1: corners[i], y1: corners[i + 1], x2: corners[i + 2], y2: corners[i + 3] };
}
