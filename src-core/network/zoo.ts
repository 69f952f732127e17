/** The architectures on offer, and the network that a choice, the classes and the default boxes make. */
import type { ArchitectureId, NetworkChoice, NetworkDescription } from './description';
import { RFBNET300_SOURCES, RFBNET512_SOURCES, RFBNET_MOBILE_SOURCES, rfbnet, rfbnetMobile } from './rfbnet';
import { inferShapes, ShapeError } from './shapes';
import { ssd, SSD300_SOURCES, SSD512_SOURCES } from './ssd';
import { ssdlite, SSDLITE_SOURCES } from './ssdlite';
import { ultralight, ULTRALIGHT_SOURCES } from './ultralight';

/** Architectures of one design, for a picker to group. */
export type ArchitectureFamily = 'ultralight' | 'ssdlite' | 'ssd' | 'rfbnet';

export interface Architecture {
  readonly id: ArchitectureId;
  readonly name: string;
  /** One line for a person who chooses. */
  readonly description: string;
  readonly family: ArchitectureFamily;
  readonly input: { readonly width: number; readonly height: number };
  /** How many feature maps predict: the length of `boxesPerCell` and of the default boxes' sources. */
  readonly sources: number;
  /** Whether the base is VGG-16: then a width multiplier scales it, and batch norm may be added to it. */
  readonly scalable: boolean;
}

const square = (side: number) => ({ width: side, height: side });
const ULTRALIGHT = { family: 'ultralight', sources: ULTRALIGHT_SOURCES, scalable: false } as const;
const SSD = { family: 'ssd', scalable: true } as const;
const RFBNET = { family: 'rfbnet', scalable: true } as const;

export const ARCHITECTURES: readonly Architecture[] = [
  {
    ...ULTRALIGHT,
    id: 'rfb320',
    name: 'RFB-320',
    description: 'Small and quick, with a receptive field block. Trains on a laptop without a GPU.',
    input: { width: 320, height: 240 },
  },
  {
    ...ULTRALIGHT,
    id: 'slim320',
    name: 'slim-320',
    description: 'RFB-320 without its receptive field block: a little quicker, a little less accurate.',
    input: { width: 320, height: 240 },
  },
  {
    ...ULTRALIGHT,
    id: 'rfb640',
    name: 'RFB-640',
    description: 'RFB-320 on four times the pixels: for smaller objects, at four times the work.',
    input: { width: 640, height: 480 },
  },
  {
    ...ULTRALIGHT,
    id: 'slim640',
    name: 'slim-640',
    description: 'slim-320 on four times the pixels: for smaller objects, at four times the work.',
    input: { width: 640, height: 480 },
  },
  {
    id: 'ssdlite320',
    name: 'SSDLite320',
    description: 'SSDLite on MobileNetV3: quick on a processor, six scales.',
    family: 'ssdlite',
    input: square(320),
    sources: SSDLITE_SOURCES,
    scalable: false,
  },
  {
    ...SSD,
    id: 'ssd300',
    name: 'SSD300',
    description: 'The SSD of the paper on VGG-16, six scales. Wants a GPU.',
    input: square(300),
    sources: SSD300_SOURCES,
  },
  {
    ...SSD,
    id: 'ssd500',
    name: 'SSD500',
    description: 'SSD512 at 500 pixels: seven scales, for pictures of that size. Wants a GPU.',
    input: square(500),
    sources: SSD512_SOURCES,
  },
  {
    ...SSD,
    id: 'ssd512',
    name: 'SSD512',
    description:
      'The larger SSD of the paper: seven scales, better on small objects at three times the work. Wants a GPU.',
    input: square(512),
    sources: SSD512_SOURCES,
  },
  {
    ...RFBNET,
    id: 'rfbnet300',
    name: 'RFBNet300',
    description: 'SSD300 with receptive field blocks: more accurate at nearly the same speed. Wants a GPU.',
    input: square(300),
    sources: RFBNET300_SOURCES,
  },
  {
    ...RFBNET,
    id: 'rfbnet512',
    name: 'RFBNet512',
    description: 'SSD512 with receptive field blocks: more accurate, at little more work. Wants a GPU.',
    input: square(512),
    sources: RFBNET512_SOURCES,
  },
  {
    ...RFBNET,
    id: 'rfbnet300-e',
    name: 'RFBNet300-E',
    description: 'RFBNet300 with more branches and a finer first source that also sees fc7. Wants a GPU.',
    input: square(300),
    sources: RFBNET300_SOURCES,
  },
  {
    ...RFBNET,
    id: 'rfbnet512-e',
    name: 'RFBNet512-E',
    description: 'RFBNet512 with more branches and a finer first source that also sees fc7. Wants a GPU.',
    input: square(512),
    sources: RFBNET512_SOURCES,
  },
  {
    ...RFBNET,
    id: 'rfbnet-mobile',
    name: 'RFBNet-mobile',
    description: 'RFBNet on MobileNet: a twentieth of the work of those on VGG-16.',
    input: square(300),
    sources: RFBNET_MOBILE_SOURCES,
    scalable: false,
  },
];

