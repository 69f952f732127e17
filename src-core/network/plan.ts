/** How a description is run: a ReLU is joined to the one layer before it where nothing else reads that layer. */
import type { Layer, NetworkDescription } from './description';

export interface Operation {
  readonly layer: Layer;
  /** Apply a ReLU to the result. */
  readonly relu: boolean;
  /** The name under which later layers know the result: the ReLU's where one is joined. */
  readonly output: string;
}

export interface Plan {
  readonly operations: readonly Operation[];
  /** For each operation, the maps that nobody reads after it. */
  readonly lastReads: readonly (readonly string[])[];
}

export const inputsOf = (layer: Layer): readonly string[] => {
  if ('inputs' in layer) return layer.inputs;
  return layer.op === 'resize' ? [layer.input, layer.like] : [layer.input];
};

export function planOf(description: NetworkDescription): Plan {
  const readers = new Map<string, number>();
  const read = (name: string) => readers.set(name, (readers.get(name) ?? 0) + 1);
  description.layers.forEach((layer) => inputsOf(layer).forEach(read));
  const results = new Set(description.sources.flatMap((source) => [source.localisation, source.confidence]));
  results.forEach(read);

  const relus = new Map<string, string>();
  for (const layer of description.layers) {
    if (layer.op === 'activation' && layer.kind === 'relu' && readers.get(layer.input) === 1) {
      relus.set(layer.input, layer.name);
    }
  }
  const joinable = (layer: Layer) => layer.op === 'convolution' || layer.op === 'batchNorm' || layer.op === 'scaledAdd';
  const joined = new Set<string>();
  const operations: Operation[] = [];
  for (const layer of description.layers) {
    if (joined.has(layer.name)) continue;
    const relu = joinable(layer) ? relus.get(layer.name) : undefined;
    if (relu) joined.add(relu);
    operations.push({ layer, relu: relu !== undefined, output: relu ?? layer.name });
  }
  return { operations, lastReads: lastReads(operations, results) };
}

function lastReads(operations: readonly Operation[], results: ReadonlySet<string>): string[][] {
  const last = new Map<string, number>();
  operations.forEach((operation, i) => inputsOf(operation.layer).forEach((name) => last.set(name, i)));
  const reads: string[][] = operations.map(() => []);
  last.forEach((index, name) => {
    if (!results.has(name)) reads[index].push(name);
  });
  return reads;
}
