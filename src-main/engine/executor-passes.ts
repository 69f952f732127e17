/**
 * Training's forward and backward pass through a network description. The backward pass walks the layers in reverse and asks
 * each for its own gradients; tfjs's tape is not used.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvolutionLayer, NetworkDescription } from '@core/network/description';
import { joinHeads, type RawOutput, splitHeads } from './executor-heads';
import { inputsOf, type Operation, type Plan, planOf } from '@core/network/plan';
import type { Parameters } from './executor-parameters';
import type { Gradients } from './gradients';
import {
  gateGradient,
  globalAverage,
  globalAverageGradient,
  l2Normalise,
  l2NormGradient,
  resize,
  resizeGradient,
} from './kernels-composed';
import type { Kernels } from './kernels';

/** A training forward pass: its outputs, and the feature maps that the backward pass needs. */
export interface ForwardPass extends RawOutput {
  readonly maps: Map<string, Tensor4D>;
  /** Of batch norms, by layer. */
  readonly saved: Map<string, readonly Tensor[]>;
  /** The weights it was computed with, where the pass holds them itself. */
  readonly numbers?: Tensor1D;
}

/** The weights that a pass reads, and the running statistics that it moves. */
export type PassParameters = Pick<Parameters, 'tensor' | 'moveTowards'>;

/** What a pass leaves gradients with. */
export type PassGradients = Pick<Gradients, 'add'>;

export class Passes {
  private readonly plan: Plan;
  /** Maps below which nothing learns: no gradient is computed for them. */
  private readonly still: ReadonlySet<string>;
  /** Those of them that no learning layer reads: training frees them on the way. */
  private readonly passing: ReadonlySet<string>;

  /** @param frozen layers that do not learn, and all that they read */
  constructor(
    private readonly kernels: Kernels,
    private readonly description: NetworkDescription,
    private readonly frozen: ReadonlySet<string>,
  ) {
    this.plan = planOf(description);
    const learning = this.plan.operations.filter(({ layer }) => !frozen.has(layer.name));
    const read = new Set(learning.flatMap(({ layer }) => inputsOf(layer)));
    const still = this.plan.operations.filter(({ layer }) => frozen.has(layer.name)).map(({ output }) => output);
    this.still = new Set(['input', ...still]);
    this.passing = new Set(still.filter((name) => !read.has(name)));
  }

  /** Evaluation mode: batch norms use their running statistics. Images [N, H, W, 3], preprocessed. */
  predict(images: Tensor4D, parameters: PassParameters): RawOutput {
    return tf.tidy(() => {
      const maps = new Map<string, Tensor4D>([['input', images]]);
      this.plan.operations.forEach((operation, i) => {
        maps.set(operation.output, this.forwardOperation(operation, maps, null, parameters));
        for (const name of this.plan.lastReads[i]) if (name !== 'input') maps.get(name)?.dispose();
      });
      return joinHeads(this.description, maps);
    });
  }

  /** Training mode; moves the running statistics. Pass the result to `backward`, or `releasePass` it. */
  forward(images: Tensor4D, parameters: PassParameters): ForwardPass {
    const saved = new Map<string, readonly Tensor[]>();
    const maps = new Map<string, Tensor4D>([['input', images]]);
    try {
      const outputs = tf.tidy(() => {
        this.plan.operations.forEach((operation, i) => {
          const frozen = this.frozen.has(operation.layer.name);
          maps.set(
            operation.output,
            tf.keep(this.forwardOperation(operation, maps, frozen ? null : saved, parameters)),
          );
          for (const name of this.plan.lastReads[i]) {
            if (!this.passing.has(name)) continue;
            maps.get(name)?.dispose();
            maps.delete(name);
          }
        });
        return joinHeads(this.description, maps);
      });
      return { ...outputs, maps, saved };
    } catch (error) {
      releaseMaps(maps, saved);
      throw error;
    }
  }

