import type { ExportReport } from '@core/contract/exports';
import type { RunSummary } from '@core/experiment/run';
import { SvelteMap } from 'svelte/reactivity';
import { attempt } from '../../app/state/notices.svelte';
import { operations } from '../../app/state/operations.svelte';
import { call } from '../../app/studio';
import { suggestedFileName } from './contents';

/** The exports of this session, by run: leaving the screen loses none. */
class ExportState {
  readonly reports = new SvelteMap<string, ExportReport>();
  running = $state(false);

  /** Asks where to, writes the file and checks it. */
  async run(project: { readonly directory: string; readonly name: string }, run: RunSummary) {
    if (this.running) return;
    this.running = true;
    await attempt('Export to ONNX', async () => {
      const path = await call('dialogs.saveFile', {
        title: 'Export to ONNX',
        defaultName: suggestedFileName(project.name, run.name),
      });
      if (path === null) return;
      const report = await operations.run('Export to ONNX', (operationId) =>
        call('export.run', { runId: run.id, format: 'onnx', path, operationId }),
      );
      this.reports.set(keyOf(project.directory, run.id), report);
    });
    this.running = false;
  }

  of(directory: string, runId: number): ExportReport | null {
    return this.reports.get(keyOf(directory, runId)) ?? null;
  }
}

const keyOf = (directory: string, runId: number) => `${runId} ${directory}`;

export const exports = new ExportState();
