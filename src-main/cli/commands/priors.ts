/** priors: the default boxes of a network per map, and with a project how well they fit its objects. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { NetworkChoice } from '@core/network/description';
import { findArchitecture } from '@core/network/find-architecture';
import { ARCHITECTURES, buildNetwork, defaultChoice, inputProblem } from '@core/network/zoo';
import { sourceMaps } from '@core/network/shapes';
import { boxesPerCell, type DefaultBoxConfiguration } from '@core/priors/configuration';
import { inWholePixels, PUBLISHED_RANGE, SCALE_FORMULAS, withFormula } from '@core/priors/formulas';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { scalesOf, withAspectRatios, withScales } from '@core/priors/scales';
import { oneOf, table, UsageError } from '../output';
import { coverageLines, describeCoverage } from '../priors-report';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { realNumber } from './project';

export interface SizeOptions {
  readonly smin?: number;
  readonly smax?: number;
  readonly ratios?: string;
  readonly formula?: string;
  readonly wholePixels?: boolean;
}

interface PriorOptions extends SizeOptions {
  readonly model?: string;
  readonly width?: number;
  readonly input?: string;
  readonly threshold: number;
  readonly augmented?: boolean;
}

export const THRESHOLD_HELP = 'IoU from which a default box learns an object';

export function addPriorsCommand(program: Command, run: RunCommand): Command {
  const priors = sizeOptions(networkOptions(program.command('priors [dir]'), false))
    .description('default boxes per map; with a project: how well they fit its objects')
    .enablePositionalOptions()
    .option('--threshold <f>', THRESHOLD_HELP, realNumber('--threshold'), 0.5)
    .option('--augmented', 'objects as training would see them: after random crop and zoom')
    .action(
      run(async ({ studio, output }, [dir], options: PriorOptions) => {
        const { model, threshold } = options;
        if (model === undefined) throw new UsageError(`priors needs --model: ${modelNames()}`);
        requireThreshold(threshold);
        const network = networkOption({ ...options, model });
        if (options.augmented && dir === undefined) throw new UsageError('--augmented needs a project');
        const saved = dir ? await openAndLoad(studio, resolve(dir), network) : null;
        const configuration = configure(saved ?? presetDefaultBoxes(network), network, options);
        const maps = sourceMaps(buildNetwork(network, 2, configuration.sources.map(boxesPerCell)));
        const boxes = generateDefaultBoxes(configuration, network.input, maps);
        const perMap = maps.map((map, k) => ({
          map: `${map.width}x${map.height}`,
          boxesPerCell: boxesPerCell(configuration.sources[k]),
          boxes: boxes.offsets[k + 1] - boxes.offsets[k],
          minSizes: configuration.sources[k].minSizes,
          maxSizes: configuration.sources[k].maxSizes,
          aspectRatios: configuration.sources[k].aspectRatios,
        }));
        const setting = { network, grids: boxes.grids, threshold, augmented: options.augmented === true };
        const coverage = dir ? await describeCoverage(studio, setting) : null;
        const { sMin, sMax } = scalesOf(configuration, network.input);
        const value = { model: network, total: boxes.total, sMin, sMax, maps: perMap, configuration, coverage };
        output.result(value, () => {
          const rows = perMap.map((m) => [
            m.map,
            m.boxesPerCell,
            m.boxes,
            sizes(m.minSizes),
            sizes(m.maxSizes),
            m.aspectRatios.join(' '),
          ]);
          const lines = [
            table(['map', 'per cell', 'boxes', 'min size px', 'max size px', 'ratios'], rows),
            `${boxes.total} default boxes, s_min ${sMin.toFixed(3)}, s_max ${sMax.toFixed(3)}`,
          ];
          if (coverage) lines.push('', ...coverageLines(coverage, perMap));
          return lines.join('\n');
        });
      }),
    );
  return priors;
}

/** --model, --width and --input, as `networkOption` reads them. */
export function networkOptions(command: Command, required: boolean): Command {
  const named = required
    ? command.requiredOption('--model <m>', modelNames())
    : command.option('--model <m>', modelNames());
  return named
    .option('--width <f>', 'width multiplier of the VGG family', realNumber('--width'))
    .option('--input <wxh>', INPUT_HELP);
}

