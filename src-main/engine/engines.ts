/**
 * Choosing what computes. An engine makes a tfjs backend ready and supplies its kernels; `auto` takes the first of cuda,
 * webgpu, tensorflow, wasm that passes its self-test. A missing native part makes its engine not ready and nothing else fails.
 * One engine is open at a time in a process, because tfjs has one current backend.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { EngineStatus } from '@core/contract/runs';
import type { EngineChoice, EngineId, MathMode } from '@core/experiment/run';
import type { WebGpuReport } from '../services/ports';
import { EngineError, OpensElsewhere } from './engines-error';
import { isTensorflowInstalled, openCuda, openTensorflow } from './engines-tensorflow';
import { openWasm } from './engines-wasm';
import { openWebGpu } from './engines-webgpu';
import type { Kernels } from './kernels';
import type { Recorder } from './recording';
import { bfloat16Speedup } from './kernels-tensorflow-bfloat16';
import { selfTest } from './engines-self-test';

export interface Engine {
  readonly id: EngineId;
  readonly name: string;
  /** What it runs on: "2 threads, oneDNN". */
  readonly detail: string;
  readonly kernels: Kernels;
  /** Those whose convolutions multiply bfloat16 numbers, where it has them. */
  readonly bfloat16?: Kernels;
  /** Where whole passes can be run as one. */
  readonly recorder?: Recorder;
  /** Whether weights, gradients and optimiser stay on its device: it is a GPU, and reading from it costs. */
  readonly resident: boolean;
  /** WebGPU's; `software`: a program on the processor stands in for a GPU. */
  readonly adapter?: { readonly name: string; readonly software: boolean };
  /** Does the work and throws OutOfMemory where its device could not hold it, which some devices do not tell otherwise. */
  attempt?<T>(work: () => Promise<T>): Promise<T>;
}

const NAMES: Readonly<Record<EngineId, string>> = {
  cuda: 'TensorFlow on the NVIDIA GPU',
  webgpu: 'WebGPU',
  tensorflow: 'TensorFlow on the processor',
  wasm: 'WebAssembly',
};

/** Best first: the order in which `auto` tries. */
const ORDER: readonly EngineId[] = ['cuda', 'webgpu', 'tensorflow', 'wasm'];

type Opened = Omit<Engine, 'id' | 'name' | 'resident'>;

const OPENERS: Readonly<Record<EngineId, (named: boolean, elsewhere: WebGpuReport | null) => Promise<Opened>>> = {
  cuda: openCuda,
  webgpu: openWebGpu,
  tensorflow: openTensorflow,
  wasm: openWasm,
};

const RESIDENT: readonly EngineId[] = ['cuda', 'webgpu'];

/** The tfjs backend of each. */
const BACKENDS: Readonly<Record<EngineId, string>> = {
  cuda: 'tensorflow',
  webgpu: 'webgpu',
  tensorflow: 'tensorflow',
  wasm: 'wasm',
};

const opened = new Map<EngineId, Engine>();

/**
 * Opens an engine and makes it the current tfjs backend.
 * @param elsewhere what WebGPU is in the process that could take over, where this one cannot have it
 * @throws EngineError when it cannot run or fails its self-test
 * @throws OpensElsewhere when it is WebGPU, and ready elsewhere
 */
export async function openEngine(choice: EngineChoice, elsewhere: WebGpuReport | null = null): Promise<Engine> {
  if (choice !== 'auto') return open(choice, true, elsewhere);
  const reasons: string[] = [];
  for (const id of ORDER) {
    try {
      return await open(id, false, elsewhere);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      reasons.push(error.message);
    }
  }
  throw new EngineError(`no compute engine runs on this machine: ${reasons.join('; ')}`, 'npm run setup');
}

/** @param named asked for, and not one of several that may do */
async function open(id: EngineId, named = false, elsewhere: WebGpuReport | null = null): Promise<Engine> {
  const known = opened.get(id);
  if (known) {
    await tf.setBackend(BACKENDS[id]);
    return known;
  }
  tf.env().set('PROD', true);
  try {
    const engine = { id, name: NAMES[id], resident: RESIDENT.includes(id), ...(await OPENERS[id](named, elsewhere)) };
    await selfTest(engine.kernels);
    opened.set(id, engine);
    return engine;
  } catch (error) {
    if (error instanceof EngineError || error instanceof OpensElsewhere) throw error;
    throw new EngineError(`${NAMES[id]} does not work here: ${(error as Error).message}`, null);
  }
}

/**
 * The engine as a run wants it to multiply. Where rounding is asked for and gains nothing on this machine, the engine stays as
 * it is and `warning` says so.
 */
export function inMathMode(engine: Engine, mode: MathMode): { engine: Engine; warning: string | null } {
  if (mode === 'float32') return { engine, warning: null };
  const { bfloat16, kernels, detail } = engine;
  const gain = bfloat16 ? bfloat16Speedup(bfloat16, kernels) : 0;
  if (bfloat16 && gain > 1) {
    return { engine: { ...engine, kernels: bfloat16, detail: `${detail}, bfloat16` }, warning: null };
  }
  const why = bfloat16 ? 'this processor does not multiply bfloat16 numbers faster' : `${engine.name} has no bfloat16`;
  return { engine, warning: `Trains in float32: ${why}` };
}

/**
 * What each engine is or lacks on this machine, best first. Leaves the chosen engine open. Where CUDA runs, TensorFlow on the
 * processor cannot be opened beside it and is listed as it would be without the GPU.
 * @param elsewhere as for `openEngine`
 */
export async function listEngines(elsewhere: WebGpuReport | null = null): Promise<EngineStatus[]> {
  const statuses: EngineStatus[] = [];
  for (const id of ORDER) {
    const chosen = !statuses.some(({ ready }) => ready);
    const identity = { id, name: NAMES[id] };
    if (id === 'tensorflow' && opened.has('cuda')) {
      const ready = isTensorflowInstalled();
      const detail = ready ? 'Not tried, because the GPU is better' : 'Not installed';
      statuses.push({ ...identity, ready, detail, help: ready ? null : 'npm run setup', chosen: false });
      continue;
    }
    try {
      const { detail } = await openOrElsewhere(id, elsewhere);
      statuses.push({ ...identity, ready: true, detail, help: null, chosen });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      statuses.push({ ...identity, ready: false, detail: error.message, help: error.help, chosen: false });
    }
  }
  const chosen = statuses.find((status) => status.chosen);
  if (chosen) await openOrElsewhere(chosen.id, elsewhere);
  return statuses;
}

async function openOrElsewhere(id: EngineId, elsewhere: WebGpuReport | null): Promise<{ readonly detail: string }> {
  try {
    return await open(id, false, elsewhere);
  } catch (error) {
    if (error instanceof OpensElsewhere && elsewhere !== null) return elsewhere;
    throw error;
  }
}

/** WebGPU as it is in this process. */
export async function reportWebGpu(): Promise<WebGpuReport> {
  try {
    const { name, detail, adapter = { name, software: false } } = await open('webgpu', true);
    return { ready: true, detail, ...adapter };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { ready: false, detail: error.message, help: error.help };
  }
}
