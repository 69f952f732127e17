/** COCO's run-length masks, as far as an evaluation of boxes needs them: the box around the mask and its area. */
export interface RunLengthMask {
  readonly size: readonly [height: number, width: number];
  /** Lengths of runs, outside and inside in turn, down the columns; or the same compressed (maskApi.c, rleToString). */
  readonly counts: string | readonly number[];
}

export interface MaskExtent {
  /** Left, top, width, height in pixels; zeros for an empty mask. */
  readonly bounds: readonly [left: number, top: number, width: number, height: number];
  readonly area: number;
}

/** As maskApi.c has it (rleToBbox, rleArea). Null: the runs are not readable or do not fit the size. */
export function extentOfMask({ size: [height, width], counts }: RunLengthMask): MaskExtent | null {
  const runs = typeof counts === 'string' ? decompress(counts) : counts;
  if (runs === null || runs.some((run) => run < 0)) return null;
  if (runs.reduce((sum, run) => sum + run, 0) > height * width) return null;
  const ends = runs.length - (runs.length % 2);
  if (ends === 0) return { bounds: [0, 0, 0, 0], area: 0 };
  let [left, top, right, bottom] = [width, height, 0, 0];
  let [position, area, firstColumn] = [0, 0, 0];
  for (let j = 0; j < ends; j++) {
    position += runs[j];
    const isEnd = j % 2 === 1;
    if (isEnd) area += runs[j];
    const pixel = isEnd ? position - 1 : position;
    const y = pixel % height;
    const x = (pixel - y) / height;
    if (!isEnd) firstColumn = x;
    else if (firstColumn < x) [top, bottom] = [0, height - 1];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { bounds: [left, top, right - left + 1, bottom - top + 1], area };
}

/** Numbers of six bits each, five of them value, the sixth "more follows"; from the third on differences to the one before last. */
function decompress(text: string): number[] | null {
  const runs: number[] = [];
  for (let p = 0; p < text.length;) {
    let value = 0;
    let shift = 0;
    for (let more = true; more; shift += 5) {
      const digit = text.charCodeAt(p++) - 48;
      if (!(digit >= 0 && digit < 64) || shift > 30) return null;
      value |= (digit & 0x1f) << shift;
      more = (digit & 0x20) !== 0;
      if (!more && (digit & 0x10) !== 0 && shift < 25) value |= -1 << (shift + 5);
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  return runs;
}
