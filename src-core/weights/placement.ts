/** Tensors of a file set against the parameters of one network, by one layout. */
import type { NetworkDescription } from '../network/description';
import { parameters, type Parameter } from '../network/parameters';
import type { Layout } from './layouts';
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

export interface PlacedTensors extends Placement {
  /** The class predictors that were left, by the file's names. */
  readonly otherClasses: ReadonlySet<string>;
}

export interface PlacementOptions {
  /** Leave the class predictors: they are made for other classes. */
  readonly transfer: boolean;
  readonly backgroundLast: boolean;
  readonly decimate: boolean;
}

type Found = { readonly tensor: FileTensor; readonly transform: TensorTransform; readonly expected: readonly number[] };

export function placeTensors(
  layout: Layout,
  index: TensorIndex,
  network: NetworkDescription,
  options: PlacementOptions,
): PlacedTensors {
  const matched: Placement['matched'][number][] = [];
  const wrongShape: Placement['wrongShape'][number][] = [];
  const missing: Placement['missing'][number][] = [];
  const otherClasses = new Set<string>();
  const predictors = new Set(network.sources.map(({ confidence }) => confidence));
  for (const parameter of parameters(network)) {
    const classPredictor = predictors.has(parameter.layer);
    const found = candidates(parameter, classPredictor);
    if (options.transfer && classPredictor) {
      for (const { tensor } of found) otherClasses.add(tensor.name);
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
  return { matched, wrongShape, missing, otherClasses };

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
