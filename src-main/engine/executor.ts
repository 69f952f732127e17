/** Runs a network description on an engine: prediction, and training's forward and backward pass. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@core/network/description';
import { countBoxes } from '@core/network/shapes';
import type { Engine } from './engines';
import type { RawOutput } from './executor-heads';
import type { NamedTensor, Parameters } from './executor-parameters';
import { DeviceParameters } from './executor-parameters-device';
import { HostParameters } from './executor-parameters-host';
import { type ForwardPass, Passes, releasePass } from './executor-passes';
import { RecordedPasses } from './executor-recorded';
import { type Gradients, HostGradients } from './gradients';

export class Model {
  readonly parameters: Parameters;
  /** P: default boxes of one picture. */
  readonly boxes: number;
  private readonly passes: Passes;
  /** Where the engine records. */
  private readonly recorded: RecordedPasses | null;

  /**
   * With fresh weights from `seed`, or with given ones.
   * @param frozen layers that do not learn, and all that they read
   */
  constructor(
    readonly engine: Engine,
    readonly description: NetworkDescription,
    start: { readonly seed: number } | { readonly weights: readonly NamedTensor[] },
    readonly frozen: ReadonlySet<string> = new Set(),
  ) {
    const { kernels, recorder } = engine;
    this.passes = new Passes(kernels, description, frozen);
    this.boxes = countBoxes(description);
    const seed = 'seed' in start ? start.seed : 0;
    const host = engine.resident ? null : new HostParameters(description, seed);
    this.parameters = host ?? new DeviceParameters(description, seed, kernels);
    this.recorded = recorder && host ? new RecordedPasses(recorder, this.passes, host) : null;
    if ('weights' in start) this.parameters.write(start.weights);
  }

  async readWeights(): Promise<NamedTensor[]> {
    return this.parameters.read();
  }

  writeWeights(weights: readonly NamedTensor[]): void {
    this.parameters.write(weights);
  }

  dispose(): void {
    this.recorded?.dispose();
    this.parameters.dispose();
  }

  /** Evaluation mode: batch norms use their running statistics. Images [N, H, W, 3], preprocessed. */
  predict(images: Tensor4D): RawOutput {
    return this.passes.predict(images, this.parameters);
  }

  /** Training mode; moves the running statistics. Pass the result to `backward`, or `release` it. */
  forward(images: Tensor4D): ForwardPass {
    return this.recorded ? this.recorded.forward(images) : this.passes.forward(images, this.parameters);
  }

  release(pass: ForwardPass): void {
    releasePass(pass);
  }

  /**
   * Adds the gradient of every trainable parameter to `gradients` and releases the pass, also when it throws. Takes the gradients of the pass's
   * outputs, and takes them over.
   */
  backward(pass: ForwardPass, ofOutputs: RawOutput, gradients: Gradients): void {
    if (this.recorded && gradients instanceof HostGradients) this.recorded.backward(pass, ofOutputs, gradients);
    else this.passes.backward(pass, ofOutputs, this.parameters, gradients);
  }
}
