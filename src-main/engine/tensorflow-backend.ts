/** What the kernels use of tfjs-node's NodeJSKernelBackend, and operations whose tensors tfjs itself does not know. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ConvolutionGeometry, Padding } from './kernels';

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

/** A tensor of TensorFlow that no tfjs tensor stands for yet: `adopt` or `release` it. */
export interface RawTensor {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

export interface TensorflowBackend {
  readonly isUsingGpuDevice: boolean;
  /** Replaced while its calls are recorded. */
  binding: {
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_Version: string;
    executeOp(
      name: string,
      attributes: readonly Attribute[],
      inputs: readonly number[],
      outputs: number,
    ): readonly RawTensor[];
    createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
    tensorDataSync(id: number): ArrayBufferView;
    deleteTensor(id: number): void;
    /** Returns the number of a session with the graph of a SavedModel. */
    loadSavedModel(folder: string, tags: string): number;
    /** Names of inputs and outputs are NODE:OUTPUT, with commas between. */
    runSavedModel(session: number, inputs: readonly number[], inputNames: string, outputNames: string): RawTensor[];
    deleteSavedModel(session: number): void;
  };
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(tensor: RawTensor): Tensor;
}

/** An operation on tensors by their ids, whose results may have types that tfjs lacks. */
export function executeRaw(
  { binding }: TensorflowBackend,
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly number[],
  outputs: number,
): readonly RawTensor[] {
  return binding.executeOp(name, attributes, inputs, outputs);
}

export const idsOf = (backend: TensorflowBackend, tensors: readonly Tensor[]): number[] =>
  backend.getInputTensorIds(tensors);

/** The result as a tfjs tensor. Of a type that tfjs has. */
export const adopt = <R extends Tensor>(backend: TensorflowBackend, tensor: RawTensor): R =>
  backend.createOutputTensor(tensor) as R;

export const release = ({ binding }: TensorflowBackend, tensors: readonly RawTensor[]): void =>
  tensors.forEach(({ id }) => binding.deleteTensor(id));

/** oneDNN's own operations are registered under this value of the attribute `_kernel`. */
export const ONE_DNN = 'MklNameChangeOp';

/** Attributes of operations by their kinds. */
export function attributesOf(binding: TensorflowBackend['binding']) {
  const int = (name: string, value: number | readonly number[]): Attribute => ({
    name,
    type: binding.TF_ATTR_INT,
    value,
  });
  const text = (name: string, value: string): Attribute => ({ name, type: binding.TF_ATTR_STRING, value });
  return {
    int,
    text,
    flag: (name: string, value: boolean): Attribute => ({ name, type: binding.TF_ATTR_BOOL, value }),
    real: (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_FLOAT, value }),
    type: (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_TYPE, value }),
    /** Of a convolution and its gradients, but for the type. */
    convolution: (padding: Padding, { stride, dilation }: ConvolutionGeometry): Attribute[] => [
      int('strides', [1, stride, stride, 1]),
      int('dilations', [1, dilation, dilation, 1]),
      text('data_format', 'NHWC'),
      text('padding', padding.kind),
      ...(padding.kind === 'EXPLICIT'
        ? [int('explicit_paddings', [0, 0, ...padding.vertical, ...padding.horizontal, 0, 0])]
        : []),
    ],
  };
}
