/** Ground truth and detections on their way from files of any format into the evaluation's tables. */
import type { DetectionTable, EvaluationTables, GroundTruthTable } from '../evaluation/box-table';

/** What detections are read against. */
export interface GroundTruthFile extends Omit<EvaluationTables, 'detections'> {
  /** Position of a picture under every name that detections may give it: its identifier, a number, and its file's name without extension. */
  readonly imageOf: ReadonlyMap<number | string, number>;
  /** Position of a category under its identifier, a number, and under its name. */
  readonly categoryOf: ReadonlyMap<number | string, number>;
  /** Width and height in pixels of each picture; null where the files do not say. */
  readonly sizes: readonly (PictureSize | null)[];
  /** What was left out or filled in, as sentences. */
  readonly notes: readonly string[];
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface DetectionsFile {
  readonly detections: DetectionTable;
  readonly notes: readonly string[];
}

/** Left, top, width, height. */
export type Bounds = readonly [left: number, top: number, width: number, height: number];

interface GroundTruthRow {
  readonly image: number;
  readonly category: number;
  readonly bounds: Bounds;
  /** Default: width times height. */
  readonly area?: number | undefined;
  readonly crowd?: boolean;
  readonly difficult?: boolean;
  readonly id?: number | undefined;
}

/** Boxes row by row; numbers alone, since there may be millions. */
class BoxColumns {
  private readonly image: number[] = [];
  private readonly category: number[] = [];
  private readonly boxes: number[] = [];

  add(image: number, category: number, [left, top, width, height]: Bounds): void {
    this.image.push(image);
    this.category.push(category);
    this.boxes.push(left, top, width, height);
  }

  table() {
    return {
      image: Int32Array.from(this.image),
      category: Int32Array.from(this.category),
      boxes: Float64Array.from(this.boxes),
    };
  }
}

export class GroundTruthBuilder {
  private readonly columns = new BoxColumns();
  private readonly area: number[] = [];
  private readonly crowd: number[] = [];
  private readonly difficult: number[] = [];
  private readonly id: number[] = [];

  add({ image, category, bounds, area, crowd = false, difficult = false, id = NaN }: GroundTruthRow): void {
    this.columns.add(image, category, bounds);
    this.area.push(area ?? bounds[2] * bounds[3]);
    this.crowd.push(Number(crowd));
    this.difficult.push(Number(difficult));
    this.id.push(id);
  }

  table(): GroundTruthTable {
    return {
      ...this.columns.table(),
      area: Float64Array.from(this.area),
      crowd: Uint8Array.from(this.crowd),
      difficult: Uint8Array.from(this.difficult),
      id: Float64Array.from(this.id),
    };
  }
}

/** Detections of known pictures and categories become rows; the others are counted under the name that is not known. */
export class DetectionBuilder {
  private readonly columns = new BoxColumns();
  private readonly score: number[] = [];
  private readonly area: number[] = [];
  private hasOwnArea = false;
  private readonly unknownImages = new Map<number | string, number>();
  private readonly unknownCategories = new Map<number | string, number>();

  /** @param names what detections mean that number their classes from 0 */
  constructor(
    private readonly truth: GroundTruthFile,
    private readonly names: readonly string[] = [],
  ) {}

  /** @param area default: width times height */
  add(imageName: number | string, categoryName: number | string, bounds: Bounds, score: number, area?: number): void {
    const image = this.truth.imageOf.get(imageName);
    const { categoryOf } = this.truth;
    const category = categoryOf.get(categoryName) ?? categoryOf.get(nameOfNumber(categoryName, this.names));
    if (image === undefined) countUp(this.unknownImages, imageName);
    else if (category === undefined) countUp(this.unknownCategories, categoryName);
    else {
      this.columns.add(image, category, bounds);
      this.score.push(score);
      this.area.push(area ?? bounds[2] * bounds[3]);
      this.hasOwnArea ||= area !== undefined;
    }
  }

  /** Where detections number their classes and the ground truth names them. */
  private hint(): string[] {
    const isNumber = (key: number | string): boolean => /^\d+$/.test(String(key));
    const unknown = [...this.unknownCategories.keys()];
    if (unknown.length === 0 || !unknown.every(isNumber) || [...this.truth.categoryOf.keys()].some(isNumber)) return [];
    return ['A list of names (--names) can say which classes the numbers are.'];
  }

  file(): DetectionsFile {
    return {
      detections: {
        ...this.columns.table(),
        score: Float64Array.from(this.score),
        ...(this.hasOwnArea ? { area: Float64Array.from(this.area) } : {}),
      },
      notes: [
        ...unknownNote(this.unknownImages, 'pictures'),
        ...unknownNote(this.unknownCategories, 'categories'),
        ...this.hint(),
      ],
    };
  }
}

/** Name without folders and extension. */
export const stem = (file: string): string => file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');

/** Position of each picture under the name of its file as given and without folders and extension, where only one is called so. */
export function namedPictures(files: readonly (string | undefined)[]): Map<number | string, number> {
  const positions = new Map<number | string, number>();
  const shared = new Set<string>();
  files.forEach((file, i) => {
    for (const name of new Set(file === undefined ? [] : [file, stem(file)])) {
      if (positions.has(name)) shared.add(name);
      positions.set(name, i);
    }
  });
  for (const name of shared) positions.delete(name);
  return positions;
}

/** The class that a number stands for in a list of names; anything else is a name itself. */
export function nameOfNumber(word: number | string, names: readonly string[]): string {
  return (/^\d+$/.test(String(word)) ? names[Number(word)] : undefined) ?? String(word);
}

function countUp(counts: Map<number | string, number>, key: number | string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function unknownNote(counts: ReadonlyMap<number | string, number>, what: 'pictures' | 'categories'): string[] {
  if (counts.size === 0) return [];
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [`${total} detections were left out: the ground truth has no ${what} ${listed([...counts.keys()])}.`];
}

const NAMED = 10;

/** At most ten by name. */
export function listed(names: readonly (number | string)[]): string {
  const rest = names.length - NAMED;
  const shown = names.slice(0, NAMED).map((name) => String(name).slice(0, 100));
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
