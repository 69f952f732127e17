/** The optimiser of parameters in main memory: plain loops over flat arrays. */
import { fromFileLayout, type NamedTensor, type ParameterEntry, toFileLayout } from './executor-parameters';
import type { HostParameters } from './executor-parameters-host';
import { HostGradients } from './gradients';
import { clipScale, fitState, type Optimiser, type OptimiserOptions, ruleOf } from './optimiser';

export class HostOptimiser implements Optimiser {
  readonly gradients: HostGradients;
  private readonly velocity: Float32Array;

  constructor(
    private readonly parameters: HostParameters,
    private readonly options: OptimiserOptions,
    private readonly learning: readonly ParameterEntry[] = parameters.table.learning,
  ) {
    this.gradients = new HostGradients(parameters.table);
    this.velocity = new Float32Array(parameters.table.trainable);
  }

  update(learningRate: number): number {
    const gradients = this.gradients.values;
    const norm = normOf(gradients);
    if (Number.isFinite(norm)) {
      const { momentum } = this.options;
      const scale = clipScale(norm, this.options);
      const { values } = this.parameters;
      for (const { parameter, offset, size } of this.learning) {
        const { decay, rate } = ruleOf(parameter, this.options, learningRate);
        for (let i = offset; i < offset + size; i++) {
          const velocity = momentum * this.velocity[i] + scale * gradients[i] + decay * values[i];
          this.velocity[i] = velocity;
          values[i] -= rate * velocity;
        }
      }
      this.parameters.changed();
    }
    this.gradients.clear();
    return norm;
  }

  readState(): NamedTensor[] {
    return this.learning.map((entry) => ({
      name: entry.parameter.name,
      shape: entry.parameter.shape,
      values: toFileLayout(this.view(entry), entry),
    }));
  }

  writeState(state: readonly NamedTensor[]): void {
    for (const [entry, values] of fitState(this.learning, state)) {
      this.view(entry).set(fromFileLayout(values, entry));
    }
  }

  reset(): void {
    this.velocity.fill(0);
    this.gradients.clear();
  }

  dispose(): void {
    this.gradients.clear();
  }

  private view({ offset, size }: ParameterEntry): Float32Array {
    return this.velocity.subarray(offset, offset + size);
  }
}

function normOf(gradients: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradients.length; i++) sum += gradients[i] * gradients[i];
  return Math.sqrt(sum);
}
