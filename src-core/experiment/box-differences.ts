/** Several configurations of default boxes side by side: what is set alike and what is not, map by map. */
import type { Size } from '../geometry/convert';
import { boxesPerCell, type DefaultBoxConfiguration, type SourceBoxes } from '../priors/configuration';
import { scalesOf } from '../priors/scales';
import { plain, sideBySide, type Written } from './setting-text';

export interface BoxSetting {
  /** From 0; null: of all maps together. */
  readonly map: number | null;
  readonly setting: string;
  /** One per configuration; an en dash where it has no such map. */
  readonly values: readonly string[];
  readonly differs: boolean;
}

export interface ConfiguredBoxes {
  readonly configuration: DefaultBoxConfiguration;
  /** Of its network, in pixels. */
  readonly input: Size;
}

const CLIPPING = { none: 'none', all: 'centre and size', size: 'size only' } as const;

const WHOLE: readonly (readonly [string, (boxes: ConfiguredBoxes) => Written])[] = [
  ['s_min', ({ configuration, input }) => written(scalesOf(configuration, input).sMin)],
  ['s_max', ({ configuration, input }) => written(scalesOf(configuration, input).sMax)],
  ['Clipping', ({ configuration }) => written(CLIPPING[configuration.clip])],
  ['Centre within a cell', ({ configuration }) => written(configuration.offset)],
  ['Variances of centre and size', ({ configuration }) => written(configuration.variances)],
  [
    'Place of the box √(min × max)',
    ({ configuration }) => written(configuration.extraBoxLast ? 'last in a cell' : 'second'),
  ],
];

const PER_MAP: readonly (readonly [string, (source: SourceBoxes) => Written])[] = [
  ['min size, px', ({ minSizes }) => written(minSizes)],
  ['max size, px', ({ maxSizes }) => written(maxSizes)],
  ['aspect ratios', ({ aspectRatios }) => written([1, ...aspectRatios])],
  ['boxes per cell', (source) => written(boxesPerCell(source))],
  ['distance of cells, px', ({ step }) => written(step ?? 'input / map')],
];

const written =
  (value: unknown): Written =>
  (digits) =>
    plain(value, digits);

/** Every setting of the default boxes, those of all maps first, then map by map. */
export function compareBoxSettings(all: readonly ConfiguredBoxes[]): BoxSetting[] {
  const maps = Math.max(0, ...all.map(({ configuration }) => configuration.sources.length));
  return [
    ...WHOLE.map(([setting, text]) => ({ map: null, setting, ...sideBySide(all.map(text)) })),
    ...Array.from({ length: maps }, (_, map) =>
      PER_MAP.map(([setting, text]) => ({
        map,
        setting,
        ...sideBySide(
          all.map(({ configuration }) => {
            const source = configuration.sources[map];
            return source ? text(source) : null;
          }),
        ),
      })),
    ).flat(),
  ];
}
