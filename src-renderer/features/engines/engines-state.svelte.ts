import type { CudaPlan, CudaState, EngineSpeed } from '@core/contract/engines';
import type { EngineId } from '@core/experiment/run';
import { SvelteMap } from 'svelte/reactivity';
import { engines } from '../../app/state/engines.svelte';
import { attempt, notices } from '../../app/state/notices.svelte';
import { operations } from '../../app/state/operations.svelte';
import { call } from '../../app/studio';

type Work = 'checking' | 'measuring' | 'planning' | 'installing' | 'removing';

export const INSTALL_TITLE = 'Install the CUDA libraries';

/** What the engines page knows and does; it goes on while another screen is shown. */
class EnginesState {
  readonly speeds = new SvelteMap<EngineId, EngineSpeed>();
  cuda = $state.raw<CudaState | null>(null);
  /** Shown for confirmation. */
  plan = $state.raw<CudaPlan | null>(null);
  work = $state<Work | null>(null);

  async look() {
    await attempt('Look at the engines', async () => {
      this.cuda = await call('engines.cuda');
      if (!engines.list) await engines.load();
    });
  }

  check = () => this.#do('checking', 'Check the engines', () => engines.check());

  measure(ids: readonly EngineId[]) {
    return this.#do('measuring', 'Measure the engines', () =>
      operations.run('Measure', async (operationId) => {
        for (const engine of ids) this.speeds.set(engine, await call('engines.measure', { engine, operationId }));
      }),
    );
  }

  /** Asks how large it is; the installation waits for the answer of the person. */
  ask = () =>
    this.#do('planning', INSTALL_TITLE, async () => {
      this.plan = await operations.run('CUDA libraries', (operationId) => call('engines.planCuda', { operationId }));
    });

  install() {
    this.plan = null;
    return this.#do('installing', INSTALL_TITLE, async () => {
      try {
        this.cuda = await operations.run('CUDA libraries', (operationId) =>
          call('engines.installCuda', { operationId }),
        );
        notices.done('The CUDA libraries are installed');
      } finally {
        this.cuda = await call('engines.cuda');
      }
      await engines.load();
    });
  }

  remove = () =>
    this.#do('removing', 'Remove the CUDA libraries', async () => {
      this.cuda = await call('engines.removeCuda');
      await engines.load();
    });

  async #do(work: Work, title: string, act: () => Promise<void>) {
    if (this.work !== null) return;
    this.work = work;
    await attempt(title, act);
    this.work = null;
  }
}

export const enginesPage = new EnginesState();
