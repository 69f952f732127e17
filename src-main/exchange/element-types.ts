/** Numbers of weight files as float32. Little-endian, as every weight file and every machine that we run on is. */
import type { ElementType } from '@core/weights/weight-file';

/**
 * Decodes all elements of `bytes`, which start at offset 0 of their buffer, into `into`. Doubles and integers are rounded
 * to the nearest float32; bool is 0 or 1.
 */
export function decodeElements(dtype: ElementType, bytes: Uint8Array, into: Float32Array): void {
  const { buffer } = bytes;
  switch (dtype) {
    case 'F64':
      return into.set(new Float64Array(buffer));
    case 'F32':
      return into.set(new Float32Array(buffer));
    case 'F16':
      return decodeHalves(new Uint16Array(buffer), into);
    case 'BF16':
      return decodeBrainFloats(new Uint16Array(buffer), into);
    case 'I64':
      new BigInt64Array(buffer).forEach((value, i) => (into[i] = Number(value)));
      return;
    case 'I32':
      return into.set(new Int32Array(buffer));
    case 'I16':
      return into.set(new Int16Array(buffer));
    case 'I8':
      return into.set(new Int8Array(buffer));
    case 'U8':
      return into.set(bytes);
    case 'BOOL':
      bytes.forEach((value, i) => (into[i] = value === 0 ? 0 : 1));
  }
}

let halves: Float32Array | null = null;

function decodeHalves(bits: Uint16Array, into: Float32Array): void {
  halves ??= Float32Array.from({ length: 1 << 16 }, (_, half) => halfValue(half));
  for (let i = 0; i < bits.length; i++) into[i] = halves[bits[i]];
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float32. */
function decodeBrainFloats(bits: Uint16Array, into: Float32Array): void {
  const words = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
}
