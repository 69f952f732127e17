/** What of a weight file goes where in a network, decided from names and shapes alone. */
import type { ArchitectureId, NetworkChoice } from '../network/description';
import { architecture as architectureOf, buildNetwork, defaultChoice } from '../network/zoo';
import { boxesPerCell } from '../priors/configuration';
import { presetDefaultBoxes } from '../priors/presets';
import { conventionsOf, type ConventionOverrides, type WeightConventions } from './conventions';
import { readHeads } from './file-heads';
import { leftReason } from './left-reason';
import { layoutsOf, type Layout, type LayoutId } from './layouts';
import { planProblems } from './plan-problems';
import { placeTensors, type PlacedTensors, type Placement } from './placement';
import { indexByPrefix, type TensorIndex } from './prefix';
import type { FileTensor } from './weight-file';

export interface ImportRequest {
  readonly architecture: ArchitectureId;
  readonly tensors: readonly FileTensor[];
  /** Of a safetensors file; empty otherwise. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Absent: the layout that fits best. */
  readonly layout?: LayoutId;
  /** Including background. Absent: the file's own. With another number the file's class predictors are left behind. */
  readonly classes?: number;
  /** How the network differs from the architecture's default choice. */
  readonly network?: Partial<Omit<NetworkChoice, 'architecture'>>;
  /** What is known better than the layout says; `defaultBoxes` also decides how many boxes the predictors have. */
  readonly overrides?: ConventionOverrides;
  /** Make fc6 and fc7 from a VGG's fully connected layers (SPEC.md 1.5). */
  readonly decimate?: boolean;
}

export interface ImportPlan extends Placement {
  /** Tensors that no parameter takes, and why, in words for a person. */
  readonly left: readonly { readonly tensor: string; readonly shape: readonly number[]; readonly reason: string }[];
  readonly layout: LayoutId;
  /** What stands before every name of the layout in this file, such as `module.`; mostly empty. */
  readonly prefix: string;
  readonly network: NetworkChoice;
  /** Classes including background that the file's class predictors are made for; null when it has none, or they disagree. */
  readonly fileClasses: number | null;
  /** Of the network, including background. */
  readonly classes: number;
  readonly conventions: WeightConventions;
  /** The class predictors were left because the classes differ. */
  readonly transfer: boolean;
  /** Why the file cannot be used as it stands, in sentences for a person; empty when it can. */
  readonly problems: readonly string[];
}

/**
 * The plan of the layout and prefix under which most parameters find a tensor of their shape. A file that fits nothing gives
 * a plan without matches, whose `problems` say so. The network of the plan is
 * `buildNetwork(network, classes, conventions.defaultBoxes.sources.map(boxesPerCell))`.
 * @throws RangeError when the layout asked for does not know the architecture, or no such network can be built
 */
export function planImport(request: ImportRequest): ImportPlan {
  const known = layoutsOf(request.architecture);
  const layouts = request.layout ? known.filter(({ id }) => id === request.layout) : preferOwn(known, request.metadata);
  if (layouts.length === 0) throw new RangeError(`the layout ${request.layout} has no ${request.architecture}`);
  const drafts = indexByPrefix(request.tensors).flatMap((index) => layouts.map((of) => draftOf(of, index, request)));
  const best = drafts.reduce((one, other) => (planFit(other.placed) > planFit(one.placed) ? other : one));
  const { matched, wrongShape, missing } = best.placed;
  return { ...best.plan, matched, wrongShape, missing, left: leftTensors(best, request.tensors) };
}

/** What a plan brings: a wrong shape speaks against it, so that of two networks with like names the right one wins. */
export function planFit({ matched, wrongShape }: Placement): number {
  return matched.length - wrongShape.length;
}

/** A file that says it is the studio's own is read as such where the names alone could be another's. */
function preferOwn(layouts: readonly Layout[], { format }: ImportRequest['metadata']): readonly Layout[] {
  if (!format?.startsWith('ssd-studio')) return layouts;
  return [...layouts].sort((a, b) => Number(b.id === 'studio') - Number(a.id === 'studio'));
}

/** A plan before anyone asked what is left. */
interface Draft {
  readonly layout: Layout;
  readonly index: TensorIndex;
  readonly placed: PlacedTensors;
  readonly plan: Omit<ImportPlan, keyof Placement | 'left'>;
}

function draftOf(layout: Layout, index: TensorIndex, request: ImportRequest): Draft {
  const { batchNorm: _, ...asked } = request.network ?? {};
  const network: NetworkChoice = {
    ...defaultChoice(request.architecture),
    ...(hasTwoBranches(request.architecture, index) && { rfbBranches: 2 }),
    ...asked,
    ...(hasBatchNorm(request.architecture, index) && { batchNorm: true }),
  };
  const preset = buildNetwork(network, 2, presetDefaultBoxes(network).sources.map(boxesPerCell));
  const heads = readHeads(layout, index, preset);
  const conventions = conventionsOf(layout.id, network, preset.preprocessing, heads.classes, request.overrides);
  const classes = request.classes ?? heads.classes ?? 2;
  const perCell = conventions.defaultBoxes.sources.map(boxesPerCell);
  const transfer = heads.classes !== null && heads.classes !== classes;
  const placed = placeTensors(layout, index, buildNetwork(network, classes, perCell), {
    transfer,
    backgroundLast: conventions.background === 'last',
    decimate: request.decimate ?? false,
  });
  const plan = {
    layout: layout.id,
    prefix: index.prefix,
    network,
    fileClasses: heads.classes,
    classes,
    conventions,
    transfer,
    problems: planProblems(placed, request.architecture, heads, perCell),
  };
  return { layout, index, placed, plan };
}

function leftTensors({ layout, index, placed, plan }: Draft, tensors: readonly FileTensor[]): ImportPlan['left'] {
  const used = new Set([...placed.matched, ...placed.wrongShape].map(({ tensor }) => tensor));
  return tensors
    .filter(({ name }) => !used.has(name))
    .map((tensor) => ({
      tensor: tensor.name,
      shape: tensor.shape,
      reason: placed.otherClasses.has(tensor.name)
        ? `class predictor of ${plan.fileClasses} classes`
        : leftReason(tensor, index, layout),
    }));
}

/** Of our own: a VGG base that learned from nothing. */
function hasBatchNorm(architecture: ArchitectureId, { tensors }: TensorIndex): boolean {
  return architectureOf(architecture).scalable && (tensors.has('vgg.0.bn.weight') || tensors.has('base.0.bn.weight'));
}

/** RFBNet on VGG from before 2018-08-05: its first block has no third branch (SPEC.md 13.2). */
function hasTwoBranches(architecture: ArchitectureId, { tensors }: TensorIndex): boolean {
  if (architecture !== 'rfbnet300' && architecture !== 'rfbnet512') return false;
  const branch = (index: number) => tensors.has(`extras.0.branch${index}.0.conv.weight`);
  return branch(1) && !branch(2);
}
