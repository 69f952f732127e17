/**
 * Class colours. Chosen by farthest-point search in OKLab over colours of lightness 0.60 to 0.92, where the distance of two
 * colours is the smallest of those seen with normal vision, protanopia, deuteranopia and tritanopia (Machado et al. 2009).
 * The first eight stay apart for everyone (distance above 0.1); later ones need the name or digit that always stands beside them.
 */
export const CLASS_LINE_COLOURS: readonly string[] = [
  '#56b4e9',
  '#f5a623',
  '#35c08e',
  '#3c74fb',
  '#66f1ec',
  '#c26201',
  '#8c769b',
  '#bae895',
  '#c136ce',
  '#fbd509',
  '#de316d',
  '#44d4e1',
  '#d1824c',
  '#49a9ac',
  '#808ef3',
  '#a1ce7c',
  '#b0d6b6',
  '#dd9314',
  '#ce50c7',
  '#84bebb',
];

/** #rrggbb of the class at this position (from 0); colours repeat after twenty. */
export function classLineColour(order: number): string {
  const count = CLASS_LINE_COLOURS.length;
  return CLASS_LINE_COLOURS[((order % count) + count) % count];
}
