/** What an object would need, in sentences; the same in the window and on the command line. */
import type { Size } from '../geometry/convert';
import type { Reach, ReachChange } from './reach';
import { inputScale } from './scales';

const pixels = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const number = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** From this factor between its sides on an object is no square to speak of. */
const SQUARISH = 1.25;

/** "It needs a square default box of about 11 px; the best one there is has IoU 0.14, and 0.5 is needed." */
export function describeNeed({ width, height, bestIou, reached, possibleIou }: Reach, threshold: number): string {
  const ratio = width / height;
  const side = Math.sqrt(width * height);
  const shape =
    Math.max(ratio, 1 / ratio) < SQUARISH
      ? `a square default box of about ${pixels(side)} px`
      : `a default box of about ${pixels(width)} × ${pixels(height)} px, ${ratio > 1 ? `${number(ratio, 1)}:1` : `1:${number(1 / ratio, 1)}`}`;
  if (reached) return `It is reached: its best default box has IoU ${bestIou.toFixed(2)}.`;
  const best = bestIou > 0 ? `the best one there is has IoU ${bestIou.toFixed(2)}` : 'none overlaps it';
  const need = `It needs ${shape}; ${best}, and ${number(threshold, 2)} is needed.`;
  if (possibleIou >= threshold) return need;
  return `${need} Even a box of its very size would lie too far beside it (IoU ${possibleIou.toFixed(2)}): only finer cells help, so a larger network input.`;
}

/** A verb phrase: "Change the size 30 px of map 1 to 21.7 px". */
export function describeChange(change: ReachChange, input: Size): string {
  switch (change.kind) {
    case 'sMin':
      return `Make the smallest boxes ${scaled(change, input)}; the other sizes follow`;
    case 'sMax':
      return `Make the largest boxes ${scaled(change, input)}; the other sizes follow`;
    case 'size':
      return `Change the size ${number(change.from, 1)} px of map ${change.source + 1} to ${number(change.to, 1)} px`;
    case 'ratio':
      return `Add the ratio ${change.ratio}:1 and 1:${change.ratio} to map ${change.source + 1}`;
    case 'sizeAndRatio':
      return `Change the size ${number(change.from, 1)} px of map ${change.source + 1} to ${number(change.to, 1)} px, and add the ratio ${change.ratio}:1 and 1:${change.ratio}`;
  }
}

/** Both as pixels and as a scale, since a formula may call another map's size s_min. */
function scaled({ from, to }: { readonly from: number; readonly to: number }, input: Size): string {
  const [before, after] = [from, to].map((scale) => number(scale * inputScale(input), 1));
  return `${after} instead of ${before} px (scale ${number(to, 3)})`;
}
