/** Options that change default boxes one value at a time: all that the window's controls can set. */
import type { Command } from 'commander';
import { defaultBoxConfiguration } from '@core/contract/run-schema';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration, PriorClipping, SourceBoxes } from '@core/priors/configuration';
import { inWholePixels, PUBLISHED_RANGE, SCALE_FORMULAS, withFormula } from '@core/priors/formulas';
import { scalesOf, withAspectRatios, withScales } from '@core/priors/scales';
import { realNumber } from './commands/project';
import { oneOf, UsageError } from './output';

export interface SizeOptions {
  readonly smin?: number;
  readonly smax?: number;
  readonly ratios?: string;
  readonly formula?: string;
  readonly wholePixels?: boolean;
  readonly minSizes?: string;
  readonly maxSizes?: string;
  readonly cellSteps?: string;
  readonly offset?: number;
  readonly clip?: string;
  readonly variances?: string;
  readonly extra?: string;
}

const CLIPPING: readonly PriorClipping[] = ['none', 'all', 'size'];
const EXTRA_ORDERS = ['second', 'last'] as const;

/** What `configure` applies. */
export function sizeOptions(command: Command): Command {
  return command
    .option('--smin <f>', 's_min, as a share of the input', realNumber('--smin'))
    .option('--smax <f>', 's_max, as a share of the input', realNumber('--smax'))
    .option('--ratios <r>', 'aspect ratios per map, e.g. "2;2,3;2,3;2,3;2;2" or one list for all maps')
    .option('--formula <f>', `sizes by ${SCALE_FORMULAS.join(' or ')}, from --smin (0.2) to --smax (0.9)`)
    .option('--min-sizes <px>', 'sides of the squares per map in pixels of the input, e.g. "30;60;111;162;213;264"')
    .option('--max-sizes <px>', 'next sizes per map, for the extra squares; a map without has none, e.g. "60;111;;;;"')
    .option('--whole-pixels', 'sizes cut to whole pixels, as Caffe and mmdetection do')
    .option('--cell-steps <px>', 'from cell to cell per map, e.g. "8;16;32;64;100;300", or "even": input by map')
    .option('--offset <f>', 'of a centre in its cell: 0.5 is the middle', realNumber('--offset'))
    .option('--clip <c>', `what is cut at the border: ${CLIPPING.join(' | ')}`)
    .option('--variances <p,s>', 'of centre and size, e.g. 0.1,0.2')
    .option('--extra <place>', `extra squares ${EXTRA_ORDERS.join(' or ')} among the boxes of a cell`);
}

/** Applies the options to a configuration: the formula and scales first, then what is said of single maps. */
export function configure(
  configuration: DefaultBoxConfiguration,
  network: NetworkChoice,
  options: SizeOptions,
): DefaultBoxConfiguration {
  let result = scaled(configuration, network, options);
  const { ratios, minSizes, maxSizes, cellSteps } = options;
  const count = result.sources.length;
  if (ratios !== undefined) {
    result = withAspectRatios(result, allMaps('--ratios', perMap('--ratios', ratios), count));
  }
  if (minSizes !== undefined) result = eachMap(result, 'minSizes', perMap('--min-sizes', minSizes), '--min-sizes');
  if (maxSizes !== undefined) result = eachMap(result, 'maxSizes', perMap('--max-sizes', maxSizes), '--max-sizes');
  if (cellSteps !== undefined) result = withSteps(result, cellSteps);
  result = placed(result, options);
  if (options.wholePixels) result = inWholePixels(result);
  return result === configuration ? configuration : checked(result);
}

