/** Which layers keep their weights when part of the base does not learn. */
import type { ArchitectureId, NetworkDescription } from './description';

/**
 * What of the base does not learn: nothing, its first convolutions (conv1_x of VGG-16, as torchvision freezes them; the first
 * convolution elsewhere), or all of it. Frozen layers keep their weights and their batch norms' running statistics.
 */
export const FROZEN_PARTS = ['none', 'stem', 'base'] as const;
export type FrozenPart = (typeof FROZEN_PARTS)[number];

interface Base {
  readonly base: RegExp;
  readonly stem: RegExp;
}

/** Layers are numbered along the base; VGG's stem ends with its first pool. */
const VGG_OF_SSD: Base = { base: /^vgg\./, stem: /^vgg\.[0-4](\.bn)?$/ };
const VGG_OF_RFBNET: Base = { base: /^base\./, stem: /^base\.[0-4](\.bn)?$/ };
const ULTRALIGHT: Base = { base: /^base_net\./, stem: /^base_net\.0\./ };

const BASES: Readonly<Record<ArchitectureId, Base>> = {
  rfb320: ULTRALIGHT,
  slim320: ULTRALIGHT,
  rfb640: ULTRALIGHT,
  slim640: ULTRALIGHT,
  ssdlite320: { base: /^backbone\.features\./, stem: /^backbone\.features\.0\.0\./ },
  ssd300: VGG_OF_SSD,
  ssd500: VGG_OF_SSD,
  ssd512: VGG_OF_SSD,
  rfbnet300: VGG_OF_RFBNET,
  rfbnet512: VGG_OF_RFBNET,
  'rfbnet300-e': VGG_OF_RFBNET,
  'rfbnet512-e': VGG_OF_RFBNET,
  'rfbnet-mobile': { base: /^base\./, stem: /^base\.0\./ },
};

/** Names of the layers that do not learn. Whatever a frozen layer reads is frozen too, so that no gradient has to pass one. */
export function frozenLayers({ architecture, layers }: NetworkDescription, part: FrozenPart): ReadonlySet<string> {
  if (part === 'none') return new Set();
  const pattern = BASES[architecture][part];
  return new Set(layers.map(({ name }) => name).filter((name) => pattern.test(name)));
}
