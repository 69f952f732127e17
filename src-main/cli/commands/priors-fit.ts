/** priors fit: default boxes fitted to a project's training objects under a budget, before and after; kept only when asked to. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ObjectColumns } from '@core/contract/images';
import { throwIfCancelled } from '@core/contract/failure';
import type { Split } from '@core/dataset/model';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork } from '@core/network/zoo';
import { countBoxes } from '@core/priors/box-search';
import { boxesPerCell, mapsOfOtherCells } from '@core/priors/configuration';
import type { ObjectGroup } from '@core/priors/coverage-report';
import { FEWEST_OBJECTS, fitDefaultBoxes, type DefaultBoxFit, type FitOptions } from '@core/priors/fit-boxes';
import { type BoxesMeasure, lostHeldOut } from '@core/priors/measure-boxes';
import { objectsOfPictures, type FitObjects } from '@core/priors/fit-objects';
import { presetDefaultBoxes } from '@core/priors/presets';
import type { NetworkChoice } from '@core/network/description';
import { table, UsageError, type Output } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { networkOption, networkOptions, requireThreshold, THRESHOLD_HELP, type NetworkOptions } from './priors';
import { realNumber, wholeNumber } from './project';

interface FitCommandOptions extends NetworkOptions {
  readonly budget?: number;
  readonly threshold: number;
  readonly freeScales?: boolean;
  readonly perClass?: boolean;
  readonly preset?: boolean;
  readonly seed: number;
  /** A name, or true without one. */
  readonly save?: string | true;
}

export function addPriorsFitCommand(priors: Command, run: RunCommand): void {
  networkOptions(priors.command('fit <dir>'), true)
    .description('fit default boxes to the training objects under a budget; val shows whether it helps other pictures')
    .option('--budget <n>', 'most default boxes; otherwise as many as there are now', wholeNumber('--budget'))
    .option('--threshold <f>', THRESHOLD_HELP, realNumber('--threshold'), 0.5)
    .option('--free-scales', 'sizes of each map for themselves, not only s_min and s_max')
    .option('--per-class', 'rare classes count as much as frequent ones')
    .option('--preset', "begin from the network's own default boxes, not from those saved in the project")
    .option('--seed <n>', 'draws the sample of many objects', wholeNumber('--seed'), 1)
    .option('--save [name]', 'the next run of this network takes the result; with a name it is kept under that instead')
    .action(
      run(async ({ studio, output, interrupted }, [dir], options: FitCommandOptions) => {
        requireThreshold(options.threshold);
        const network = networkOption(options);
        await studio.call('projects.open', { directory: resolve(dir) });
        const fit = await fitToProject(studio, output, interrupted, network, options);
        const { configuration } = fit.after;
        const saved = options.save !== undefined && fit.changed;
        if (saved && options.save === true) await studio.call('priors.save', { network, configuration });
        else if (saved) await studio.call('priors.keep', { name: String(options.save), network, configuration });
        output.result({ model: network, ...fit, saved }, () => fitLines(fit, options.save).join('\n'));
      }),
    );
}

async function fitToProject(
  studio: StudioSession,
  output: Output,
  interrupted: AbortSignal,
  network: NetworkChoice,
  options: FitCommandOptions,
): Promise<DefaultBoxFit> {
  const columns = await studio.call('images.objectColumns');
  const train = await objectsOf(studio, columns, 'train');
  const val = await objectsOf(studio, columns, 'val');
  const saved = options.preset ? null : await studio.call('priors.load', { network });
  const from = saved ?? presetDefaultBoxes(network);
  const maps = sourceMaps(buildNetwork(network, 2, from.sources.map(boxesPerCell)));
  const fitOptions: FitOptions = {
    budget: options.budget ?? countBoxes(from.sources, maps),
    from,
    matchingThreshold: options.threshold,
    freeScales: options.freeScales === true,
    perClass: options.perClass === true,
    seed: options.seed,
    ...(val.x1.length > 0 && { heldOut: val }),
    classes: (await studio.call('projects.current'))?.classes.length ?? 1,
  };
  const fitting = fitDefaultBoxes(train, network, fitOptions);
  for (;;) {
    const step = nextStep(fitting);
    if (step.done) return step.value;
    output.progress('Fitting default boxes', Math.round(100 * step.value), 100);
    await new Promise((done) => setImmediate(done));
    throwIfCancelled(interrupted);
  }
}