  /**
   * Adds the gradient of every trainable parameter to `gradients` and releases the pass, also when it throws. Takes the gradients of the pass's
   * outputs, and takes them over.
   */
  backward(pass: ForwardPass, ofOutputs: RawOutput, parameters: PassParameters, gradients: PassGradients): void {
    const flowing = splitHeads(this.description, pass.maps, ofOutputs);
    tf.dispose([ofOutputs.localisation, ofOutputs.confidence]);
    const give = (name: string, gradient: Tensor4D) => {
      if (this.still.has(name)) return gradient.dispose();
      const known = flowing.get(name);
      flowing.set(name, known ? tf.add(known, gradient) : gradient);
      if (known) tf.dispose([known, gradient]);
    };
    const write = (name: string, gradient: Tensor) => gradients.add(name, gradient);
    try {
      for (const operation of [...this.plan.operations].reverse()) {
        const dy = flowing.get(operation.output);
        if (dy) this.backwardOperation(operation, dy, pass, parameters, give, write);
        flowing.delete(operation.output);
        const map = pass.maps.get(operation.output);
        map?.dispose();
        pass.maps.delete(operation.output);
      }
    } finally {
      flowing.forEach((gradient) => gradient.dispose());
      releasePass(pass);
    }
  }

  private forwardOperation(
    { layer, relu }: Operation,
    maps: ReadonlyMap<string, Tensor4D>,
    saved: Map<string, readonly Tensor[]> | null,
    parameters: PassParameters,
  ): Tensor4D {
    const map = (name: string) => maps.get(name)!;
    const rectified = (y: Tensor4D) => {
      if (!relu) return y;
      const positive = this.kernels.activation(y, 'relu');
      y.dispose();
      return positive;
    };
    switch (layer.op) {
      case 'convolution': {
        const run = layer.depthwise ? this.kernels.depthwise : this.kernels.convolution;
        const bias = layer.bias ? parameters.tensor<Tensor1D>(`${layer.name}.bias`) : null;
        const kernel = parameters.tensor<Tensor4D>(`${layer.name}.weight`);
        return rectified(run.call(this.kernels, map(layer.input), kernel, bias, layer));
      }
      case 'batchNorm': {
        const weight = parameters.tensor<Tensor1D>(`${layer.name}.weight`);
        const bias = parameters.tensor<Tensor1D>(`${layer.name}.bias`);
        const x = map(layer.input);
        if (saved) {
          const batch = this.kernels.batchNormTraining(x, weight, bias, layer.epsilon, relu);
          parameters.moveTowards(`${layer.name}.running_mean`, layer.momentum, batch.mean);
          parameters.moveTowards(`${layer.name}.running_var`, layer.momentum, batch.variance);
          saved.set(
            layer.name,
            batch.saved.map((tensor) => tf.keep(tensor)),
          );
          return batch.output;
        }
        const mean = parameters.tensor<Tensor1D>(`${layer.name}.running_mean`);
        const variance = parameters.tensor<Tensor1D>(`${layer.name}.running_var`);
        return this.kernels.batchNormPrediction(x, weight, bias, mean, variance, layer.epsilon, relu);
      }
      case 'activation':
        return this.kernels.activation(map(layer.input), layer.kind);
      case 'maxPool':
        return this.kernels.maxPool(map(layer.input), layer);
      case 'l2Norm':
        return l2Normalise(map(layer.input), parameters.tensor<Tensor1D>(`${layer.name}.weight`));
      case 'scaledAdd': {
        const [scaled, shortcut] = layer.inputs.map(map);
        return rectified(tf.add(layer.scale === 1 ? scaled : tf.mul(scaled, layer.scale), shortcut));
      }
      case 'concat':
        return tf.concat(layer.inputs.map(map), 3);
      case 'resize':
        return resize(map(layer.input), map(layer.like));
      case 'globalAveragePool':
        return globalAverage(map(layer.input));
      case 'multiply':
        return tf.mul(map(layer.inputs[0]), map(layer.inputs[1]));
    }
  }

