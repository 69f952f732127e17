import { EXPORT_FORMAT_NAMES, type ExportFormat, type ExportReport } from '@core/contract/exports';
import type { RunSummary } from '@core/experiment/run';
import type { WrittenLayout } from '@core/weights/export-names';
import { SvelteMap } from 'svelte/reactivity';
import { attempt } from '../../app/state/notices.svelte';
import { operations } from '../../app/state/operations.svelte';
import { call } from '../../app/studio';
import { suggestedFileName } from './contents';

/** The format chosen last, and the exports of this session by run, format and names: leaving the screen loses none. */
class ExportState {
  readonly reports = new SvelteMap<string, ExportReport>();
  format = $state<ExportFormat>('onnx');
  /** Whose parameter names a PyTorch file shall get; null: those natural to the network. */
  names = $state<WrittenLayout | null>(null);
  running = $state(false);

  /** Asks where to, writes the file and checks it. `names`: whose parameter names a PyTorch file gets. */
  async run(project: { readonly directory: string; readonly name: string }, run: RunSummary, names?: WrittenLayout) {
    if (this.running) return;
    this.running = true;
    const { format } = this;
    const title = exportTitle(format);
    await attempt(title, async () => {
      const defaultName = suggestedFileName(project.name, run.name, format);
      const path = await call('dialogs.saveFile', { title, defaultName });
      if (path === null) return;
      const key = keyOf(project.directory, run.id, format, names);
      this.reports.delete(key);
      const report = await operations.run(title, (operationId) =>
        call('export.run', { runId: run.id, format, names, path, operationId }),
      );
      this.reports.set(key, report);
    });
    this.running = false;
  }

  of(directory: string, runId: number, format: ExportFormat, names?: WrittenLayout): ExportReport | null {
    return this.reports.get(keyOf(directory, runId, format, names)) ?? null;
  }
}

export const exportTitle = (format: ExportFormat): string => `Export to ${EXPORT_FORMAT_NAMES[format]}`;

const keyOf = (directory: string, runId: number, format: ExportFormat, names: WrittenLayout | undefined) =>
  `${format} ${names ?? ''} ${runId} ${directory}`;

export const exports = new ExportState();
