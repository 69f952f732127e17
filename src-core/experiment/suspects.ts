/**
 * Where labels may be missing: boxes of training pictures that a network takes for objects each time it sees them, although
 * nothing is labelled there. A bounded memory, filled while a run trains, of what heads its hard negatives.
 */
import { sourceBox, viewBox, type View } from '../augment/view';
import type { CornerBox, ImagePx } from '../geometry/box';
import { clip, isDegenerate, type Size } from '../geometry/convert';
import { iou } from '../geometry/overlap';
import type { Candidate } from '../priors/hard-negatives';

/** A training picture as a run knows it. */
export interface WatchedPicture extends Size {
  readonly id: number;
  readonly objects: readonly CornerBox<ImagePx>[];
}

/** One place of a picture that was taken for an object. Its sums fade, so that what a network thought early counts little. */
export interface SuspectRecord {
  /** Unique in the run. */
  readonly id: number;
  readonly imageId: number;
  /** Mean of what was seen, weighted by score. */
  readonly box: CornerBox<ImagePx>;
  /** Faded sum of scores, and of the times that the place was in view. */
  readonly scores: number;
  readonly weight: number;
  /** Faded sum of scores by class, [class from 0, sum]. */
  readonly classes: readonly (readonly [number, number])[];
  /** How often it was taken for an object, of so many times in view. */
  readonly seen: number;
  readonly looks: number;
  readonly lastStep: number;
}

/** All that a memory is: with it a run goes on as if it had never ended. */
export interface SuspectState {
  readonly nextId: number;
  readonly suspects: readonly SuspectRecord[];
}

/** How much of a sum is left at the next look: after ten looks a seventh. */
const FADING = 0.82;
/** Looks that a place is credited with at which nothing was seen: two sightings alone do not make a suspect. */
const DOUBT = 2;
const SAME_PLACE_IOU = 0.5;
/** From here on a box is about a labelled object, well or badly placed. */
const LABELLED_IOU = 0.4;
/** Of a box so much inside one labelled object, or of an object so much inside the box: a part or a group, not another object. */
const COVERED = 0.75;
const MOST_PER_PICTURE = 24;
const MOST_RECORDS = 20_000;
/** Seen less than this, a place is one accident and not shown. */
const FEWEST_SIGHTINGS = 3;
/** A place whose suspicion falls below this after some looks is forgotten. */
const FORGOTTEN = 0.06;

/** From 0 to 1: how high a place scores on average over what it was looked at lately, little while that was seldom. */
export const suspicion = ({ scores, weight }: Pick<SuspectRecord, 'scores' | 'weight'>): number =>
  scores / (weight + DOUBT);

/** Mean score of the times it was in view lately, 0 where it was not taken for an object. */
export const scoreOf = ({ scores, weight }: Pick<SuspectRecord, 'scores' | 'weight'>): number => scores / weight;

/** The class it was taken for most, from 0. */
export const classOf = ({ classes }: Pick<SuspectRecord, 'classes'>): number =>
  classes.reduce((best, next) => (next[1] > best[1] ? next : best))[0];

/** What is worth showing, the most suspicious first. */
export const rankSuspects = (records: readonly SuspectRecord[]): readonly SuspectRecord[] =>
  records.filter(({ seen }) => seen >= FEWEST_SIGHTINGS).sort((a, b) => suspicion(b) - suspicion(a) || a.id - b.id);

export class SuspectMemory {
  readonly #byPicture = new Map<number, SuspectRecord[]>();
  #nextId: number;
  #count = 0;

  constructor({ nextId, suspects }: SuspectState = { nextId: 1, suspects: [] }) {
    this.#nextId = nextId;
    this.#take(suspects);
  }

