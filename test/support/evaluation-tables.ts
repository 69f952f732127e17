/** Tables of a data set written as rows, for tests of the metrics. */
import fc from 'fast-check';
import type { EvaluationTables } from '@core/evaluation/box-table';

export interface TruthRow {
  readonly image?: number;
  readonly category?: number;
  readonly box: readonly number[];
  readonly area?: number | undefined;
  readonly crowd?: boolean;
  readonly difficult?: boolean;
  readonly id?: number;
}

export interface FoundRow {
  readonly image?: number;
  readonly category?: number;
  readonly box: readonly number[];
  readonly score: number;
}

/** Annotations are numbered from 1. */
export function tablesOf(
  truths: readonly TruthRow[],
  found: readonly FoundRow[],
  imageCount = 1,
  classNames: readonly string[] = ['nut'],
): EvaluationTables {
  const columns = (rows: readonly (TruthRow | FoundRow)[]) => ({
    image: Int32Array.from(rows, ({ image }) => image ?? 0),
    category: Int32Array.from(rows, ({ category }) => category ?? 0),
    boxes: Float64Array.from(rows.flatMap(({ box }) => [...box])),
  });
  return {
    imageCount,
    classNames,
    groundTruths: {
      ...columns(truths),
      area: Float64Array.from(truths, ({ area, box }) => area ?? box[2] * box[3]),
      crowd: Uint8Array.from(truths, ({ crowd }) => Number(crowd ?? false)),
      difficult: Uint8Array.from(truths, ({ difficult }) => Number(difficult ?? false)),
      id: Float64Array.from(truths, ({ id }, i) => id ?? i + 1),
    },
    detections: { ...columns(found), score: Float64Array.from(found, ({ score }) => score) },
  };
}

/**
 * Three pictures, two classes, boxes on a coarse grid and few scores, so that ties, equal overlaps, overlaps of exactly a
 * threshold, crowds, several objects per detection and empty pictures are common.
 */
export function hardTables(most = 24): fc.Arbitrary<EvaluationTables> {
  const place = { image: fc.integer({ min: 0, max: 2 }), category: fc.integer({ min: 0, max: 1 }) };
  const grid = fc.integer({ min: 0, max: 3 }).map((step) => step * 16);
  const side = fc.integer({ min: 1, max: 8 }).map((step) => step * 16);
  const box = fc.tuple(grid, grid, side, side);
  const truth: fc.Arbitrary<TruthRow> = fc.record({
    ...place,
    box,
    area: fc.constantFrom(undefined, 500, 1024, 5000, 9216, 20000),
    crowd: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    difficult: fc.boolean(),
  });
  const found: fc.Arbitrary<FoundRow> = fc.record({ ...place, box, score: fc.constantFrom(0, 0.1, 0.5, 0.9, 1) });
  return fc
    .tuple(fc.array(truth, { maxLength: most }), fc.array(found, { maxLength: most }), fc.integer({ min: 0, max: 1 }))
    .map(([truths, detections, firstId]) =>
      tablesOf(
        truths.map((row, i) => ({ ...row, id: firstId + i })),
        detections,
        3,
        ['nut', 'bolt'],
      ),
    );
}
