/**
 * An exponential moving average of a model's weights: what predicts where a run keeps one. It lives where the weights live.
 * a += (1 - d)·(w - a) after every step, running statistics included. The decay d of step t is at most (1 + t) / (10 + t), so that
 * the first steps are soon forgotten (tf.train.ExponentialMovingAverage's num_updates).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Model } from './executor';
import { fromFileLayout, type NamedTensor, toFileLayout } from './executor-parameters';
import { DeviceParameters, DeviceTensors } from './executor-parameters-device';
import { HostParameters } from './executor-parameters-host';
import type { Kernels } from './kernels';

export interface WeightAverage {
  /** Takes up the weights after `steps` steps. */
  update(steps: number): void;
  /** Exchanges the average and the weights. */
  swap(): void;
  readState(): Promise<NamedTensor[]>;
  /** Throws RangeError when a tensor is missing or has another shape. */
  writeState(state: readonly NamedTensor[]): void;
  dispose(): void;
}

/** Begins with the model's weights as they are. */
export function weightAverage({ parameters, engine }: Model, decay: number): WeightAverage {
  if (parameters instanceof HostParameters) return new HostAverage(parameters, decay);
  if (parameters instanceof DeviceParameters) return new DeviceAverage(parameters, engine.kernels, decay);
  throw new Error('these parameters have no average');
}

/** Does work with the average in the place of the weights. */
export async function withAverage<T>(average: WeightAverage, work: () => Promise<T>): Promise<T> {
  average.swap();
  try {
    return await work();
  } finally {
    average.swap();
  }
}

const shareAfter = (steps: number, decay: number): number => 1 - Math.min(decay, (1 + steps) / (10 + steps));

class HostAverage implements WeightAverage {
  private readonly values: Float32Array;

  constructor(
    private readonly parameters: HostParameters,
    private readonly decay: number,
  ) {
    this.values = parameters.values.slice();
  }

  update(steps: number): void {
    const share = shareAfter(steps, this.decay);
    const { values } = this.parameters;
    for (let i = 0; i < values.length; i++) this.values[i] += share * (values[i] - this.values[i]);
  }

  async readState(): Promise<NamedTensor[]> {
    return this.parameters.table.entries.map((entry) => ({
      name: entry.parameter.name,
      shape: entry.parameter.shape,
      values: toFileLayout(this.values.subarray(entry.offset, entry.offset + entry.size), entry),
    }));
  }

  writeState(state: readonly NamedTensor[]): void {
    for (const [entry, values] of this.parameters.table.fit(state)) {
      this.values.set(fromFileLayout(values, entry), entry.offset);
    }
  }

  dispose(): void {}

  swap(): void {
    const { values } = this.parameters;
    const live = values.slice();
    values.set(this.values);
    this.values.set(live);
    this.parameters.changed();
  }
}

class DeviceAverage implements WeightAverage {
  private readonly tensors = new DeviceTensors();

  constructor(
    private readonly parameters: DeviceParameters,
    private readonly kernels: Pick<Kernels, 'mix'>,
    private readonly decay: number,
  ) {
    for (const name of this.names) this.tensors.set(name, tf.clone(parameters.tensor(name)));
  }

  update(steps: number): void {
    const share = shareAfter(steps, this.decay);
    for (const name of this.names) {
      this.tensors.set(name, this.kernels.mix(this.tensors.get(name), this.parameters.tensor(name), share));
    }
  }

  readState(): Promise<NamedTensor[]> {
    return this.tensors.read(this.parameters.table.entries);
  }

  writeState(state: readonly NamedTensor[]): void {
    for (const [entry, values] of this.parameters.table.fit(state)) {
      this.tensors.write(entry, fromFileLayout(values, entry));
    }
  }

  dispose(): void {
    this.tensors.dispose();
  }

  private get names(): readonly string[] {
    return this.parameters.table.entries.map(({ parameter }) => parameter.name);
  }

  swap(): void {
    for (const name of this.names) {
      const live = tf.clone(this.parameters.tensor(name));
      this.parameters.replace(name, tf.clone(this.tensors.get(name)));
      this.tensors.set(name, live);
    }
  }
}
