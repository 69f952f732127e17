/** What wrappers put before the names of a network's tensors: `module.` (DataParallel), `state_dict.` and the like. */
import type { FileTensor } from './weight-file';

const WRAPPERS =
  /^(?:(?:module|model|net|network|detector|ssd|state_dict|model_state_dict|model_state|ema|ema_model|model_ema|ema_state_dict|_orig_mod|weights)[./])+/;

const MOST_PREFIXES = 8;

/** The tensors under one prefix, by their names without it. */
export interface TensorIndex {
  readonly prefix: string;
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

export function withoutPrefix(name: string): string {
  return name.replace(WRAPPERS, '');
}

function prefixOf(name: string): string {
  return WRAPPERS.exec(name)?.[0] ?? '';
}

/** One index per prefix that the file uses, the most used first: `model.` and `ema.` may hold the same network twice. */
export function indexByPrefix(tensors: readonly FileTensor[]): TensorIndex[] {
  const indexes = new Map<string, Map<string, FileTensor>>([['', new Map()]]);
  for (const tensor of tensors) {
    const prefix = prefixOf(tensor.name);
    let index = indexes.get(prefix);
    if (!index) indexes.set(prefix, (index = new Map()));
    index.set(tensor.name.slice(prefix.length), tensor);
  }
  return [...indexes]
    .map(([prefix, index]) => ({ prefix, tensors: index }))
    .sort((a, b) => b.tensors.size - a.tensors.size)
    .slice(0, MOST_PREFIXES);
}
