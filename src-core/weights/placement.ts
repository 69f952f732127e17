/** Tensors of a file set against the parameters of one network, by one layout. */
import type { NetworkDescription } from '../network/description';
import { parameters, type Parameter } from '../network/parameters';
import type { Layout } from './layouts';
import { leftReason } from './left-reason';
import type { TensorIndex } from './prefix';
import { sourceShape, type TensorTransform } from './transforms';
import type { FileTensor } from './weight-file';

export interface Placement {
  /** `tensor` is the file's whole name, prefix included. */
  readonly matched: readonly {
    readonly parameter: string;
    readonly tensor: string;
    readonly transform: TensorTransform;
  }[];
  /** Tensors that no parameter takes, and why, in words for a person. */
  readonly left: readonly { readonly tensor: string; readonly shape: readonly number[]; readonly reason: string }[];
  /** `expected` and `found` are shapes of the file's tensor. */
  readonly wrongShape: readonly {
    readonly parameter: string;
    readonly tensor: string;
    readonly expected: readonly number[];
    readonly found: readonly number[];
  }[];
  /** Parameters that the file has no tensor for; those of `wrongShape` are not among them. */
  readonly missing: readonly { readonly parameter: string; readonly shape: readonly number[] }[];
}

export interface PlacementOptions {
  /** Leave the class predictors: they are made for other classes. */
  readonly transfer: boolean;
  readonly fileClasses: number | null;
  readonly backgroundLast: boolean;
  readonly decimate: boolean;
}

type Found = { readonly tensor: FileTensor; readonly transform: TensorTransform; readonly expected: readonly number[] };

export function placeTensors(
  layout: Layout,
  index: TensorIndex,
  network: NetworkDescription,
  tensors: readonly FileTensor[],
  options: PlacementOptions,
): Placement {
  const matched: Placement['matched'][number][] = [];
  const wrongShape: Placement['wrongShape'][number][] = [];
  const missing: Placement['missing'][number][] = [];
  const predictors = new Set(network.sources.map(({ confidence }) => confidence));
  const reasons = new Map<string, string>();
  for (const parameter of parameters(network)) {
    const classPredictor = predictors.has(parameter.layer);
    const found = candidates(parameter, classPredictor);
    if (options.transfer && classPredictor) {
      for (const { tensor } of found) reasons.set(tensor.name, `class predictor of ${options.fileClasses} classes`);
      missing.push({ parameter: parameter.name, shape: parameter.shape });
      continue;
    }
    const fitting = found.find(({ tensor, expected }) => sameShape(tensor.shape, expected));
    if (fitting) {
      matched.push({ parameter: parameter.name, tensor: fitting.tensor.name, transform: fitting.transform });
    } else if (found.length > 0) {
      const [{ tensor, expected }] = found;
      wrongShape.push({ parameter: parameter.name, tensor: tensor.name, expected, found: tensor.shape });
    } else {
      missing.push({ parameter: parameter.name, shape: parameter.shape });
    }
  }
  const used = new Set([...matched, ...wrongShape].map(({ tensor }) => tensor));
  const left = tensors
    .filter(({ name }) => !used.has(name))
    .map((tensor) => ({
      tensor: tensor.name,
      shape: tensor.shape,
      reason: reasons.get(tensor.name) ?? leftReason(tensor, index, layout),
    }));
  return { matched, left, wrongShape, missing };

  function candidates(parameter: Parameter, classPredictor: boolean): Found[] {
    return layout.spellings(parameter.name).flatMap(({ name, transform: spelled }) => {
      const tensor = index.tensors.get(name);
      if (!tensor || (spelled !== 'copy' && !options.decimate)) return [];
      const transform = classPredictor && options.backgroundLast ? 'backgroundFirst' : spelled;
      return [{ tensor, transform, expected: sourceShape(transform, parameter.shape) }];
    });
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
