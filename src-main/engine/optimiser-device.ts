/** The optimiser of parameters on a device: of all numbers only the gradient's norm comes to main memory. */
import * as tf from '@tensorflow/tfjs-core';
import { fromFileLayout, type NamedTensor, type ParameterEntry } from './executor-parameters';
import { type DeviceParameters, DeviceTensors } from './executor-parameters-device';
import { DeviceGradients } from './gradients';
import type { Kernels } from './kernels';
import { clipScale, fitState, type Optimiser, type OptimiserOptions, ruleOf } from './optimiser';

export class DeviceOptimiser implements Optimiser {
  readonly gradients = new DeviceGradients();
  private readonly velocities = new DeviceTensors();

  constructor(
    private readonly parameters: DeviceParameters,
    private readonly kernels: Kernels,
    private readonly options: OptimiserOptions,
    private readonly learning: readonly ParameterEntry[] = parameters.table.learning,
  ) {
    this.reset();
  }

  async update(learningRate: number): Promise<number> {
    const norm = await this.gradientNorm();
    if (Number.isFinite(norm)) {
      const { momentum } = this.options;
      const scale = clipScale(norm, this.options);
      for (const { parameter, shape } of this.learning) {
        const { name } = parameter;
        const gradient = this.gradients.tensors.get(name) ?? tf.zeros([...shape]);
        const weight = this.parameters.tensor(name);
        const rule = { momentum, scale, ...ruleOf(parameter, this.options, learningRate) };
        const moved = this.kernels.momentumStep(weight, this.velocities.get(name), gradient, rule);
        if (!this.gradients.tensors.has(name)) gradient.dispose();
        this.velocities.set(name, moved.velocity);
        this.parameters.replace(name, moved.weight);
      }
    }
    this.gradients.clear();
    return norm;
  }

  private async gradientNorm(): Promise<number> {
    const gradients = [...this.gradients.tensors.values()];
    if (gradients.length === 0) return 0;
    const squares = tf.tidy(() => tf.stack(gradients.map((gradient) => this.kernels.sumOfSquares(gradient))));
    const parts = (await squares.data()) as Float32Array;
    squares.dispose();
    return Math.sqrt(parts.reduce((sum, part) => sum + part, 0));
  }

  readState(): Promise<NamedTensor[]> {
    return this.velocities.read(this.learning);
  }

  writeState(state: readonly NamedTensor[]): void {
    for (const [entry, values] of fitState(this.learning, state)) {
      this.velocities.write(entry, fromFileLayout(values, entry));
    }
  }

  reset(): void {
    for (const entry of this.learning) this.velocities.write(entry, new Float32Array(entry.size));
    this.gradients.clear();
  }

  dispose(): void {
    this.gradients.clear();
    this.velocities.dispose();
  }
}
