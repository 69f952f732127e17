/** priors: the default boxes of a network per map, and with a project how well they fit its objects. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { NetworkChoice } from '@core/network/description';
import { findArchitecture } from '@core/network/find-architecture';
import { ARCHITECTURES, buildNetwork, defaultChoice, inputProblem } from '@core/network/zoo';
import { sourceMaps } from '@core/network/shapes';
import { branchFields } from '@core/network/branch-fields';
import { receptiveFields } from '@core/network/cost';
import { effectiveFields } from '@core/network/effective-field';
import { boxesPerCell } from '@core/priors/configuration';
import { generateDefaultBoxes } from '@core/priors/generate';
import { USUAL_MATCHING_THRESHOLD } from '@core/priors/match';
import { scalesOf } from '@core/priors/scales';
import { configure, sizeOptions, type SizeOptions } from '../box-changes';
import { BOXES_HELP, boxesFor, boxesWithoutProject } from '../boxes-option';
import { table, UsageError } from '../output';
import { coverageLines, describeCoverage } from '../priors-report';
import type { RunCommand } from '../run-command';
import { realNumber, wholeNumber } from './project';

interface PriorOptions extends SizeOptions {
  readonly model?: string;
  readonly width?: number;
  readonly input?: string;
  readonly boxes?: string;
  readonly threshold?: number;
  readonly augmented?: boolean;
  readonly save?: boolean;
  readonly missed?: number;
}

export const THRESHOLD_HELP = 'IoU from which a default box learns an object';

export function addPriorsCommand(program: Command, run: RunCommand): Command {
  const priors = sizeOptions(networkOptions(program.command('priors [dir]'), false))
    .description('default boxes per map; with a project: how well they fit its objects')
    .enablePositionalOptions()
    .option('--threshold <f>', THRESHOLD_HELP, realNumber('--threshold'))
    .option('--boxes <boxes>', `begin from: ${BOXES_HELP}; otherwise those in use`)
    .option('--save', 'use these boxes, and --threshold, from now on: the next run takes them')
    .option(
      '--missed <n>',
      'list the n worst reached objects, each with the changes that would reach it',
      wholeNumber('--missed'),
    )
    .option('--augmented', 'objects as training would see them: after random crop and zoom')
    .action(
      run(async ({ studio, output }, [dir], options: PriorOptions) => {
        const { model } = options;
        if (model === undefined) throw new UsageError(`priors needs --model: ${modelNames()}`);
        if (options.threshold !== undefined) requireThreshold(options.threshold);
        const network = networkOption({ ...options, model });
        if (options.augmented && dir === undefined) throw new UsageError('--augmented needs a project');
        if (options.missed !== undefined && dir === undefined) throw new UsageError('--missed needs a project');
        if (options.save && dir === undefined) throw new UsageError('--save needs a project');
        if (dir !== undefined) await studio.call('projects.open', { directory: resolve(dir) });
        const began =
          dir === undefined
            ? await boxesWithoutProject(network, options.boxes ?? 'preset')
            : (await boxesFor(studio, network, options.boxes ?? 'present')).configuration;
        const configuration = configure(began, network, options);
        const kept = dir === undefined ? null : await studio.call('priors.loadThreshold', { network });
        const threshold = options.threshold ?? kept ?? USUAL_MATCHING_THRESHOLD;
        if (options.save) {
          await studio.call('priors.save', { network, configuration });
          if (options.threshold !== undefined) await studio.call('priors.saveThreshold', { network, threshold });
        }
        const description = buildNetwork(network, 2, configuration.sources.map(boxesPerCell));
        const maps = sourceMaps(description);
        const fields = { sees: receptiveFields(description), uses: effectiveFields(description) };
        const branches = branchFields(description);
        const boxes = generateDefaultBoxes(configuration, network.input, maps);
        const perMap = maps.map((map, k) => ({
          map: `${map.width}x${map.height}`,
          boxesPerCell: boxesPerCell(configuration.sources[k]),
          boxes: boxes.offsets[k + 1] - boxes.offsets[k],
          minSizes: configuration.sources[k].minSizes,
          maxSizes: configuration.sources[k].maxSizes,
          aspectRatios: configuration.sources[k].aspectRatios,
          receptiveField: fields.sees[k],
          effectiveField: fields.uses[k],
          branches: branches[k],
        }));
        const { grids } = boxes;
        const { missed } = options;
        const augmented = options.augmented === true;
        const setting = { network, configuration, maps, grids, threshold, augmented, missed };
        const coverage = dir ? await describeCoverage(studio, setting) : null;
        const { sMin, sMax } = scalesOf(configuration, network.input);
        const value = {
          model: network,
          total: boxes.total,
          sMin,
          sMax,
          threshold,
          maps: perMap,
          configuration,
          coverage,
        };
        output.result(value, () => {
          const rows = perMap.map((m) => [
            m.map,
            m.boxesPerCell,
            m.boxes,
            sizes(m.minSizes),
            sizes(m.maxSizes),
            m.aspectRatios.join(' '),
            `${m.receptiveField.width}x${m.receptiveField.height}`,
            `${Math.round(4 * m.effectiveField.sigmaX)}x${Math.round(4 * m.effectiveField.sigmaY)}`,
          ]);
          const lines = [
            table(['map', 'per cell', 'boxes', 'min size px', 'max size px', 'ratios', 'sees px', 'uses px'], rows),
            'sees: receptive field; uses: 95 % of its influence at random weights, by theory',
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
