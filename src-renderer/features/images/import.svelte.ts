import type { ImportReport } from '@core/contract/images';
import { operations } from '../../app/state/operations.svelte';
import { project } from '../../app/state/project.svelte';
import { call } from '../../app/studio';

/** The import that runs and the report of the last one; kept while the person looks at other screens. */
class Import {
  running = $state(false);
  report = $state.raw<ImportReport | null>(null);

  async voc(from: string, copy: boolean) {
    this.running = true;
    try {
      this.report = await operations.run('Import pictures', (operationId) =>
        call('import.start', { format: 'voc', from, copy, operationId }),
      );
    } finally {
      this.running = false;
      const info = await call('projects.current');
      if (info) project.opened(info);
      await project.refresh();
    }
  }

  clear() {
    this.report = null;
  }
}

export const pictureImport = new Import();
