/** Bringing weight files in: what is in one, a ready detector as a run of the project, or as a model file of ours. */
import { z } from 'zod';
import { ARCHITECTURE_IDS, type ArchitectureId, type NetworkChoice } from '../network/description';
import type { RunSummary } from '../experiment/run';
import type { WeightConventions } from '../weights/conventions';
import type { ImportPlan } from '../weights/import-plan';
import { LAYOUTS, type LayoutId } from '../weights/layouts';
import { channel } from './channel';
import { className, operationId } from './projects';
import { defaultBoxConfiguration, networkChoice } from './run-schema';

const path = z.string().min(1).max(4096);
const layoutId = z.enum(LAYOUTS.map(({ id }) => id) as [LayoutId, ...LayoutId[]]);
const pixel = z.number().min(-1000).max(1000);

/** A weight file and what a person knows better than it says; what is absent is taken from the file and its layout. */
export const weightsSource = z.object({
  path,
  architecture: z.enum(ARCHITECTURE_IDS).optional(),
  layout: layoutId.optional(),
  classNames: z.array(className).min(1).max(1000).optional(),
  conventions: z
    .object({
      channelOrder: z.enum(['rgb', 'bgr']),
      mean: z.tuple([pixel, pixel, pixel]),
      std: z.tuple([pixel, pixel, pixel]).refine((std) => std.every((value) => value > 0), 'a std must be above 0'),
      clip: z.enum(['none', 'all', 'size']),
      background: z.enum(['first', 'last']),
      boxes: z.enum(['voc', 'coco']),
      boxOrder: z.enum(['caffe', 'extra-last']),
    })
    .partial()
    .optional(),
  decimate: z.boolean().optional(),
});
export type WeightsSource = z.output<typeof weightsSource>;

/** What a training makes of the file's weights: they are set against this network, for the open project's classes. */
const startNetwork = z.object({ network: networkChoice, defaultBoxes: defaultBoxConfiguration });

/** What of a weight file fits where, and what it needs around it. */
export interface WeightsReport extends Pick<
  ImportPlan,
  'matched' | 'left' | 'wrongShape' | 'missing' | 'fileClasses' | 'transfer' | 'prefix'
> {
  readonly fileName: string;
  readonly bytes: number;
  /** How the file is packed. */
  readonly format: 'pytorch-zip' | 'pytorch-legacy' | 'safetensors';
  readonly layout: { readonly id: LayoutId; readonly name: string };
  readonly network: NetworkChoice;
  /** Architectures whose every parameter the file has. */
  readonly fits: readonly ArchitectureId[];
  /** What comes from the file, in sentences. */
  readonly summary: readonly string[];
  /** Parameters of the network. */
  readonly total: number;
  /** Without background. */
  readonly classNames: readonly string[];
  /** False where nobody says what the classes are. */
  readonly classNamesKnown: boolean;
  readonly conventions: WeightConventions;
  /** The file is a whole detector: every parameter has its values. */
  readonly complete: boolean;
  /** Why the file cannot be used as it stands, in sentences that say what to do. */
  readonly problems: readonly string[];
}

export const weightsChannels = {
  /** Reads names and shapes only; `start`: for a training of the open project instead of as a ready detector. */
  'weights.inspect': channel(
    z.object({ source: weightsSource, start: startNetwork.nullable().default(null) }),
  ).returns<WeightsReport>(),
  /** A ready detector becomes a run of the open project, with a checkpoint at step 0. */
  'weights.import': channel(
    z.object({ source: weightsSource, name: z.string().trim().min(1).max(200).optional(), operationId }),
  ).returns<{ readonly run: RunSummary; readonly report: WeightsReport }>(),
  /** A ready detector becomes a model file of ours (safetensors) at `out`. */
  'weights.convert': channel(z.object({ source: weightsSource, out: path, operationId })).returns<{
    readonly path: string;
    readonly bytes: number;
    readonly report: WeightsReport;
  }>(),
} as const;
