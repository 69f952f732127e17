/** The parts that a report tells apart, as its plot, its table and its filters show them. */
import type { CoverageReport, ObjectGroup } from '@core/priors/coverage-report';
import { formatPercent } from '../../ui/format';
import type { PlotSeries } from '../../ui/plot';
import { mapColour } from './layers';
import { matchedShare } from './fit-summary';
import type { MissedFilter } from './missed-filter';

export const GROUPINGS = [
  { value: 'all', label: 'All' },
  { value: 'class', label: 'Class' },
  { value: 'size', label: 'Size' },
  { value: 'share', label: 'Share of picture' },
  { value: 'map', label: 'Map' },
] as const;
export type Grouping = (typeof GROUPINGS)[number]['value'];

export interface ReportGroup {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly group: ObjectGroup;
  /** The missed objects of the group; null where a group is not one of objects but a map. */
  readonly filter: MissedFilter | null;
  readonly map: number | null;
}

export interface ClassNames {
  className(classId: number): string;
  colourOf(classId: number): { readonly line: string };
}

/** Curves that can be told apart in one plot. */
const MOST_CURVES = 8;
const SIZE_WORDS = { small: 'Small, up to 32 px', medium: 'Medium, up to 96 px', large: 'Large, above 96 px' } as const;
/** A map's colour where it is a line on the ground instead of on a picture: dark enough in the light theme. */
export const mapInk = (source: number): string => `color-mix(in oklab, ${mapColour(source)} 60%, var(--text))`;
const ordinal = (position: number, of: number): string => mapInk(of <= 1 ? 0 : Math.round((position * 6) / (of - 1)));

/** @param diagonal sqrt(width * height) of the network input in pixels */
export function groupsOf(
  report: CoverageReport,
  grouping: Grouping,
  names: ClassNames,
  diagonal: number,
): readonly ReportGroup[] {
  switch (grouping) {
    case 'all':
      return [
        { id: 'all', label: 'All objects', colour: 'var(--accent-text)', group: report.all, filter: {}, map: null },
      ];
    case 'class':
      return report.classes.map((group) => ({
        id: `class ${group.classId}`,
        label: names.className(group.classId),
        colour: names.colourOf(group.classId).line,
        group,
        filter: { classId: group.classId },
        map: null,
      }));
    case 'size':
      return report.inputSizes.map((group, i) => ({
        id: group.size,
        label: SIZE_WORDS[group.size],
        colour: ordinal(i, report.inputSizes.length),
        group,
        filter: { size: group.size },
        map: null,
      }));
    case 'share':
      return report.relativeSizes.map((group, i) => ({
        id: `from ${group.from}`,
        label: shareLabel(group.from, group.to),
        colour: ordinal(i, report.relativeSizes.length),
        group,
        filter: { scale: [group.from * diagonal, group.to === null ? Infinity : group.to * diagonal] },
        map: null,
      }));
    case 'map':
      return report.maps.map(({ alone }, map) => ({
        id: `map ${map}`,
        label: `Map ${map + 1} alone`,
        colour: mapInk(map),
        group: alone,
        filter: null,
        map,
      }));
  }
}

const shareLabel = (from: number, to: number | null): string => {
  const percent = (value: number): string => formatPercent(value, 0);
  if (to === null) return `${percent(from)} of its side and more`;
  return from === 0 ? `Below ${percent(to)} of its side` : `${percent(from)} to ${percent(to)}`;
};

/** The curves of the groups that have objects; of many those that fit worst. */
export function curvesOf(groups: readonly ReportGroup[]): readonly PlotSeries[] {
  const whole = groups.filter(({ group }) => group.objects > 0);
  const drawn = new Set([...whole].sort((a, b) => matchedShare(a.group) - matchedShare(b.group)).slice(0, MOST_CURVES));
  return whole
    .filter((each) => drawn.has(each))
    .map(({ id, label, colour, group }) => ({
      id,
      label,
      colour,
      points: group.curve.map((share, i) => [i / (group.curve.length - 1), share] as const),
    }));
}
