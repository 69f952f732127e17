/** Comparisons with reference implementations: each is asserted, and `npm run fidelity` gathers them in docs/fidelity.md. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Engine } from '../../src-main/engine/engines';

/** The tables of docs/fidelity.md, in its order. */
export type FidelityTable =
  | 'Forward passes'
  | 'Loss and gradients'
  | 'Default boxes'
  | 'Post-processing'
  | 'Metrics'
  | 'Weight files'
  | 'Exports';

export interface Comparison {
  readonly table: FidelityTable;
  /** The architecture, metric or file that is compared, and its input size or classes where they matter. */
  readonly subject: string;
  /** The reference, with its version: "torchvision 0.29". */
  readonly source: string;
  /** What is compared: "offsets, 64 samples". */
  readonly what: string;
  /** One number, or a few words, that stand for the compared values on either side. */
  readonly reference: number | string;
  readonly ours: number | string;
  readonly largestDifference: number;
  /** The largest difference that passes. */
  readonly tolerance: number;
  /** Whether difference and tolerance are shares of the reference's value. */
  readonly relative?: boolean;
  /** The engine that computed ours; absent where no tensor was involved. */
  readonly engine?: Engine;
}

/** Expects the difference to be within the tolerance, and notes the comparison where SSD_STUDIO_FIDELITY names a folder. */
export function recordFidelity(comparison: Comparison): void {
  const { engine, ...rest } = comparison;
  const { table, subject, source, what, largestDifference, tolerance } = comparison;
  const title = `${subject}, ${what}, against ${source}`;
  expect(Number.isFinite(largestDifference), `${title}: the difference is ${largestDifference}`).toBe(true);
  expect(largestDifference, title).toBeLessThanOrEqual(tolerance);
  const folder = process.env.SSD_STUDIO_FIDELITY;
  if (!folder) return;
  const record = { ...rest, engine: engine ? { id: engine.id, detail: engine.detail } : null };
  const key = JSON.stringify([table, subject, source, what, engine?.id]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${createHash('sha256').update(key).digest('hex')}.json`), JSON.stringify(record));
}

/** The largest absolute difference of two equally long lists; NaN where either has one. Throws RangeError on other lengths. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} numbers cannot be compared with ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