  private backwardOperation(
    { layer, relu, output }: Operation,
    gradient: Tensor4D,
    pass: ForwardPass,
    parameters: PassParameters,
    give: (name: string, gradient: Tensor4D) => void,
    write: (name: string, gradient: Tensor) => void,
  ): void {
    const map = (name: string) => pass.maps.get(name)!;
    const dy = relu ? this.kernels.activationGradient(gradient, map(output), 'relu') : gradient;
    if (relu) gradient.dispose();
    switch (layer.op) {
      case 'convolution':
        this.backwardConvolution(layer, dy, map(layer.input), parameters, give, write);
        break;
      case 'batchNorm': {
        const weight = parameters.tensor<Tensor1D>(`${layer.name}.weight`);
        const saved = pass.saved.get(layer.name)!;
        const of = this.kernels.batchNormGradient(dy, map(layer.input), weight, layer.epsilon, saved);
        give(layer.input, of.input);
        write(`${layer.name}.weight`, of.weight);
        write(`${layer.name}.bias`, of.bias);
        break;
      }
      case 'activation': {
        // Rectifiers are joined to a layer whose output may be gone; their own output has the same sign.
        const rectifier = layer.kind === 'relu' || layer.kind === 'relu6';
        give(layer.input, this.kernels.activationGradient(dy, map(rectifier ? output : layer.input), layer.kind));
        break;
      }
      case 'maxPool':
        if (this.still.has(layer.input)) break;
        give(layer.input, this.kernels.maxPoolGradient(dy, map(layer.input), map(output), layer));
        break;
      case 'l2Norm': {
        const scale = parameters.tensor<Tensor1D>(`${layer.name}.weight`);
        const [input, weight] = l2NormGradient(dy, map(layer.input), scale);
        give(layer.input, input);
        write(`${layer.name}.weight`, weight);
        break;
      }
      case 'scaledAdd':
        give(layer.inputs[0], layer.scale === 1 ? tf.clone(dy) : tf.mul(dy, layer.scale));
        give(layer.inputs[1], tf.clone(dy));
        break;
      case 'concat': {
        const sizes = layer.inputs.map((name) => map(name).shape[3]);
        tf.split(dy, sizes, 3).forEach((part, i) => give(layer.inputs[i], part as Tensor4D));
        break;
      }
      case 'resize':
        give(layer.input, resizeGradient(dy, map(layer.input)));
        break;
      case 'globalAveragePool':
        give(layer.input, globalAverageGradient(dy, map(layer.input)));
        break;
      case 'multiply': {
        const ofInputs = gateGradient(dy, map(layer.inputs[0]), map(layer.inputs[1]));
        ofInputs.forEach((part, i) => give(layer.inputs[i], part));
        break;
      }
    }
    dy.dispose();
  }

  private backwardConvolution(
    layer: ConvolutionLayer,
    dy: Tensor4D,
    x: Tensor4D,
    parameters: PassParameters,
    give: (name: string, gradient: Tensor4D) => void,
    write: (name: string, gradient: Tensor) => void,
  ): void {
    const { kernels } = this;
    const kernel = parameters.tensor<Tensor4D>(`${layer.name}.weight`);
    const ofInput = layer.depthwise ? kernels.depthwiseInputGradient : kernels.convolutionInputGradient;
    const ofKernel = layer.depthwise ? kernels.depthwiseKernelGradient : kernels.convolutionKernelGradient;
    if (!this.still.has(layer.input)) give(layer.input, ofInput.call(kernels, dy, kernel, x.shape, layer));
    write(`${layer.name}.weight`, ofKernel.call(kernels, x, dy, kernel.shape, layer));
    if (layer.bias) write(`${layer.name}.bias`, kernels.biasGradient(dy));
  }
}

export function releasePass(pass: ForwardPass): void {
  tf.dispose([pass.localisation, pass.confidence]);
  pass.numbers?.dispose();
  releaseMaps(pass.maps, pass.saved);
}

function releaseMaps(maps: Map<string, Tensor4D>, saved: Map<string, readonly Tensor[]>): void {
  saved.forEach((tensors) => tf.dispose([...tensors]));
  maps.forEach((map, name) => name !== 'input' && map.dispose());
  maps.clear();
  saved.clear();
}
