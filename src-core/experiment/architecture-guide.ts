/** What helps a person to choose an architecture: groups for the machine, and figures computed from the network itself. */
import { flops, type ReceptiveField, receptiveFields } from '../network/cost';
import type { ArchitectureId, NetworkChoice } from '../network/description';
import { countParameters } from '../network/parameters';
import { countBoxes } from '../network/shapes';
import { ARCHITECTURES, type Architecture, type ArchitectureFamily, architecture, buildNetwork } from '../network/zoo';
import { boxesPerCell } from '../priors/configuration';
import { presetDefaultBoxes } from '../priors/presets';

export interface NetworkFacts {
  /** Numbers that training adjusts. */
  readonly parameters: number;
  /** Floating-point operations for one picture. */
  readonly flops: number;
  /** Default boxes of the preset. */
  readonly boxes: number;
  /** Of each source's map, in pixels of the input, finest first. */
  readonly receptiveFields: readonly ReceptiveField[];
}

/** @param classes including background; the predictors grow with it */
export function networkFacts(choice: NetworkChoice, classes: number): NetworkFacts {
  const network = buildNetwork(choice, classes, presetDefaultBoxes(choice).sources.map(boxesPerCell));
  return {
    parameters: countParameters(network),
    flops: flops(network),
    boxes: countBoxes(network),
    receptiveFields: receptiveFields(network),
  };
}

export interface ArchitectureGroup {
  readonly name: string;
  readonly architectures: readonly Architecture[];
}

const FAMILIES: Readonly<Record<ArchitectureFamily, string>> = {
  ultralight: 'Small, for a processor',
  ssdlite: 'On MobileNetV3',
  ssd: 'SSD on VGG-16',
  rfbnet: 'RFBNet',
};

/** What learns well from a few hundred pictures in an evening: on a processor the small networks with batch norm only. */
const RECOMMENDED: Readonly<Record<'gpu' | 'processor', readonly ArchitectureId[]>> = {
  gpu: ['rfbnet300', 'ssd300'],
  processor: ['rfb320', 'ssdlite320'],
};

/** Every architecture once: those recommended for the machine first, the others by family. */
export function architectureGroups(gpu: boolean): readonly ArchitectureGroup[] {
  const recommended = RECOMMENDED[gpu ? 'gpu' : 'processor'];
  const families = Object.entries(FAMILIES).map(([family, name]) => ({
    name,
    architectures: ARCHITECTURES.filter((each) => each.family === family && !recommended.includes(each.id)),
  }));
  return [
    { name: 'Recommended for this machine', architectures: recommended.map(architecture) },
    ...families.filter(({ architectures }) => architectures.length > 0),
  ];
}
