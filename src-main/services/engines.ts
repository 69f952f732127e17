/** What this machine can compute on, how fast, and the CUDA libraries that bring the NVIDIA GPU. */
import { StudioFailure } from '@core/contract/failure';
import type { EngineStatus } from '@core/contract/runs';
import { runComputeJob } from './compute-jobs';
import type { HandlersOf } from './handlers';
import type { ComputeLauncher, CudaLibraries } from './ports';

type EngineChannels =
  | 'engines.list'
  | 'engines.check'
  | 'engines.measure'
  | 'engines.cuda'
  | 'engines.planCuda'
  | 'engines.installCuda'
  | 'engines.removeCuda';

export function createEngineHandlers(launcher: ComputeLauncher, cuda: CudaLibraries): HandlersOf<EngineChannels> {
  let asked: Promise<readonly EngineStatus[]> | null = null;
  const ask = async (): Promise<readonly EngineStatus[]> => {
    const result = await runComputeJob(launcher, { kind: 'engines' }, new AbortController().signal);
    return result.engines;
  };
  const list = (): Promise<readonly EngineStatus[]> => {
    asked ??= ask().catch((error: unknown) => {
      asked = null;
      throw error;
    });
    return asked;
  };
  /** What was found out before is true no more. */
  const forget = (): void => void (asked = null);
  return {
    'engines.list': list,
    'engines.check': () => {
      forget();
      return list();
    },
    'engines.measure': async ({ engine }, { progress, signal }) => {
      const result = await runComputeJob(launcher, { kind: 'measure', engine }, signal, (message) => {
        if (message.kind === 'progress') progress(message.label, message.done, message.total);
      });
      return result.speed;
    },
    'engines.cuda': () => cuda.state(),
    'engines.planCuda': (_, { progress, signal }) => cuda.plan(signal, progress),
    'engines.installCuda': async (_, { progress, signal }) => {
      const verify = async (folder: string): Promise<void> => {
        progress('Loading TensorFlow', 0, 0);
        await runComputeJob(launcher, { kind: 'load-cuda', folder }, signal).catch((error: unknown) => {
          throw doesNotLoad(error);
        });
      };
      return cuda.install(signal, progress, verify).finally(forget);
    },
    'engines.removeCuda': () => cuda.remove().finally(forget),
  };
}

/** The libraries are as the index has them, so this system is what does not fit. */
function doesNotLoad(error: unknown): unknown {
  if (!(error instanceof StudioFailure) || error.code === 'cancelled') return error;
  return new StudioFailure(
    'engine-missing',
    `They were fetched but not installed: ${error.message}`,
    'This system may be too old for this TensorFlow (it needs glibc 2.27 and a processor with AVX). Use another engine.',
    { cause: error },
  );
}
