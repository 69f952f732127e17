/** The architectures on offer, and the network that a choice, the classes and the default boxes make. */
import type { ArchitectureId, NetworkChoice, NetworkDescription } from './description';
import { inferShapes, ShapeError } from './shapes';
import { ssd300, SSD300_SOURCES } from './ssd';
import { ultralight, ULTRALIGHT_SOURCES } from './ultralight';

export interface Architecture {
  readonly id: ArchitectureId;
  readonly name: string;
  /** One line for a person who chooses. */
  readonly description: string;
  readonly input: { readonly width: number; readonly height: number };
  /** How many feature maps predict: the length of `boxesPerCell` and of the default boxes' sources. */
  readonly sources: number;
  /** Whether the width multiplier means anything here. */
  readonly scalable: boolean;
}

export const ARCHITECTURES: readonly Architecture[] = [
  {
    id: 'rfb320',
    name: 'RFB-320',
    description: 'Small and quick: 0.3 M parameters with a receptive field block. Trains on a laptop without a GPU.',
    input: { width: 320, height: 240 },
    sources: ULTRALIGHT_SOURCES,
    scalable: false,
  },
  {
    id: 'slim320',
    name: 'slim-320',
    description: 'RFB-320 without its receptive field block: a little quicker, a little less accurate.',
    input: { width: 320, height: 240 },
    sources: ULTRALIGHT_SOURCES,
    scalable: false,
  },
  {
    id: 'ssd300',
    name: 'SSD300',
    description: 'The SSD of the paper on VGG-16: 26 M parameters, six scales. Wants a GPU.',
    input: { width: 300, height: 300 },
    sources: SSD300_SOURCES,
    scalable: true,
  },
];

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
 * Throws RangeError when `boxesPerCell` has not one positive whole number per source or there is no foreground class.
 */
export function buildNetwork(
  choice: NetworkChoice,
  classes: number,
  boxesPerCell: readonly number[],
): NetworkDescription {
  const { name, sources } = architecture(choice.architecture);
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
  return choice.architecture === 'ssd300'
    ? ssd300(choice, classes, boxesPerCell)
    : ultralight(choice, classes, boxesPerCell);
}

/** Why this input size cannot work with this architecture, in a sentence, or null when it can. */
export function inputProblem(choice: NetworkChoice): string | null {
  const { name, sources } = architecture(choice.architecture);
  try {
    inferShapes(buildNetwork(choice, 2, new Array<number>(sources).fill(1)));
    return null;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return `${name} cannot run at ${choice.input.width} × ${choice.input.height}: ${error.message}`;
  }
}
