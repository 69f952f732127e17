/**
 * Default boxes as a person configures them, in the vocabulary of Caffe's PriorBox (SPEC.md 2.2).
 * Order within a cell: for each min size: min (a=1), then sqrt(min*max) if it has a max size, then each aspect ratio and its
 * reciprocal; with `extraBoxLast` sqrt(min*max) comes after those.
 */

/** The default boxes of one source (a feature map that predicts). Sizes are pixels of the network input. */
export interface SourceBoxes {
  /** s_k in pixels; RFB-320 has several per source, SSD one. */
  readonly minSizes: readonly number[];
  /** One per min size for the extra box sqrt(min*max), or empty. */
  readonly maxSizes: readonly number[];
  /** Without 1 and without reciprocals, which are added: 2 means 2 and 1/2. */
  readonly aspectRatios: readonly number[];
  /** Distance between cell centres in input pixels [x, y]; null: input size / map size. */
  readonly step: readonly [number, number] | null;
}

/** `none`: Caffe. `all`: cx, cy, w, h to [0,1] (amdegroot, RFBNet, RFB-320). `size`: w, h only (torchvision). SPEC.md 2.4. */
export type PriorClipping = 'none' | 'all' | 'size';

export interface DefaultBoxConfiguration {
  /** One per source, in the order of the network's sources. */
  readonly sources: readonly SourceBoxes[];
  readonly clip: PriorClipping;
  /** Position of the centre within its cell, .5 everywhere but in odd files. */
  readonly offset: number;
  /** [centre, size], (.1, .2) in every released SSD. */
  readonly variances: readonly [number, number];
  /** The box sqrt(min*max) after the ratios of its min size instead of before them (TF OD API, Paddle; SPEC.md 2.3). */
  readonly extraBoxLast?: boolean;
}

/** Boxes per cell of one source: what its predictor's channels are made for. */
export function boxesPerCell(source: SourceBoxes): number {
  return source.minSizes.length * (1 + 2 * source.aspectRatios.length) + source.maxSizes.length;
}

/** Maps, from 0, whose cells have another number of default boxes: predictors learned with one do not fit the other. */
export function mapsOfOtherCells(a: DefaultBoxConfiguration, b: DefaultBoxConfiguration): number[] {
  const counts = b.sources.map(boxesPerCell);
  return a.sources.flatMap((source, map) => (boxesPerCell(source) === counts[map] ? [] : [map]));
}
