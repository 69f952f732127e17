/** The plan for a weight file as a person brings it in: what they chose, what the file says of itself, what the layout says. */
import type { ArchitectureId, NetworkChoice, Preprocessing } from '../network/description';
import { parameters } from '../network/parameters';
import { architecture as architectureOf, ARCHITECTURES, buildNetwork } from '../network/zoo';
import { boxesPerCell, type DefaultBoxConfiguration, type PriorClipping } from '../priors/configuration';
import { publishedClassNames } from './class-names';
import type { BoxSizes, ConventionOverrides } from './conventions';
import { planImport, type ImportPlan, type ImportRequest } from './import-plan';
import { layoutsOf, type LayoutId } from './layouts';
import { parseModelMetadata, type ModelInformation } from './model-metadata';
import { fitsBetter, suggestArchitecture } from './suggest-architecture';
import type { FileTensor } from './weight-file';

/** What a person knows better than the file and its layout; what is absent stays as they say. */
export interface ConventionChoice {
  readonly channelOrder?: Preprocessing['channelOrder'] | undefined;
  readonly mean?: Preprocessing['mean'] | undefined;
  readonly std?: Preprocessing['std'] | undefined;
  readonly clip?: PriorClipping | undefined;
  readonly background?: 'first' | 'last' | undefined;
  readonly boxes?: BoxSizes | undefined;
  /** Whether the extra default box comes before the ratios of its min size, as in Caffe, or after them. */
  readonly boxOrder?: 'caffe' | 'extra-last' | undefined;
}

export interface WeightsChoice {
  /** Absent: the architecture that fits best. */
  readonly architecture?: ArchitectureId | undefined;
  readonly layout?: LayoutId | undefined;
  /** Without background; as many as the file's class predictors have. Absent: those the file or its publication says. */
  readonly classNames?: readonly string[] | undefined;
  readonly conventions?: ConventionChoice | undefined;
  /** Make fc6 and fc7 from a VGG's fully connected layers (SPEC.md 1.5). */
  readonly decimate?: boolean | undefined;
}

