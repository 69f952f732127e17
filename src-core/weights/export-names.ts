/** What the tensors of a network are called in a file for another project: the import's tables read the other way. */
import { StudioFailure } from '../contract/failure';
import type { ArchitectureId, NetworkDescription } from '../network/description';
import { parameters } from '../network/parameters';
import { architecture, buildNetwork, defaultChoice } from '../network/zoo';
import { layout, type LayoutId } from './layouts';

/** Layouts that weights are written in. MMDetection's class order is not ours, and the VGG files hold no detector. */
export const WRITTEN_LAYOUTS = ['studio', 'torchvision', 'amdegroot', 'lufficc', 'rfbnet', 'ultralight'] as const;
export type WrittenLayout = (typeof WRITTEN_LAYOUTS)[number];

/** The layouts that an architecture can be written in, the studio's own first. */
export function exportLayouts(id: ArchitectureId): readonly WrittenLayout[] {
  return WRITTEN_LAYOUTS.filter((written) => layout(written).architectures.includes(id));
}

/** The first project that can read this network, or the studio's own names where none can. */
export function naturalLayout(network: NetworkDescription): WrittenLayout {
  const others = exportLayouts(network.architecture).filter((id) => id !== 'studio');
  return others.find((id) => exportProblem(network, id) === null) ?? 'studio';
}

/** Why a network cannot be written in a layout, in a sentence, or null when it can. */
export function exportProblem(network: NetworkDescription, id: LayoutId): string | null {
  const { name } = architecture(network.architecture);
  const { name: project } = layout(id);
  if (!exportLayouts(network.architecture).some((written) => written === id)) {
    if (id === 'torchvision' && network.architecture === 'ssd512') {
      return `${project} has no SSD512: its larger SSD has other layers.`;
    }
    return WRITTEN_LAYOUTS.some((written) => written === id)
      ? `${project} has no ${name}.`
      : `Weights are not written as ${project} files.`;
  }
  if (id === 'studio') return null;
  if (!fullWidth(network)) return `${project} builds ${name} in full width only.`;
  return hasAddedBatchNorm(network)
    ? `${project} builds ${name} without the batch norm that this one learnt with.`
    : null;
}

/** The batch norm that a base of VGG-16 gets to learn from nothing. */
const hasAddedBatchNorm = ({ layers }: NetworkDescription): boolean =>
  layers.some(({ name }) => /^(vgg|base)\.\d+\.bn$/.test(name));

/** The multiplier, which only networks on VGG have, shows in the widths of their base. */
function fullWidth(network: NetworkDescription): boolean {
  const widths = ({ layers }: NetworkDescription) =>
    layers.flatMap((layer) => (layer.op === 'convolution' && /^(vgg|base)\./.test(layer.name) ? [layer.filters] : []));
  const perCell = network.sources.map(({ boxesPerCell }) => boxesPerCell);
  const full = widths(buildNetwork(defaultChoice(network.architecture), network.classes, perCell));
  return widths(network).every((filters, i) => filters === full[i]);
}

/**
 * Their name for each parameter of ours, one for one.
 * @throws StudioFailure `bad-request` where `exportProblem` has something to say
 */
export function exportNames(network: NetworkDescription, id: LayoutId): ReadonlyMap<string, string> {
  const problem = exportProblem(network, id);
  if (problem) {
    const others = exportLayouts(network.architecture).map((other) => layout(other).name);
    throw new StudioFailure('bad-request', problem, `Choose one of: ${others.join(', ')}.`);
  }
  const { spellings } = layout(id);
  return new Map(parameters(network).map(({ name }) => [name, spellings(name)[0].name]));
}