function nextStep(fitting: ReturnType<typeof fitDefaultBoxes>): IteratorResult<number, DefaultBoxFit> {
  try {
    return fitting.next();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--budget: ${error.message}`);
    throw error;
  }
}

async function objectsOf(studio: StudioSession, columns: ObjectColumns, split: Split): Promise<FitObjects> {
  return objectsOfPictures(columns, await studio.call('images.ids', { filter: { split } }));
}

function fitLines(fit: DefaultBoxFit, save: FitCommandOptions['save']): string[] {
  const { before, after, matchingThreshold, objects, sample } = fit;
  if (objects === 0) return ['The train split has no labelled objects to fit default boxes to.'];
  const rows: [string, (side: BoxesMeasure) => string][] = [
    [`train, IoU >= ${matchingThreshold}`, (side) => recall(side.fitted)],
    ['train, mean best IoU', (side) => side.fitted.meanBestIou.toFixed(3)],
    [`val, IoU >= ${matchingThreshold}`, (side) => (side.heldOut ? recall(side.heldOut) : '-')],
    ['val, mean best IoU', (side) => side.heldOut?.meanBestIou.toFixed(3) ?? '-'],
    ['default boxes', (side) => String(side.boxes)],
    ['GFLOPs', (side) => (side.flops / 1e9).toFixed(2)],
  ];
  const lines = [
    `Fitted to ${objects} objects of the train split` + (sample < objects ? `, searched on ${sample} of them:` : ':'),
    table(
      ['', 'before', 'after'],
      rows.map(([name, of]) => [name, of(before), of(after)]),
    ),
  ];
  if (!fit.changed && objects < FEWEST_OBJECTS) {
    return [
      ...lines,
      `Fewer than ${FEWEST_OBJECTS} objects say too little about those to come; the default boxes stay.`,
    ];
  }
  if (!fit.changed) return [...lines, 'Nothing better was found; the default boxes stay.'];
  return [
    ...lines,
    '',
    table(
      ['map', 'min size px', 'max size px', 'ratios'],
      after.configuration.sources.map((source, k) => [
        k + 1,
        source.minSizes.join(' '),
        source.maxSizes.join(' '),
        source.aspectRatios.join(' '),
      ]),
    ),
    ...heldOutWarning(lostHeldOut(before, after)),
    ...weightsWarning(mapsOfOtherCells(before.configuration, after.configuration)),
    savedLine(save),
  ];
}

const weightsWarning = (maps: readonly number[]): string[] =>
  maps.length === 0
    ? []
    : [
        `Boxes per cell change on map ${maps.map((map) => map + 1).join(', ')}: weights of earlier runs fit all but the predictors there, ` +
          'which begin anew.',
      ];

const heldOutWarning = (lost: number): string[] =>
  lost === 0
    ? []
    : [
        `Of val ${lost} ${lost === 1 ? 'object is' : 'objects are'} not reached any more: the gain may not hold for new pictures.`,
      ];

function savedLine(save: FitCommandOptions['save']): string {
  if (save === true) return 'Saved: the next run of this network takes them.';
  if (save !== undefined) return `Kept as “${save}”; \`train --boxes\` or \`priors use\` takes them.`;
  return 'Not saved; --save keeps them for the next run.';
}

const recall = ({ matched, objects }: ObjectGroup): string =>
  `${((100 * matched) / Math.max(1, objects)).toFixed(2)} %`;