  get state(): SuspectState {
    return { nextId: this.#nextId, suspects: [...this.#byPicture.values()].flat() };
  }

  /** A picture was trained on in a view; `candidates` are what the network took for objects among its negatives. */
  look(step: number, picture: WatchedPicture, view: View, candidates: readonly Candidate[]): void {
    const before = this.#byPicture.get(picture.id) ?? [];
    if (before.length === 0 && candidates.length === 0) return;
    const seen = sightings(picture, view, candidates);
    const matched = new Map<SuspectRecord, Sighting>();
    const fresh: SuspectRecord[] = [];
    for (const sighting of seen) {
      const known = nearest(before, sighting.box);
      if (known === null) fresh.push(this.#begin(step, picture.id, sighting));
      else if (!matched.has(known)) matched.set(known, sighting);
    }
    const after = before.flatMap((record) => {
      const sighting = matched.get(record);
      if (sighting) return [seenAgain(record, sighting, step)];
      if (!inView(record.box, picture, view)) return [record];
      const missed = notSeen(record);
      return suspicion(missed) < FORGOTTEN && missed.looks > 3 ? [] : [missed];
    });
    const kept = best([...after, ...fresh], MOST_PER_PICTURE);
    this.#count += kept.length - before.length;
    if (kept.length > 0) this.#byPicture.set(picture.id, kept);
    else this.#byPicture.delete(picture.id);
    if (this.#count > MOST_RECORDS) this.#forgetLeast();
  }

  #begin(step: number, imageId: number, { box, classIndex, score }: Sighting): SuspectRecord {
    const sums = { scores: score, weight: 1, classes: [[classIndex, score] as const] };
    return { id: this.#nextId++, imageId, box, ...sums, seen: 1, looks: 1, lastStep: step };
  }

  #forgetLeast(): void {
    const kept = best(this.state.suspects, Math.floor(0.9 * MOST_RECORDS));
    this.#byPicture.clear();
    this.#take(kept);
  }

  #take(records: readonly SuspectRecord[]): void {
    for (const record of records) {
      const own = this.#byPicture.get(record.imageId);
      if (own) own.push(record);
      else this.#byPicture.set(record.imageId, [record]);
    }
    this.#count = records.length;
  }
}

interface Sighting {
  readonly classIndex: number;
  readonly score: number;
  readonly box: CornerBox<ImagePx>;
}

/** Candidates in pixels of the picture, without those that the view cuts and those that are about labelled objects. */
function sightings(picture: WatchedPicture, view: View, candidates: readonly Candidate[]): readonly Sighting[] {
  return candidates.flatMap(({ box: shown, ...found }) => {
    const whole = sourceBox(view, shown);
    if (whole === null) return [];
    const box = clip(whole, picture);
    if (isDegenerate(box) || !inView(box, picture, view) || isAboutLabel(box, picture.objects)) return [];
    return [{ ...found, box }];
  });
}

/** Nothing of the box is cut by the view: what the picture's own edge cuts is as it always is. */
function inView(box: CornerBox<ImagePx>, picture: Size, view: View): boolean {
  const { x1, y1, x2, y2 } = viewBox(view, clip(box, picture));
  const [roomX, roomY] = [0.06 * (x2 - x1), 0.06 * (y2 - y1)];
  return x1 >= -roomX && y1 >= -roomY && x2 <= 1 + roomX && y2 <= 1 + roomY;
}

/** Whether a box is about one of the labelled objects: a place of it, a part of it, or a group around it. */
export function isAboutLabel(box: CornerBox<ImagePx>, objects: readonly CornerBox<ImagePx>[]): boolean {
  return objects.some((object) => {
    const shared = intersection(box, object);
    if (shared === 0) return false;
    return iou(box, object) >= LABELLED_IOU || shared >= COVERED * Math.min(area(box), area(object));
  });
}

const area = ({ x1, y1, x2, y2 }: CornerBox<ImagePx>): number => (x2 - x1) * (y2 - y1);
const intersection = (a: CornerBox<ImagePx>, b: CornerBox<ImagePx>): number =>
  Math.max(0, Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)) * Math.max(0, Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1));

/** The record that overlaps most, if it is the same place. */
function nearest(records: readonly SuspectRecord[], box: CornerBox<ImagePx>): SuspectRecord | null {
  let found: SuspectRecord | null = null;
  let largest = SAME_PLACE_IOU;
  for (const record of records) {
    const overlap = iou(record.box, box);
    if (overlap < largest) continue;
    found = record;
    largest = overlap;
  }
  return found;
}

function seenAgain(record: SuspectRecord, { box, classIndex, score }: Sighting, step: number): SuspectRecord {
  const faded = fade(record);
  const scores = faded.scores + score;
  const toward = (from: number, to: number): number => from + ((to - from) * score) / scores;
  const known = faded.classes.some(([index]) => index === classIndex);
  return {
    ...faded,
    scores,
    weight: faded.weight + 1,
    box: {
      x1: toward(record.box.x1, box.x1),
      y1: toward(record.box.y1, box.y1),
      x2: toward(record.box.x2, box.x2),
      y2: toward(record.box.y2, box.y2),
    },
    classes: known
      ? faded.classes.map(([index, sum]) => [index, index === classIndex ? sum + score : sum] as const)
      : [...faded.classes, [classIndex, score]],
    seen: record.seen + 1,
    looks: record.looks + 1,
    lastStep: step,
  };
}

const notSeen = (record: SuspectRecord): SuspectRecord => {
  const faded = fade(record);
  return { ...faded, weight: faded.weight + 1, looks: record.looks + 1 };
};

const fade = (record: SuspectRecord): SuspectRecord => ({
  ...record,
  scores: FADING * record.scores,
  weight: FADING * record.weight,
  classes: record.classes.map(([index, sum]) => [index, FADING * sum] as const),
});

/** The most suspicious of them, in their order. */
function best(records: readonly SuspectRecord[], most: number): SuspectRecord[] {
  if (records.length <= most) return [...records];
  const ranked = [...records].sort((a, b) => suspicion(b) - suspicion(a) || a.id - b.id);
  const kept = new Set(ranked.slice(0, most));
  return records.filter((record) => kept.has(record));
}
