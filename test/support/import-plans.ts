/** Plans of made-up weight files. */
import { expect } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { planImport, type ImportPlan, type ImportRequest } from '@core/weights/import-plan';
import type { FileTensor } from '@core/weights/weight-file';

export const COUNTER = 'statistics counter';

export const plan = (architecture: ArchitectureId, tensors: readonly FileTensor[], more: Partial<ImportRequest> = {}) =>
  planImport({ architecture, tensors, metadata: {}, ...more });

/** Every parameter has its own tensor, and nothing is left but counters. */
export function expectWhole(found: ImportPlan, classes: number): void {
  expect(found.left.filter(({ reason }) => reason !== COUNTER)).toEqual([]);
  expect([found.wrongShape, found.missing, found.problems]).toEqual([[], [], []]);
  expect(found).toMatchObject({ fileClasses: classes, classes, transfer: false });
  expect(new Set(found.matched.map(({ tensor }) => tensor)).size).toBe(found.matched.length);
}
