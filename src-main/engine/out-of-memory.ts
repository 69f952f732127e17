/** A device that cannot hold what it was asked for. */

export class OutOfMemory extends Error {
  override readonly name = 'OutOfMemory';
}

/** TensorFlow's words, WebGPU's, and JavaScript's for a buffer that cannot be mapped. */
const WORDS =
  /out of memory|OOM when allocating|resource ?exhausted|failed to allocate|allocation failed|exceeds the max (buffer|storage buffer binding) size/i;

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof OutOfMemory || (error instanceof Error && WORDS.test(error.message));
}