/** What `configure` applies. */
export function sizeOptions(command: Command): Command {
  return command
    .option('--smin <f>', 's_min, as a share of the input', realNumber('--smin'))
    .option('--smax <f>', 's_max, as a share of the input', realNumber('--smax'))
    .option('--ratios <r>', 'aspect ratios per map, e.g. "2;2,3;2,3;2,3;2;2" or one list for all maps')
    .option('--formula <f>', `sizes by ${SCALE_FORMULAS.join(' or ')}, from --smin (0.2) to --smax (0.9)`)
    .option('--whole-pixels', 'sizes cut to whole pixels, as Caffe and mmdetection do');
}

export function requireThreshold(threshold: number): void {
  if (!(threshold > 0 && threshold < 1)) throw new UsageError(`--threshold ${threshold}: above 0 and below 1`);
}

const sizes = (values: readonly number[]): string => values.map((v) => Number(v.toFixed(1))).join(' ');

export const modelNames = (): string => ARCHITECTURES.map((a) => a.id).join(' | ');

export const INPUT_HELP = "size of the network input in pixels, e.g. 400x300; otherwise the model's own";

export interface NetworkOptions {
  readonly model: string;
  readonly width?: number;
  readonly input?: string;
}

/** The network that --model, --width and --input name; wrong names and sizes that it cannot run at are wrong usage. */
export function networkOption({ model, width, input }: NetworkOptions): NetworkChoice {
  const known = findArchitecture(model);
  if (!known) throw new UsageError(`--model ${model}: known are ${modelNames()}`);
  let choice = defaultChoice(known.id);
  if (width !== undefined) {
    if (!known.scalable || width <= 0)
      throw new UsageError(`--width ${width}: only a positive width of the VGG family`);
    choice = { ...choice, widthMultiplier: width };
  }
  if (input === undefined) return choice;
  const sides = /^(\d{1,5})x(\d{1,5})$/i.exec(input);
  if (!sides) throw new UsageError(`--input ${input}: width x height in pixels, e.g. 400x300`);
  choice = { ...choice, input: { width: Number(sides[1]), height: Number(sides[2]) } };
  const problem = inputProblem(choice);
  if (problem) throw new UsageError(`--input ${input}: ${problem}`);
  return choice;
}

async function openAndLoad(studio: StudioSession, directory: string, network: NetworkChoice) {
  await studio.call('projects.open', { directory });
  return studio.call('priors.load', { network });
}

/** Applies --formula, --smin, --smax, --ratios and --whole-pixels to a configuration. */
export function configure(
  configuration: DefaultBoxConfiguration,
  network: NetworkChoice,
  { smin, smax, ratios, formula, wholePixels }: SizeOptions,
): DefaultBoxConfiguration {
  let result = configuration;
  if (smin !== undefined || smax !== undefined || formula !== undefined) {
    const now = formula === undefined ? scalesOf(result, network.input) : PUBLISHED_RANGE;
    const range = { sMin: smin ?? now.sMin, sMax: smax ?? now.sMax };
    if (!(range.sMin > 0 && range.sMax > range.sMin)) throw new UsageError('--smin must be above 0 and below --smax');
    if (formula === undefined) result = withScales(result, range, network.input);
    else if (result.sources.some(({ minSizes }) => minSizes.length !== 1)) {
      throw new UsageError(
        `--formula: only for networks with one size per map, and ${network.architecture} has several`,
      );
    } else result = withFormula(result, oneOf('--formula', formula, SCALE_FORMULAS), range, network.input);
  }
  if (ratios !== undefined) result = withAspectRatios(result, parseRatios(ratios, result.sources.length));
  return wholePixels ? inWholePixels(result) : result;
}

function parseRatios(text: string, sources: number): number[][] {
  const lists = text.split(';').map((part) =>
    part
      .split(',')
      .filter((r) => r.trim() !== '')
      .map(realNumber('--ratios')),
  );
  if (lists.length === 1) return Array.from({ length: sources }, () => lists[0]);
  if (lists.length !== sources) throw new UsageError(`--ratios: ${lists.length} lists for ${sources} maps`);
  return lists;
}
