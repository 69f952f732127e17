/** What an exported detector says, whichever runtime runs it, and whether two answers are the same. */

/** For a batch of pictures. */
export interface DetectorOutput {
  /** [N, P, 4] corner form, fractions of the picture. */
  readonly boxes: Float32Array;
  /** [N, P, C], background first. */
  readonly scores: Float32Array;
}

/** What counts as equal: boxes as fractions of the picture's side, scores as probabilities. */
export const BOX_TOLERANCE = 1e-3;
export const SCORE_TOLERANCE = 1e-4;

/** Largest absolute differences over every default box; an answer of another shape or with NaN never passes. */
export function compareOutputs(own: DetectorOutput, exported: DetectorOutput) {
  const largestBoxDifference = largestDifference(own.boxes, exported.boxes);
  const largestScoreDifference = largestDifference(own.scores, exported.scores);
  const passed = largestBoxDifference < BOX_TOLERANCE && largestScoreDifference < SCORE_TOLERANCE;
  return {
    largestBoxDifference,
    largestScoreDifference,
    boxTolerance: BOX_TOLERANCE,
    scoreTolerance: SCORE_TOLERANCE,
    passed,
  };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}
