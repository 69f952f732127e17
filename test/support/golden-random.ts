/** The number generator that the golden files' weights and inputs come from (shared/golden/README.md). */

/** `count` numbers of the tensor called `name` in [low, high), rounded to float32. */
export function goldenTensor(name: string, count: number, low: number, high: number, seed = 0): Float32Array {
  const start = (fnv1a32(name) ^ seed) >>> 0;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const a = (start + Math.imul(i + 1, 0x6d2b79f5)) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    values[i] = low + (high - low) * (((t ^ (t >>> 14)) >>> 0) / 4294967296);
  }
  return values;
}

function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