type Builder = (choice: NetworkChoice, classes: number, boxesPerCell: readonly number[]) => NetworkDescription;

const BUILDERS: Readonly<Record<ArchitectureId, Builder>> = {
  rfb320: ultralight,
  slim320: ultralight,
  rfb640: ultralight,
  slim640: ultralight,
  ssdlite320: ssdlite,
  ssd300: ssd,
  ssd500: ssd,
  ssd512: ssd,
  rfbnet300: rfbnet,
  rfbnet512: rfbnet,
  'rfbnet300-e': rfbnet,
  'rfbnet512-e': rfbnet,
  'rfbnet-mobile': rfbnetMobile,
};

export function architecture(id: ArchitectureId): Architecture {
  const found = ARCHITECTURES.find((candidate) => candidate.id === id);
  if (!found) throw new RangeError(`no architecture ${id}`);
  return found;
}

export function defaultChoice(id: ArchitectureId): NetworkChoice {
  return { architecture: id, widthMultiplier: 1, input: architecture(id).input };
}

/**
 * The network of a choice for `classes` classes including background, with so many boxes in each cell of each source.
 * Throws RangeError when `boxesPerCell` has not one positive whole number per source, there is no foreground class, or the
 * choice asks for a width or branches that the architecture does not have.
 */
export function buildNetwork(
  choice: NetworkChoice,
  classes: number,
  boxesPerCell: readonly number[],
): NetworkDescription {
  const { name, sources, scalable } = architecture(choice.architecture);
  if (choice.rfbBranches === 2 && choice.architecture !== 'rfbnet300' && choice.architecture !== 'rfbnet512') {
    throw new RangeError(`${name} never had blocks of two branches: only RFBNet300 and RFBNet512 have`);
  }
  if (choice.batchNorm && !scalable) {
    throw new RangeError(`${name} is not on VGG-16: its batch norm is no choice`);
  }
  if (choice.widthMultiplier !== 1 && !scalable) throw new RangeError(`${name} has no width multiplier`);
  if (boxesPerCell.length !== sources) {
    throw new RangeError(
      `${name} predicts from ${sources} sources, but default boxes are given for ${boxesPerCell.length}`,
    );
  }
  if (!boxesPerCell.every((count) => Number.isInteger(count) && count > 0)) {
    throw new RangeError(`every source of ${name} needs at least one default box per cell`);
  }
  if (!Number.isInteger(classes) || classes < 2) {
    throw new RangeError('a detector needs background and at least one class');
  }
  const network = BUILDERS[choice.architecture](choice, classes, boxesPerCell);
  return choice.preprocessing ? { ...network, preprocessing: choice.preprocessing } : network;
}

/** Pixels of a side of the input. */
export const INPUT_SIDES = [64, 2048] as const;

/** Why this input size cannot work with this architecture, in a sentence, or null when it can. */
export function inputProblem(choice: NetworkChoice): string | null {
  const { name, sources } = architecture(choice.architecture);
  const [least, most] = INPUT_SIDES;
  const sides = [choice.input.width, choice.input.height];
  if (!sides.every((side) => Number.isInteger(side) && side >= least && side <= most)) {
    return `${sides.join(' × ')} is no input size: both sides must be whole numbers from ${least} to ${most}`;
  }
  try {
    inferShapes(buildNetwork(choice, 2, new Array<number>(sources).fill(1)));
    return null;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return `${name} cannot run at ${choice.input.width} × ${choice.input.height}: ${error.message}`;
  }
}
