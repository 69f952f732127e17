import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunConfiguration } from '@core/experiment/run';
import type { RunSummary } from '@core/experiment/run';
import { watchRunsElsewhere } from '../../../src-main/services/runs-elsewhere';
import { runFiles } from '../../../src-main/store/run-files';
import { createProject } from '../../../src-main/store/project-store';

it('a run whose process elsewhere ends without a word becomes interrupted; one that said its end stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  const store = createProject(join(folder, 'p'), 'Cells', ['cell']);
  try {
    const newRun = (): RunSummary => {
      const configuration = { steps: 9 } as RunConfiguration;
      const { id } = store.createRun({ name: 'Run', configuration, classNames: ['cell'], datasetHash: 'x' });
      return store.updateRun(id, { state: 'running' });
    };
    const [silent, polite] = [newRun(), newRun()];
    let polls = 0;
    const files = {
      ...runFiles,
      isTrainerAlive: () => {
        polls += 1;
        if (polls === 2) store.updateRun(polite.id, { state: 'finished' });
        return polls < 3;
      },
    };
    const changed: string[] = [];
    await watchRunsElsewhere(
      store,
      [silent.id, polite.id],
      files,
      (_, payload) => changed.push((payload as RunSummary).state),
      new AbortController().signal,
    );
    expect(store.run(silent.id)!.state).toBe('interrupted');
    expect(store.run(polite.id)!.state).toBe('finished');
    expect(changed.sort()).toEqual(['finished', 'interrupted']);
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
