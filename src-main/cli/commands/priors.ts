/** priors: the default boxes of a network per map, and with a project how well they fit its objects. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { NetworkChoice } from '@core/network/description';
import { findArchitecture } from '@core/network/find-architecture';
import { ARCHITECTURES, buildNetwork, defaultChoice, inputProblem } from '@core/network/zoo';
import { sourceMaps } from '@core/network/shapes';
import { boxesPerCell, type DefaultBoxConfiguration } from '@core/priors/configuration';
import { analyseCoverage } from '@core/priors/coverage';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { scalesOf, withAspectRatios, withScales } from '@core/priors/scales';
import { table, UsageError } from '../output';
import type { RunCommand } from '../run-command';
import type { StudioSession } from '../session';
import { realNumber } from './project';

const MATCHING_THRESHOLD = 0.5;

interface PriorOptions {
  readonly model: string;
  readonly width?: number;
  readonly input?: string;
  readonly smin?: number;
  readonly smax?: number;
  readonly ratios?: string;
}

export function addPriorsCommand(program: Command, run: RunCommand): void {
  program
    .command('priors [dir]')
    .description('default boxes per map; with a project: how many of its objects they reach')
    .requiredOption('--model <m>', modelNames())
    .option('--width <f>', 'width multiplier of the VGG family', realNumber('--width'))
    .option('--input <wxh>', INPUT_HELP)
    .option('--smin <f>', 's_min, as a share of the input', realNumber('--smin'))
    .option('--smax <f>', 's_max, as a share of the input', realNumber('--smax'))
    .option('--ratios <r>', 'aspect ratios per map, e.g. "2;2,3;2,3;2,3;2;2" or one list for all maps')
    .action(
      run(async ({ studio, output }, [dir], options: PriorOptions) => {
        const network = networkOption(options);
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
        const coverage = dir ? await describeCoverage(studio, configuration, network, maps) : null;
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
          if (coverage) lines.push('', ...coverageLines(coverage));
          return lines.join('\n');
        });
      }),
    );
}

const sizes = (values: readonly number[]): string => values.map((v) => Number(v.toFixed(1))).join(' ');

export const modelNames = (): string => ARCHITECTURES.map((a) => a.id).join(' | ');

export const INPUT_HELP = "size of the network input in pixels, e.g. 400x300; otherwise the model's own";

interface NetworkOptions {
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

/** Applies --smin, --smax and --ratios to a configuration. */
export function configure(
  configuration: DefaultBoxConfiguration,
  network: NetworkChoice,
  { smin, smax, ratios }: Pick<PriorOptions, 'smin' | 'smax' | 'ratios'>,
): DefaultBoxConfiguration {
  let result = configuration;
  if (smin !== undefined || smax !== undefined) {
    const now = scalesOf(result, network.input);
    const range = { sMin: smin ?? now.sMin, sMax: smax ?? now.sMax };
    if (!(range.sMin > 0 && range.sMax > range.sMin)) throw new UsageError('--smin must be above 0 and below --smax');
    result = withScales(result, range, network.input);
  }
  if (ratios !== undefined) result = withAspectRatios(result, parseRatios(ratios, result.sources.length));
  return result;
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

interface ProjectCoverage {
  readonly objects: number;
  readonly matched: number;
  readonly onlyForced: number;
  readonly meanBestIou: number;
  readonly worst: readonly {
    readonly imageId: number;
    readonly fileName: string;
    readonly className: string;
    readonly bestIou: number;
  }[];
}

const WORST = 10;

async function describeCoverage(
  studio: StudioSession,
  configuration: DefaultBoxConfiguration,
  network: NetworkChoice,
  maps: ReturnType<typeof sourceMaps>,
): Promise<ProjectCoverage> {
  const objects = await studio.call('images.objectColumns');
  const classes = (await studio.call('projects.current'))?.classes ?? [];
  const boxes = generateDefaultBoxes(configuration, network.input, maps);
  const { bestIou, matched, forced } = analyseCoverage(objects, boxes, MATCHING_THRESHOLD);
  const byIou = Array.from(bestIou.keys()).sort((a, b) => bestIou[a] - bestIou[b]);
  const worst = byIou.slice(0, WORST).filter((i) => bestIou[i] < MATCHING_THRESHOLD);
  return {
    objects: bestIou.length,
    matched,
    onlyForced: forced,
    meanBestIou: bestIou.length === 0 ? 0 : bestIou.reduce((sum, v) => sum + v, 0) / bestIou.length,
    worst: await Promise.all(
      worst.map(async (i) => ({
        imageId: objects.imageId[i],
        fileName: (await studio.call('images.get', { id: objects.imageId[i] })).fileName,
        className: classes.find((c) => c.id === objects.classId[i])?.name ?? '?',
        bestIou: bestIou[i],
      })),
    ),
  };
}

function coverageLines(coverage: ProjectCoverage): string[] {
  const { objects, matched, onlyForced, meanBestIou, worst } = coverage;
  if (objects === 0) return ['The project has no objects yet.'];
  const share = ((100 * matched) / objects).toFixed(1);
  const lines = [
    `${matched} of ${objects} objects (${share} %) have a default box with IoU >= ${MATCHING_THRESHOLD}; ` +
      `${onlyForced} only by force; mean best IoU ${meanBestIou.toFixed(3)}`,
  ];
  if (worst.length > 0) {
    lines.push('Worst reached:');
    lines.push(...worst.map((w) => `  ${w.fileName}, ${w.className}: best IoU ${w.bestIou.toFixed(3)}`));
  }
  return lines;
}
