/** Where two runs were configured differently, in words: only what differs. */
import { countBoxes } from '../network/shapes';
import { architecture, buildNetwork } from '../network/zoo';
import { boxesPerCell, type SourceBoxes } from '../priors/configuration';
import { scalesOf } from '../priors/scales';
import { OPEN_ENDED_STEPS, type RunConfiguration } from './run';
import { inWords, plain, sideBySide, type Written } from './setting-text';

export type DifferenceGroup = 'Network' | 'Default boxes' | 'Training' | 'Augmentation' | 'Detection';

export interface ConfigurationDifference {
  readonly group: DifferenceGroup;
  readonly setting: string;
  /** The value of each configuration, with its unit; an en dash where a configuration has no such setting. */
  readonly a: string;
  readonly b: string;
}

type Fact = readonly [group: DifferenceGroup, setting: string, text: Written];

/**
 * What differs, grouped as in `DifferenceGroup` and in the order of the configuration. A setting that this function does not know by name
 * is compared too, under its name in words, so that no difference goes unseen.
 */
export function configurationDifferences(a: RunConfiguration, b: RunConfiguration): ConfigurationDifference[] {
  const [left, right] = [factsOf(a), factsOf(b)];
  const same = (fact: Fact) => (other: Fact) => other[0] === fact[0] && other[1] === fact[1];
  const pairs = [
    ...left.map((fact) => [fact, right.find(same(fact)) ?? null] as const),
    ...right.filter((fact) => !left.some(same(fact))).map((fact) => [null, fact] as const),
  ];
  const found = pairs.flatMap(([one, other]): ConfigurationDifference[] => {
    const { values, differs } = sideBySide([one?.[2] ?? null, other?.[2] ?? null]);
    const [group, setting] = (one ?? other) as Fact;
    return differs ? [{ group, setting, a: values[0], b: values[1] }] : [];
  });
  const groups = [...new Set(left.map(([group]) => group))];
  return groups.flatMap((group) => found.filter((each) => each.group === group));
}

function factsOf(configuration: RunConfiguration): readonly Fact[] {
  return [
    ...networkFacts(configuration),
    ...boxFacts(configuration),
    ...trainingFacts(configuration),
    ...Object.entries(configuration.augment).map(([key, value]): Fact => [
      'Augmentation',
      inWords(key),
      (digits) => augmentationText(value, digits),
    ]),
    ...genericFacts('Detection', configuration.detection),
  ];
}

function networkFacts({ network, startWeights }: RunConfiguration): Fact[] {
  const { architecture: id, input, widthMultiplier, preprocessing, rfbBranches, batchNorm, ...others } = network;
  return [
    ['Network', 'Detector', () => architecture(id).name],
    ['Network', 'Input', () => `${input.width} × ${input.height} px`],
    ['Network', 'Width multiplier', (digits) => plain(widthMultiplier, digits)],
    ['Network', 'Pixels', (digits) => (preprocessing ? plain(preprocessing, digits) : 'as the detector’s own')],
    ['Network', 'Branches of the receptive field block', () => String(rfbBranches ?? 3)],
    ['Network', 'Batch norm in VGG-16', () => (batchNorm ? 'yes' : 'no')],
    ...genericFacts('Network', others),
    [
      'Network',
      'Begins from',
      () => (startWeights ? `${startWeights.fileName} (SHA-256 ${startWeights.sha256.slice(0, 8)})` : 'fresh weights'),
    ],
  ];
}

function boxFacts({ network, defaultBoxes, boxesName }: RunConfiguration): Fact[] {
  const { sources, extraBoxLast = false, ...others } = defaultBoxes;
  const perCell = sources.map(boxesPerCell);
  const { sMin, sMax } = scalesOf(defaultBoxes, network.input);
  // The number of classes changes no map.
  const count = countBoxes(buildNetwork(network, 2, perCell));
  const perMap =
    (text: (source: SourceBoxes, digits: number) => string) =>
    (digits: number): string => {
      const texts = sources.map((source) => text(source, digits));
      return texts.every((each) => each === texts[0]) ? `${texts[0]} on every map` : texts.join(' · ');
    };
  const fact = (setting: string, text: Fact[2]): Fact => ['Default boxes', setting, text];
  return [
    fact('Kept under the name', () => boxesName ?? 'none'),
    fact('s_min', (digits) => plain(sMin, digits)),
    fact('s_max', (digits) => plain(sMax, digits)),
    fact(
      'Aspect ratios, map by map',
      perMap((source, digits) => plain([1, ...source.aspectRatios], digits)),
    ),
    fact('Default boxes of a picture', () => count.toLocaleString('en')),
    fact('Default boxes of a cell, map by map', () => perCell.join(' · ')),
    fact(
      'Min sizes in px, map by map',
      perMap((source, digits) => plain(source.minSizes, digits)),
    ),
    fact(
      'Max sizes in px, map by map',
      perMap((source, digits) => plain(source.maxSizes, digits)),
    ),
    fact(
      'Distance of cells in px, map by map',
      perMap((source, digits) => (source.step === null ? 'input / map' : plain(source.step, digits))),
    ),
    fact('Order in a cell', () => (extraBoxLast ? 'the box √(min × max) last' : 'the box √(min × max) second')),
    ...genericFacts('Default boxes', others),
  ];
}

function trainingFacts(configuration: RunConfiguration): Fact[] {
  const { steps, minutes, schedule, ...others } = configuration;
  const elsewhere = new Set(['network', 'defaultBoxes', 'boxesName', 'augment', 'detection', 'startWeights']);
  return [
    [
      'Training',
      'Steps',
      () => (steps >= OPEN_ENDED_STEPS ? 'until the time is over' : `${steps.toLocaleString('en')}`),
    ],
    ['Training', 'Time', (digits) => (minutes === null ? 'no limit' : `at most ${plain(minutes, digits)} min`)],
    ['Training', 'Schedule', () => schedule.kind],
    ...genericFacts('Training', without(schedule, 'kind')),
    ...genericFacts('Training', without(others, ...elsewhere)),
  ];
}

const genericFacts = (group: DifferenceGroup, settings: object): Fact[] =>
  Object.entries(settings).map(([key, value]): Fact => [group, inWords(key), (digits) => plain(value, digits)]);

const without = (settings: object, ...keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => !keys.includes(key)));

/** What is never drawn is off, whatever its strength would be. */
function augmentationText(value: unknown, digits: number): string {
  if (typeof value !== 'object' || value === null || !('probability' in value)) return plain(value, digits);
  if (value.probability === 0) return 'off';
  const strength = without(value, 'probability');
  const share = `${plain(100 * Number(value.probability), digits)} % of the pictures`;
  return Object.keys(strength).length === 0 ? share : `${share}, ${plain(strength, digits)}`;
}
