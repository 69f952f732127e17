/**
 * Our own WGSL on tfjs's WebGPU backend. A program is run as a kernel of tfjs's registry, so that its result is an ordinary
 * tensor, and the backend caches its pipeline under `key`: everything the code depends on but the sizes belongs into it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

type Triple = [number, number, number];

/** What `runWebGPUProgram` of the backend takes. */
interface BackendProgram {
  readonly outputShape: number[];
  readonly dispatchLayout: { readonly x: number[]; readonly y?: number[]; readonly z?: number[] };
  dispatch: Triple;
  readonly workgroupSize: Triple;
  readonly variableNames: string[];
  readonly variableComponents: number[];
  readonly outputComponent: number;
  readonly uniforms: string;
  readonly size: boolean;
  shaderKey: string;
  getUserCode(): string;
}

type UniformValues = readonly { readonly type: 'int32' | 'float32'; readonly data: number[] }[];

interface WebGpuBackend {
  runWebGPUProgram(
    program: BackendProgram,
    inputs: readonly TensorInfo[],
    dtype: DataType,
    uniforms: UniformValues,
  ): TensorInfo;
}

export interface Input {
  readonly tensor: Tensor;
  /** Read as vec4<f32>: four numbers an element. The tensor's size must be a multiple of it. Default 1. */
  readonly components?: 1 | 4;
}

export interface ProgramInputs {
  readonly [name: string]: Tensor | Input;
}

/** Constants that the code reads as `uniforms.name`: f32, i32, or vec4<i32>. */
export interface Uniforms {
  readonly [name: string]: { readonly f32: number } | { readonly i32: number } | { readonly vec4: readonly number[] };
}

interface Program {
  readonly key: string;
  /** By the names under which the code reads them; all must be read. */
  readonly inputs: ProgramInputs;
  readonly output: readonly number[];
  readonly uniforms?: Uniforms;
}

const KERNEL = 'StudioWebGpuProgram';
let registered = false;

/** Call after the backend is registered; further calls do nothing. */
export function registerPrograms(): void {
  if (registered) return;
  registered = true;
  tf.registerKernel({
    kernelName: KERNEL,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { program, uniforms } = attrs as unknown as { program: BackendProgram; uniforms: UniformValues };
      const given = program.variableNames.map((name) => inputs[name] as TensorInfo);
      return (backend as unknown as WebGpuBackend).runWebGPUProgram(program, given, 'float32', uniforms);
    },
  });
}

/** Once per number of the output: `value` is an expression of `index`, the statements before it in `prepare`. */
export function runPerNumber<T extends Tensor>(
  program: Program & { readonly prepare?: string; readonly value: string },
): T {
  const size = program.output.reduce((product, length) => product * length, 1);
  return run<T>(
    program,
    [64, 1, 1],
    [Math.ceil(size / 64), 1, 1],
    { x: program.output.map((_, i) => i) },
    true,
    `fn main(index: i32) {
      if (index >= uniforms.size) { return; }
      ${program.prepare ?? ''}
      setOutputAtIndex(index, ${program.value});
    }`,
  );
}

/** Workgroups of 256 threads; `code` has `fn main()` and knows workgroupId and localIndex. The output has three axes. */
export function runInGroups<T extends Tensor>(
  program: Program & { readonly groups: Triple; readonly code: string },
): T {
  return run<T>(program, [256, 1, 1], program.groups, { x: [2], y: [1], z: [0] }, false, program.code);
}

const isInput = (given: Tensor | Input): given is Input => 'tensor' in given;

function run<T extends Tensor>(
  { key, inputs, output, uniforms = {} }: Program,
  workgroupSize: Triple,
  dispatch: Triple,
  dispatchLayout: BackendProgram['dispatchLayout'],
  size: boolean,
  code: string,
): T {
  const variableNames = Object.keys(inputs);
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, given]) => [name, isInput(given) ? given.tensor : given]),
  );
  const components = Object.values(inputs).map((given) => (isInput(given) ? (given.components ?? 1) : 1));
  const declared = Object.entries(uniforms).map(([name, value]) => ({ name, ...typeOf(value) }));
  const program: BackendProgram = {
    outputShape: [...output],
    dispatchLayout,
    dispatch,
    workgroupSize,
    variableNames,
    variableComponents: components,
    outputComponent: 1,
    uniforms: declared.map(({ name, wgsl }) => `${name} : ${wgsl}, `).join(''),
    size,
    shaderKey: `studio ${key} ${components.join('')}`,
    getUserCode: () => code,
  };
  const values = declared.map(({ type, data }) => ({ type, data }));
  return tf.engine().runKernel<T>(KERNEL, tensors, { program, uniforms: values } as unknown as tf.NamedAttrMap);
}

function typeOf(value: Uniforms[string]): { wgsl: string; type: 'int32' | 'float32'; data: number[] } {
  if ('f32' in value) return { wgsl: 'f32', type: 'float32', data: [value.f32] };
  if ('i32' in value) return { wgsl: 'i32', type: 'int32', data: [value.i32] };
  return { wgsl: 'vec4<i32>', type: 'int32', data: [...value.vec4] };
}
