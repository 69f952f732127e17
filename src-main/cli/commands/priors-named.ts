/** priors list, save, use, rename, remove: the default boxes that a project keeps under names. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { StudioFailure } from '@core/contract/failure';
import type { NetworkChoice } from '@core/network/description';
import { networkKey, type NamedBoxes } from '@core/priors/named-boxes';
import { measureBoxes } from '@core/priors/measure-boxes';
import { BOXES_HELP, boxesFor } from '../boxes-option';
import { table } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { configure, sizeOptions, type SizeOptions } from '../box-changes';
import { networkOption, networkOptions, requireThreshold, THRESHOLD_HELP, type NetworkOptions } from './priors';
import { realNumber } from './project';

interface SaveOptions extends NetworkOptions, SizeOptions {
  readonly boxes: string;
  readonly replace?: boolean;
}

interface ListOptions extends Partial<NetworkOptions> {
  readonly threshold: number;
}

export function addNamedBoxesCommands(priors: Command, run: RunCommand): void {
  networkOptions(priors.command('list <dir>'), false)
    .description('the default boxes kept under names, and how many objects they reach')
    .option('--threshold <f>', THRESHOLD_HELP, realNumber('--threshold'), 0.5)
    .action(
      run(async ({ studio, output }, [dir], { model, threshold, ...options }: ListOptions) => {
        requireThreshold(threshold);
        await studio.call('projects.open', { directory: resolve(dir) });
        const named = await studio.call('priors.named');
        const key = model === undefined ? null : networkKey(networkOption({ ...options, model }));
        const listed = await measured(
          studio,
          named.filter(({ network }) => key === null || networkKey(network) === key),
          threshold,
        );
        output.result(listed, () =>
          listed.length === 0
            ? 'No default boxes are kept under a name; `priors save` keeps some.'
            : table(
                ['name', 'network', 'boxes', `IoU >= ${threshold}`, 'saved'],
                listed.map((each) => [
                  each.name,
                  networkKey(each.network),
                  each.boxes,
                  each.objects === 0 ? '-' : `${((100 * each.matched) / each.objects).toFixed(1)} %`,
                  each.savedAt.slice(0, 16).replace('T', ' '),
                ]),
              ),
        );
      }),
    );

  sizeOptions(networkOptions(priors.command('save <dir> <name>'), true))
    .description('keep default boxes under a name')
    .option('--boxes <boxes>', BOXES_HELP, 'present')
    .option('--replace', 'when the name is taken, keep these instead')
    .action(
      run(async ({ studio, output }, [dir, name], options: SaveOptions) => {
        const network = await opened(studio, dir, options);
        const { configuration } = await boxesFor(studio, network, options.boxes);
        const kept = await studio.call('priors.keep', {
          name,
          network,
          configuration: configure(configuration, network, options),
          replace: options.replace === true,
        });
        output.result(kept, `Kept as “${kept.name}” for ${networkKey(network)}.`);
      }),
    );

  networkOptions(priors.command('use <dir> <boxes>'), true)
    .description(`default boxes that the next run of the network takes: ${BOXES_HELP}`)
    .action(
      run(async ({ studio, output }, [dir, text], options: NetworkOptions) => {
        const network = await opened(studio, dir, options);
        const { configuration, label } = await boxesFor(studio, network, text);
        await studio.call('priors.save', { network, configuration });
        output.result({ model: network, boxes: label, configuration }, `The next run of this network takes ${label}.`);
      }),
    );

  networkOptions(priors.command('rename <dir> <name> <new-name>'), true)
    .description('give kept default boxes another name')
    .action(
      run(async ({ studio, output }, [dir, name, newName], options: NetworkOptions) => {
        const named = await findNamed(studio, await opened(studio, dir, options), name);
        const renamed = await studio.call('priors.rename', { id: named.id, name: newName });
        output.result(renamed, `“${named.name}” is now “${renamed.name}”.`);
      }),
    );

  networkOptions(priors.command('remove <dir> <name>'), true)
    .description('forget default boxes kept under a name; runs trained with them keep their own copy')
    .action(
      run(async ({ studio, output }, [dir, name], options: NetworkOptions) => {
        const named = await findNamed(studio, await opened(studio, dir, options), name);
        await studio.call('priors.remove', { id: named.id });
        output.result(named, `Removed “${named.name}”.`);
      }),
    );
}

async function opened(studio: StudioSession, dir: string, options: NetworkOptions): Promise<NetworkChoice> {
  const network = networkOption(options);
  await studio.call('projects.open', { directory: resolve(dir) });
  return network;
}

async function findNamed(studio: StudioSession, network: NetworkChoice, name: string): Promise<NamedBoxes> {
  const named = (await studio.call('priors.named')).find(
    (each) => networkKey(each.network) === networkKey(network) && each.name.toLowerCase() === name.toLowerCase(),
  );
  if (named) return named;
  throw new StudioFailure('not-found', `There are no default boxes named “${name}” for ${networkKey(network)}.`);
}

/** With what each does for all objects of the project. */
async function measured(studio: StudioSession, named: readonly NamedBoxes[], matchingThreshold: number) {
  const fitted = await studio.call('images.objectColumns');
  const classes = Math.max(1, (await studio.call('projects.current'))?.classes.length ?? 1);
  return named.map((each) => {
    const measure = measureBoxes(each.configuration, each.network, { fitted }, { matchingThreshold, classes });
    const { objects, matched, meanBestIou } = measure.fitted;
    return { ...each, boxes: measure.boxes, flops: measure.flops, objects, matched, meanBestIou };
  });
}