function scaled(
  configuration: DefaultBoxConfiguration,
  network: NetworkChoice,
  { smin, smax, formula }: SizeOptions,
): DefaultBoxConfiguration {
  if (smin === undefined && smax === undefined && formula === undefined) return configuration;
  const now = formula === undefined ? scalesOf(configuration, network.input) : PUBLISHED_RANGE;
  const range = { sMin: smin ?? now.sMin, sMax: smax ?? now.sMax };
  if (!(range.sMin > 0 && range.sMax > range.sMin)) throw new UsageError('--smin must be above 0 and below --smax');
  if (formula === undefined) return withScales(configuration, range, network.input);
  if (configuration.sources.some(({ minSizes }) => minSizes.length !== 1)) {
    throw new UsageError(`--formula: only for networks with one size per map, and ${network.architecture} has several`);
  }
  return withFormula(configuration, oneOf('--formula', formula, SCALE_FORMULAS), range, network.input);
}

function placed(
  configuration: DefaultBoxConfiguration,
  { offset, clip, variances, extra }: SizeOptions,
): DefaultBoxConfiguration {
  let result = configuration;
  if (offset !== undefined) result = { ...result, offset };
  if (clip !== undefined) result = { ...result, clip: oneOf('--clip', clip, CLIPPING) };
  if (variances !== undefined) {
    const [list] = perMap('--variances', variances);
    if (list.length !== 2) throw new UsageError(`--variances ${variances}: two numbers are needed, of centre and size`);
    result = { ...result, variances: [list[0], list[1]] };
  }
  if (extra === undefined) return result;
  const { extraBoxLast: _, ...others } = result;
  return oneOf('--extra', extra, EXTRA_ORDERS) === 'last' ? { ...others, extraBoxLast: true } : others;
}

/** "8;16,16;32": a list per map. */
const perMap = (option: string, text: string): number[][] =>
  text.split(';').map((part) =>
    part
      .split(',')
      .filter((each) => each.trim() !== '')
      .map(realNumber(option)),
  );

/** One list stands for every map. */
function allMaps(option: string, lists: number[][], maps: number): number[][] {
  if (lists.length === 1) return Array.from({ length: maps }, () => lists[0]);
  if (lists.length !== maps) throw new UsageError(`${option}: ${lists.length} lists for ${maps} maps`);
  return lists;
}

function eachMap(
  configuration: DefaultBoxConfiguration,
  sizes: 'minSizes' | 'maxSizes',
  lists: number[][],
  option: string,
): DefaultBoxConfiguration {
  if (lists.length !== configuration.sources.length) {
    throw new UsageError(`${option}: ${lists.length} lists for ${configuration.sources.length} maps`);
  }
  return {
    ...configuration,
    sources: configuration.sources.map((source, k) => {
      const changed: SourceBoxes = { ...source, [sizes]: lists[k] };
      if (changed.maxSizes.length > 0 && changed.maxSizes.length !== changed.minSizes.length) {
        throw new UsageError(
          `${option}: map ${k + 1} has ${changed.minSizes.length} sizes for ${changed.maxSizes.length} next sizes`,
        );
      }
      return changed;
    }),
  };
}

function withSteps(configuration: DefaultBoxConfiguration, text: string): DefaultBoxConfiguration {
  const even = text.trim() === 'even';
  const steps = even ? [[]] : perMap('--cell-steps', text);
  const lists = allMaps('--cell-steps', steps, configuration.sources.length);
  return {
    ...configuration,
    sources: configuration.sources.map((source, k) => {
      const [x, y = x] = lists[k];
      return { ...source, step: x === undefined ? null : [x, y] };
    }),
  };
}

/** By the bounds of the contract, so that a wrong number is told before anything is trained with it. */
function checked(configuration: DefaultBoxConfiguration): DefaultBoxConfiguration {
  const { error } = defaultBoxConfiguration.safeParse(configuration);
  if (!error) return configuration;
  const [{ path, message }] = error.issues;
  const map = path[0] === 'sources' ? `map ${Number(path[1]) + 1}, ${String(path[2])}` : path.join('.');
  throw new UsageError(`default boxes cannot be so: ${map}: ${message}`);
}
