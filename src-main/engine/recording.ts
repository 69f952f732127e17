/** Operations that an engine has run once, to be run again as one whole: without a call for each, and side by side. */
import type { Tensor } from '@tensorflow/tfjs-core';

/** Computes as the recorded work did, from other tensors of the same shapes. */
export interface Recording {
  /** Which of the inputs the results depend on; the others need not be given again. */
  readonly reads: readonly boolean[];
  /**
   * @param inputs as they were recorded; null where not read
   * @param wanted which results to compute, by index. They are the caller's to dispose.
   */
  replay(inputs: readonly (Tensor | null)[], wanted: readonly number[]): Tensor[];
  dispose(): void;
}

/** Runs `work`, which computes from nothing but `inputs` and constants. */
export type Recorder = <R extends readonly Tensor[]>(
  inputs: readonly Tensor[],
  work: () => R,
) => { readonly results: R; readonly recording: Recording };
