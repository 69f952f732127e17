/** priors compare: several configurations of default boxes side by side, what is set otherwise and what it does. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { compareBoxSettings, type BoxSetting } from '@core/experiment/box-differences';
import { bestRunWith } from '@core/experiment/trained-with';
import type { ObjectGroup } from '@core/priors/coverage-report';
import { objectsOfPictures } from '@core/priors/fit-objects';
import { measureBoxes } from '@core/priors/measure-boxes';
import { networkKey } from '@core/priors/named-boxes';
import { BOXES_HELP, chosenBoxes, type ChosenBoxes } from '../boxes-option';
import { table } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { networkOption, networkOptions, requireThreshold, THRESHOLD_HELP, type NetworkOptions } from './priors';
import { realNumber } from './project';

interface CompareOptions extends NetworkOptions {
  readonly threshold: number;
}

export function addPriorsCompareCommand(priors: Command, run: RunCommand): void {
  networkOptions(priors.command('compare <dir> <boxes...>'), true)
    .description(`default boxes side by side: ${BOXES_HELP}`)
    .option('--threshold <f>', THRESHOLD_HELP, realNumber('--threshold'), 0.5)
    .action(
      run(async ({ studio, output }, [dir, ...texts], options: CompareOptions) => {
        requireThreshold(options.threshold);
        const network = networkOption(options);
        await studio.call('projects.open', { directory: resolve(dir) });
        const chosen: ChosenBoxes[] = [];
        for (const text of texts) chosen.push(await chosenBoxes(studio, network, text));
        const columns = await measured(studio, chosen, options.threshold);
        const settings = compareBoxSettings(
          chosen.map(({ configuration, network: { input } }) => ({ configuration, input })),
        );
        output.result({ threshold: options.threshold, columns, settings }, () =>
          describe(columns, settings, options.threshold),
        );
      }),
    );
}

async function measured(studio: StudioSession, chosen: readonly ChosenBoxes[], matchingThreshold: number) {
  const fitted = await studio.call('images.objectColumns');
  const heldOut = objectsOfPictures(fitted, await studio.call('images.ids', { filter: { split: 'val' } }));
  const classes = Math.max(1, (await studio.call('projects.current'))?.classes.length ?? 1);
  const runs = await studio.call('runs.list');
  return chosen.map(({ label, name, network, configuration }) => {
    const objects = { fitted, ...(heldOut.x1.length > 0 && { heldOut }) };
    const measure = measureBoxes(configuration, network, objects, { matchingThreshold, classes });
    const best = bestRunWith(runs, network, configuration);
    return {
      label,
      name,
      model: network,
      configuration,
      boxes: measure.boxes,
      flops: measure.flops,
      all: measure.fitted,
      val: measure.heldOut,
      bestRun: best && { id: best.id, meanAveragePrecision: best.meanAveragePrecision },
    };
  });
}

type Column = Awaited<ReturnType<typeof measured>>[number];

function describe(columns: readonly Column[], settings: readonly BoxSetting[], threshold: number): string {
  const rows: [string, (column: Column) => string][] = [
    ['network', ({ model }) => networkKey(model)],
    [`objects with IoU >= ${threshold}`, ({ all }) => share(all)],
    ['their mean best IoU', ({ all }) => all.meanBestIou.toFixed(3)],
    [`val objects with IoU >= ${threshold}`, ({ val }) => (val ? share(val) : '-')],
    ['default boxes', ({ boxes }) => String(boxes)],
    ['GFLOPs', ({ flops }) => (flops / 1e9).toFixed(2)],
    [
      'best mean AP on val',
      ({ bestRun }) => (bestRun ? `${bestRun.meanAveragePrecision.toFixed(3)} (run ${bestRun.id})` : '-'),
    ],
  ];
  const labels = columns.map(({ label }) => label);
  const differing = settings.filter(({ differs }) => differs);
  return [
    table(
      ['', ...labels],
      rows.map(([name, of]) => [name, ...columns.map(of)]),
    ),
    '',
    differing.length === 0
      ? 'They are set alike.'
      : table(
          ['set otherwise', ...labels],
          differing.map(({ map, setting, values }) => [
            map === null ? setting : `map ${map + 1}: ${setting}`,
            ...values,
          ]),
        ),
  ].join('\n');
}

const share = ({ matched, objects }: ObjectGroup): string =>
  objects === 0 ? '-' : `${((100 * matched) / objects).toFixed(2)} %`;
