/** The engines that run on this machine: tensorflow only where its native part is there. */
import { afterAll, beforeAll, describe } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineId } from '@core/experiment/run';
import { type Engine, openEngine } from '../../src-main/engine/engines';

const ready = new Set<EngineId>();
for (const id of ['tensorflow', 'wasm'] as const) {
  await openEngine(id).then(
    () => ready.add(id),
    () => undefined,
  );
}

export const isReady = (id: EngineId): boolean => ready.has(id);

/** Runs a suite on both engines; shown as skipped where one is missing. */
export function describeOnEngines(
  name: string,
  suite: (engine: () => Engine, id: 'tensorflow' | 'wasm') => void,
): void {
  for (const id of ['tensorflow', 'wasm'] as const) {
    describe.skipIf(!isReady(id))(`${name} (${id})`, () => {
      let engine: Engine;
      beforeAll(async () => {
        engine = await openEngine(id);
        tf.engine().startScope();
      });
      afterAll(() => tf.engine().endScope());
      suite(() => engine, id);
    });
  }
}

/** Repeatable numbers in [-1, 1). */
export function randomNumbers(seed: number): (count: number) => Float32Array {
  let state = seed;
  return (count) =>
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2147483648 - 1;
    });
}