export interface FileContents {
  readonly tensors: readonly FileTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The detector that a training from the file's weights makes. */
export interface StartTarget {
  readonly network: NetworkChoice;
  readonly defaultBoxes: DefaultBoxConfiguration;
  readonly classNames: readonly string[];
}

export interface ChosenPlan extends ImportPlan {
  /** Without background, as many as the plan's network has. */
  readonly classNames: readonly string[];
  /** False where nobody says what the classes are and they are only numbered. */
  readonly classNamesKnown: boolean;
  /** Architectures whose every parameter the file has, the plan's own among them if so. */
  readonly fits: readonly ArchitectureId[];
}

/** @throws Error when the metadata claims to be a model of ours and is wrong, RangeError when no such network can be built */
export function planDetector(contents: FileContents, choice: WeightsChoice): ChosenPlan {
  const model = parseModelMetadata(contents.metadata);
  const plans = candidates(choice).map((architecture) => planAs(architecture, contents, choice, model));
  const best = plans.reduce((one, other) => (fitsBetter(other, one) ? other : one));
  const plan =
    best.matched.length === 0 && choice.architecture === undefined ? { ...best, problems: [nothingKnown()] } : best;
  const names = namesOf(plan, choice, model);
  return {
    ...plan,
    ...names,
    problems: [
      ...plan.problems,
      ...countProblem(plan, names.classNames),
      ...(choice.architecture === undefined || isWhole(plan) ? [] : otherNetwork(contents, plan)),
    ],
    fits: plans.filter(isWhole).map(({ network }) => network.architecture),
  };
}

/** Everything of the file that helps the target, whose pixels become the file's; class predictors only where they are known to be of the same classes. */
export function planStart(contents: FileContents, choice: WeightsChoice, target: StartTarget): ChosenPlan {
  const model = parseModelMetadata(contents.metadata);
  const { architecture, ...network } = withoutPixels(target.network);
  const plan = withConventions(choice.conventions, (overrides) =>
    planImport({
      ...requestOf(architecture, contents, choice),
      network,
      classes: target.classNames.length + 1,
      overrides: { ...modelPixels(model, architecture), ...overrides, defaultBoxes: target.defaultBoxes },
    }),
  );
  const said = model?.classNames ?? publishedNames(plan.layout, plan.fileClasses);
  const others = said !== null && said.join('\n') !== target.classNames.join('\n');
  return {
    ...(others && !plan.transfer ? withoutClassPredictors(plan, said) : plan),
    network: withPixels(plan),
    classNames: target.classNames,
    classNamesKnown: true,
    fits: [],
  };
}

function candidates({ architecture, layout }: WeightsChoice): readonly ArchitectureId[] {
  if (architecture !== undefined) return [architecture];
  const all = ARCHITECTURES.map(({ id }) => id);
  return layout === undefined ? all : all.filter((id) => layoutsOf(id).some((known) => known.id === layout));
}

const isWhole = ({ missing, wrongShape }: ImportPlan): boolean => missing.length + wrongShape.length === 0;

function planAs(
  architecture: ArchitectureId,
  contents: FileContents,
  choice: WeightsChoice,
  model: ModelInformation | null,
): ImportPlan {
  const own = model?.network.architecture === architecture ? model : null;
  const plan = withConventions(choice.conventions, (overrides) =>
    planImport({
      ...requestOf(architecture, contents, choice),
      ...(own && { network: withoutPixels(own.network) }),
      overrides: {
        ...(own && { defaultBoxes: own.defaultBoxes, detection: own.detection }),
        ...modelPixels(own, architecture),
        ...overrides,
      },
    }),
  );
  return { ...plan, network: withPixels(plan) };
}

function requestOf(architecture: ArchitectureId, contents: FileContents, choice: WeightsChoice): ImportRequest {
  return {
    architecture,
    ...contents,
    ...(choice.layout !== undefined && { layout: choice.layout }),
    ...(choice.decimate !== undefined && { decimate: choice.decimate }),
  };
}

/** A person may change a part of what the layout says, so that the layout is asked first. */
function withConventions(
  { channelOrder, mean, std, clip, background, boxes, boxOrder }: ConventionChoice = {},
  plan: (overrides: ConventionOverrides) => ImportPlan,
): ImportPlan {
  const whole = {
    ...(background && { background }),
    ...(boxes && { boxSizes: boxes }),
    ...(boxOrder === 'extra-last' && { extraBoxLast: true }),
  };
  const first = plan(whole);
  if (channelOrder === undefined && mean === undefined && std === undefined && clip === undefined) return first;
  const { preprocessing: pixels, defaultBoxes } = first.conventions;
  const preprocessing = {
    channelOrder: channelOrder ?? pixels.channelOrder,
    mean: mean ?? pixels.mean,
    std: std ?? pixels.std,
  };
  return plan({ ...whole, preprocessing, ...(clip && { defaultBoxes: { ...defaultBoxes, clip } }) });
}

/** A model of ours says its pixels only where they are not its architecture's own. */
function modelPixels(model: ModelInformation | null, architecture: ArchitectureId): ConventionOverrides {
  if (model === null || model.network.architecture !== architecture) return {};
  return { preprocessing: model.network.preprocessing ?? ownPixels(model.network) };
}

function withoutPixels(network: NetworkChoice): NetworkChoice {
  const { preprocessing: _, ...others } = network;
  return others;
}

function ownPixels(network: NetworkChoice): Preprocessing {
  const { sources } = architectureOf(network.architecture);
  return buildNetwork(withoutPixels(network), 2, new Array<number>(sources).fill(1)).preprocessing;
}

/** The network with the pixels of the conventions, said only where they are not its own. */
function withPixels({ network, conventions: { preprocessing } }: ImportPlan): NetworkChoice {
  const own = ownPixels(network);
  const same =
    own.channelOrder === preprocessing.channelOrder &&
    [0, 1, 2].every((c) => own.mean[c] === preprocessing.mean[c] && own.std[c] === preprocessing.std[c]);
  return same ? withoutPixels(network) : { ...network, preprocessing };
}

function namesOf(
  plan: ImportPlan,
  { classNames }: WeightsChoice,
  model: ModelInformation | null,
): Pick<ChosenPlan, 'classNames' | 'classNamesKnown'> {
  const said = classNames ?? (model?.classNames.length === plan.classes - 1 ? model.classNames : null);
  const names = said ?? publishedClassNames(plan.layout, plan.classes);
  return {
    classNames: names,
    classNamesKnown: said !== null || publishedNames(plan.layout, plan.fileClasses) !== null,
  };
}

/** Null where there is no list of that length. */
function publishedNames(layout: LayoutId, fileClasses: number | null): readonly string[] | null {
  if (fileClasses === null) return null;
  const names = publishedClassNames(layout, fileClasses);
  return names[0] === 'class 1' ? null : names;
}

function countProblem({ fileClasses, classes }: ImportPlan, classNames: readonly string[]): string[] {
  if (fileClasses === null || classNames.length === classes - 1) return [];
  return [
    `${classNames.length} class ${classNames.length === 1 ? 'name was' : 'names were'} given, ` +
      `but the file's class predictors have ${classes - 1} and background. Give ${classes - 1}, in the file's order.`,
  ];
}

function withoutClassPredictors(plan: ImportPlan, said: readonly string[]): ImportPlan {
  const network = buildNetwork(plan.network, plan.classes, plan.conventions.defaultBoxes.sources.map(boxesPerCell));
  const predictors = network.sources.map(({ confidence }) => `${confidence}.`);
  const isPredictor = ({ parameter }: { readonly parameter: string }): boolean =>
    predictors.some((layer) => parameter.startsWith(layer));
  const taken = plan.matched.filter(isPredictor);
  const reason = `class predictor of other classes (${said.slice(0, 3).join(', ')}${said.length > 3 ? ', …' : ''})`;
  const shapes = new Map(parameters(network).map(({ name, shape }) => [name, shape]));
  return {
    ...plan,
    transfer: true,
    matched: plan.matched.filter((entry) => !isPredictor(entry)),
    left: [...plan.left, ...taken.map(({ tensor, parameter }) => ({ tensor, shape: shapes.get(parameter)!, reason }))],
    missing: [...plan.missing, ...taken.map(({ parameter }) => ({ parameter, shape: shapes.get(parameter)! }))],
  };
}

/** The network that the file was made for, where it is not the one asked for. */
function otherNetwork({ tensors, metadata }: FileContents, plan: ImportPlan): string[] {
  const suggestion = suggestArchitecture(tensors, metadata);
  if (suggestion === null || suggestion.matched <= plan.matched.length) return [];
  const { architecture, matched, total } = suggestion;
  const { name } = architectureOf(architecture);
  const share = matched === total ? `all ${total}` : `${matched} of the ${total}`;
  return [`The file has ${share} parameters of ${name}: choose ${architecture}.`];
}

function nothingKnown(): string {
  const names = ARCHITECTURES.map(({ name }) => name).join(', ');
  return (
    `No tensor of the file is a weight of a network that the studio knows (${names}). ` +
    'Check that the file holds the state dict of such a detector, or of a VGG-16.'
  );
}
