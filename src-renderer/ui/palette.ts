/** Class colours of the core palette with the text colour that reads on each. */
import { CLASS_LINE_COLOURS } from '@core/dataset/palette';

export interface ClassColour {
  /** #rrggbb: lines and swatches on dark ground and on pictures. */
  readonly line: string;
  /** Text on a filled label of this colour. */
  readonly on: string;
}

/** WCAG 2 relative luminance of #rrggbb, 0 to 1. */
export function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2 contrast of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const DARK = '#000000';
const LIGHT = '#ffffff';

export const CLASS_COLOURS: readonly ClassColour[] = CLASS_LINE_COLOURS.map((line) => ({
  line,
  on: contrast(line, DARK) >= contrast(line, LIGHT) ? DARK : LIGHT,
}));

/** Colour of the class at this position (from 0); they repeat after twenty. */
export function classColour(order: number): ClassColour {
  const index = ((order % CLASS_COLOURS.length) + CLASS_COLOURS.length) % CLASS_COLOURS.length;
  return CLASS_COLOURS[index] as ClassColour;
}

/** The digit key of a class: 1 to 9, then 0 for the tenth; null beyond. */
export const classDigit = (order: number): string | null => (order < 10 ? String((order + 1) % 10) : null);
