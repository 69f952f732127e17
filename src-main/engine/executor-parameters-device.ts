/** Parameters as tensors of the engine: where that is a GPU they never leave it, but for checkpoints. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@core/network/description';
import {
  fromFileLayout,
  type NamedTensor,
  type ParameterEntry,
  type Parameters,
  ParameterTable,
  toFileLayout,
} from './executor-parameters';
import { freshValues } from './executor-parameters-fresh';
import type { Kernels } from './kernels';

export class DeviceParameters implements Parameters {
  readonly table: ParameterTable;
  private readonly tensors = new DeviceTensors();

  /** Fresh weights drawn from `seed`, the same as in main memory. */
  constructor(
    description: NetworkDescription,
    seed: number,
    private readonly kernels: Kernels,
  ) {
    this.table = new ParameterTable(description);
    const values = freshValues(this.table, seed);
    for (const entry of this.table.entries) {
      this.tensors.write(entry, values.slice(entry.offset, entry.offset + entry.size));
    }
  }

  tensor<R extends Tensor>(name: string): R {
    return this.tensors.get(name) as R;
  }

  /** Puts `tensor` in the place of the parameter's numbers and takes it over. */
  replace(name: string, tensor: Tensor): void {
    this.tensors.set(name, tensor);
  }

  moveTowards(name: string, momentum: number, batch: Tensor1D): void {
    this.replace(name, this.kernels.mix(this.tensor(name), batch, momentum));
    batch.dispose();
  }

  read(): Promise<NamedTensor[]> {
    return this.tensors.read(this.table.entries);
  }

  write(weights: readonly NamedTensor[]): void {
    for (const [entry, values] of this.table.fit(weights)) this.tensors.write(entry, fromFileLayout(values, entry));
  }

  dispose(): void {
    this.tensors.dispose();
  }
}

/** Tensors by parameter name, kept until they are replaced: the weights, and what an optimiser has for each. */
export class DeviceTensors {
  private readonly tensors = new Map<string, Tensor>();

  /** Throws RangeError when there is none. */
  get(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new RangeError(`the network has no parameter ${name}`);
    return tensor;
  }

  /** Disposes of the tensor that was there. */
  set(name: string, tensor: Tensor): void {
    this.tensors.get(name)?.dispose();
    this.tensors.set(name, tf.keep(tensor));
  }

  write({ parameter, shape }: ParameterEntry, values: Float32Array): void {
    this.set(parameter.name, tf.tensor(values, [...shape], 'float32'));
  }

  /** In the layout of files. */
  read(entries: readonly ParameterEntry[]): Promise<NamedTensor[]> {
    return Promise.all(
      entries.map(async (entry) => ({
        name: entry.parameter.name,
        shape: entry.parameter.shape,
        values: toFileLayout((await this.get(entry.parameter.name).data()) as Float32Array, entry),
      })),
    );
  }

  dispose(): void {
    this.tensors.forEach((tensor) => tensor.dispose());
    this.tensors.clear();
  }
}
