/**
 * The layouts of weight files we know (SPEC.md 13): for each parameter of a network, what a file of that layout calls it. One
 * table serves import and export. A layout holds the whole detector or only the VGG base that detectors start from.
 */
import { ARCHITECTURE_IDS, type ArchitectureId } from '../network/description';
import {
  lufficcNames,
  mmdetectionNames,
  ownNames,
  torchvisionNames,
  vggFeatureNames,
  vggReducedNames,
  type Spelling,
} from './layout-names';

export type LayoutId =
  | 'studio'
  | 'torchvision'
  | 'amdegroot'
  | 'lufficc'
  | 'mmdetection'
  | 'rfbnet'
  | 'ultralight'
  | 'vgg-reducedfc'
  | 'vgg-torchvision';

export interface Layout {
  readonly id: LayoutId;
  /** As a person knows it. */
  readonly name: string;
  readonly architectures: readonly ArchitectureId[];
  /** What files call a parameter of ours, the usual spelling first; empty where the layout has no such tensor. */
  readonly spellings: (parameter: string) => readonly Spelling[];
}

const SSD = ['ssd300', 'ssd512'] as const;
const RFBNET_ON_VGG = ['rfbnet300', 'rfbnet512', 'rfbnet300-e', 'rfbnet512-e'] as const;
const RFBNET = [...RFBNET_ON_VGG, 'rfbnet-mobile'] as const;
const ULTRALIGHT = ['rfb320', 'slim320', 'rfb640', 'slim640'] as const;
const ON_VGG = [...SSD, 'ssd500', ...RFBNET_ON_VGG] as const;

/** Where two fit a file equally well, the earlier is taken. */
export const LAYOUTS: readonly Layout[] = [
  { id: 'amdegroot', name: 'amdegroot/ssd.pytorch', architectures: SSD, spellings: ownNames },
  {
    id: 'torchvision',
    name: 'torchvision',
    architectures: ['ssd300', 'ssdlite320'],
    spellings: torchvisionNames,
  },
  { id: 'lufficc', name: 'lufficc/SSD', architectures: SSD, spellings: lufficcNames },
  { id: 'mmdetection', name: 'MMDetection', architectures: SSD, spellings: mmdetectionNames },
  { id: 'rfbnet', name: 'RFBNet', architectures: RFBNET, spellings: ownNames },
  {
    id: 'ultralight',
    name: 'Ultra-Light-Fast-Generic-Face-Detector',
    architectures: ULTRALIGHT,
    spellings: ownNames,
  },
  {
    id: 'vgg-reducedfc',
    name: 'VGG-16 with reduced fc6 and fc7',
    architectures: ON_VGG,
    spellings: vggReducedNames,
  },
  {
    id: 'vgg-torchvision',
    name: "torchvision's VGG-16",
    architectures: ON_VGG,
    spellings: vggFeatureNames,
  },
  {
    id: 'studio',
    name: 'SSD Studio',
    architectures: ARCHITECTURE_IDS,
    spellings: ownNames,
  },
];

export function layout(id: LayoutId): Layout {
  const found = LAYOUTS.find((candidate) => candidate.id === id);
  if (!found) throw new RangeError(`no layout ${id}`);
  return found;
}

export function layoutsOf(architecture: ArchitectureId): readonly Layout[] {
  return LAYOUTS.filter(({ architectures }) => architectures.includes(architecture));
}
