/** What this machine can compute on: asked once in a session, because the self-tests take seconds. */
import type { EngineStatus } from '@core/contract/runs';
import { runComputeJob } from './compute-jobs';
import type { HandlersOf } from './handlers';
import type { ComputeLauncher } from './ports';

export function createEngineHandlers(launcher: ComputeLauncher): HandlersOf<'engines.list'> {
  let asked: Promise<readonly EngineStatus[]> | null = null;
  const ask = async (): Promise<readonly EngineStatus[]> => {
    const result = await runComputeJob(launcher, { kind: 'engines' }, new AbortController().signal);
    return result.engines;
  };
  return {
    'engines.list': () => {
      asked ??= ask().catch((error: unknown) => {
        asked = null;
        throw error;
      });
      return asked;
    },
  };
}
