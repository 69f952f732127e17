/**
 * Parameters in main memory, as one flat Float32Array; tensors are copies made when an engine needs them. So an optimiser step
 * is one plain loop, which for small networks is far cheaper than hundreds of tensor operations.
 */
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

export class HostParameters implements Parameters {
  readonly table: ParameterTable;
  /** Trainable parameters first, in [0, table.trainable). */
  readonly values: Float32Array;
  private readonly tensors = new Map<string, Tensor>();

  /** Fresh weights drawn from `seed`. */
  constructor(description: NetworkDescription, seed: number) {
    this.table = new ParameterTable(description);
    this.values = freshValues(this.table, seed);
  }

  entry(name: string): ParameterEntry {
    return this.table.entry(name);
  }

  /** The numbers of one parameter, writable; call `changed` afterwards. */
  view({ offset, size }: Pick<ParameterEntry, 'offset' | 'size'>): Float32Array {
    return this.values.subarray(offset, offset + size);
  }

  /** The parameter as a tensor of the current engine, kept until the numbers change. */
  tensor<R extends Tensor>(name: string): R {
    const known = this.tensors.get(name);
    if (known) return known as R;
    const entry = this.entry(name);
    const made = tf.keep(tf.tensor(this.view(entry), [...entry.shape], 'float32'));
    this.tensors.set(name, made);
    return made as R;
  }

  /** Tensors made so far are out of date. */
  changed(): void {
    this.tensors.forEach((tensor) => tensor.dispose());
    this.tensors.clear();
  }

  moveTowards(name: string, momentum: number, batch: Tensor1D): void {
    this.move(name, momentum, batch.dataSync() as Float32Array);
    batch.dispose();
  }

  /** running += momentum · (batch - running) */
  move(name: string, momentum: number, batch: Float32Array): void {
    const running = this.view(this.entry(name));
    for (let i = 0; i < running.length; i++) running[i] += momentum * (batch[i] - running[i]);
    this.tensors.get(name)?.dispose();
    this.tensors.delete(name);
  }

  read(): NamedTensor[] {
    return this.table.entries.map((entry) => ({
      name: entry.parameter.name,
      shape: entry.parameter.shape,
      values: toFileLayout(this.view(entry), entry),
    }));
  }

  write(weights: readonly NamedTensor[]): void {
    for (const [entry, values] of this.table.fit(weights)) this.view(entry).set(fromFileLayout(values, entry));
    this.changed();
  }

  dispose(): void {
    this.changed();
  }
}
