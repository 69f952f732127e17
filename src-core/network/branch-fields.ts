/** The branches of the receptive field block that a source's map comes from, each with what it sees by itself. */
import { layerFields, type ReceptiveField } from './cost';
import type { ConvolutionLayer, Layer, NetworkDescription } from './description';

export interface BranchField {
  /** The convolutions of the branch wider than one cell, in order; the last is the dilated one. */
  readonly kernels: readonly { readonly width: number; readonly height: number; readonly dilation: number }[];
  /** Of a cell at the end of the branch, in pixels of the input; its stride is the map's. */
  readonly field: ReceptiveField;
}

/** Per source; empty where the map does not come from such a block. */
export function branchFields(description: NetworkDescription): (readonly BranchField[])[] {
  const layers = new Map(description.layers.map((layer) => [layer.name, layer]));
  const fields = layerFields(description);
  return description.sources.map(({ feature }) => {
    const ends = blockEnds(feature, layers);
    const paths = ends.map((end) => pathBack(end, layers));
    const entry = paths[0]?.find((name) => paths.every((path) => path.includes(name)));
    return ends.map((end, b) => {
      const own = paths[b].slice(0, entry === undefined ? undefined : paths[b].indexOf(entry));
      const convolutions = own.map((name) => layers.get(name)).filter(isWide);
      const kernels = convolutions.reverse().map(({ kernel, dilation }) => ({
        width: kernel[1],
        height: kernel[0],
        dilation,
      }));
      return { kernels, field: fields.get(end)! };
    });
  });
}

const isWide = (layer: Layer | undefined): layer is ConvolutionLayer =>
  layer?.op === 'convolution' && Math.max(...layer.kernel) > 1;

/** The inputs of the concatenation behind a map, with nothing but layers of one cell between; none: there is no block. */
function blockEnds(feature: string, layers: ReadonlyMap<string, Layer>): readonly string[] {
  for (let name = feature; ;) {
    const layer = layers.get(name);
    if (!layer || isWide(layer) || layer.op === 'maxPool' || layer.op === 'resize') return [];
    if (layer.op === 'concat') return layer.inputs;
    name = before(layer);
  }
}

/** From a layer back to the picture. */
function pathBack(from: string, layers: ReadonlyMap<string, Layer>): string[] {
  const path = [from];
  for (let layer = layers.get(from); layer; layer = layers.get(path[path.length - 1])) path.push(before(layer));
  return path;
}

const before = (layer: Layer): string => ('inputs' in layer ? layer.inputs[0] : layer.input);
