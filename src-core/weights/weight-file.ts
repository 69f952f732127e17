/** The tensors that a weight file holds, as its table of contents says them; their values are read elsewhere. */

/** Bytes of one element. The names are those of the safetensors format. */
export const ELEMENT_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type ElementType = keyof typeof ELEMENT_BYTES;

export interface FileTensor {
  readonly name: string;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

export const isElementType = (name: unknown): name is ElementType =>
  typeof name === 'string' && Object.hasOwn(ELEMENT_BYTES, name);
