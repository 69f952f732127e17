/** Where the backward pass leaves the gradients of the trainable parameters, until the optimiser has used them. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ParameterTable } from './executor-parameters';

export interface Gradients {
  /** Takes `gradient` over. A parameter's further gradients since `clear` are added: a batch may come in parts. */
  add(name: string, gradient: Tensor): void;
  clear(): void;
}

/** In main memory, at the offsets of the parameters. */
export class HostGradients implements Gradients {
  readonly values: Float32Array;

  constructor(private readonly table: ParameterTable) {
    this.values = new Float32Array(table.trainable);
  }

  add(name: string, gradient: Tensor): void {
    const values = gradient.dataSync() as Float32Array;
    gradient.dispose();
    const { offset } = this.table.entry(name);
    for (let i = 0; i < values.length; i++) this.values[offset + i] += values[i];
  }

  /** Of all trainable parameters, in the table's order. */
  addAll(gradients: Float32Array): void {
    for (let i = 0; i < gradients.length; i++) this.values[i] += gradients[i];
  }

  clear(): void {
    this.values.fill(0);
  }
}

/** As tensors of the engine. A parameter without a gradient has none here. */
export class DeviceGradients implements Gradients {
  readonly tensors = new Map<string, Tensor>();

  add(name: string, gradient: Tensor): void {
    const known = this.tensors.get(name);
    this.tensors.set(name, tf.keep(known ? tf.add(known, gradient) : gradient));
    if (known) tf.dispose([known, gradient]);
  }

  clear(): void {
    this.tensors.forEach((tensor) => tensor.dispose());
    this.tensors.clear();
  }
}
