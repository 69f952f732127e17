/** Objects of many pictures in the form that the analyses of default boxes read: typed columns, and pictures one after another. */

/** Objects of many pictures as columns; unit coordinates. `ObjectColumns` of the contract is one. */
export interface CoverageObjects {
  readonly imageId: ArrayLike<number>;
  readonly x1: ArrayLike<number>;
  readonly y1: ArrayLike<number>;
  readonly x2: ArrayLike<number>;
  readonly y2: ArrayLike<number>;
}

export interface ObjectTable {
  readonly count: number;
  readonly pictures: number;
  /** Positions of the objects, those of one picture together. */
  readonly order: Int32Array;
  /** Where each picture begins in `order`, then the count. */
  readonly starts: Int32Array;
  readonly x1: Float64Array;
  readonly y1: Float64Array;
  readonly x2: Float64Array;
  readonly y2: Float64Array;
}

/** Nothing is sorted when the objects of a picture stand together in ascending order of pictures already. */
export function objectTable({ imageId, x1, y1, x2, y2 }: CoverageObjects): ObjectTable {
  const count = x1.length;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = 1; i < count; i++) {
    if (imageId[i] >= imageId[i - 1]) continue;
    order.sort((a, b) => imageId[a] - imageId[b] || a - b);
    break;
  }
  const starts: number[] = [];
  for (let at = 0; at < count; at++) {
    if (at === 0 || imageId[order[at]] !== imageId[order[at - 1]]) starts.push(at);
  }
  return {
    count,
    pictures: starts.length,
    order,
    starts: Int32Array.from([...starts, count]),
    x1: Float64Array.from(x1),
    y1: Float64Array.from(y1),
    x2: Float64Array.from(x2),
    y2: Float64Array.from(y2),
  };
}

export const hasArea = ({ x1, y1, x2, y2 }: CoverageObjects, i: number): boolean => x2[i] > x1[i] && y2[i] > y1[i];
