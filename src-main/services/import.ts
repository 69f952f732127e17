/** Importing labelled pictures into the open project. */
import type { HandlersOf } from './handlers';
import { importVoc } from './import-voc';
import type { Emit } from './operations';
import type { Files, ImageReader } from './ports';
import type { ProjectSession } from './session';

export interface ImportDependencies {
  readonly session: ProjectSession;
  readonly files: Files;
  readonly reader: ImageReader;
  readonly emit: Emit;
  /** Called after pictures came in. */
  readonly prepareThumbnails: () => void;
}

export function createImportHandlers(dependencies: ImportDependencies): HandlersOf<'import.start'> {
  const { session, files, reader, emit, prepareThumbnails } = dependencies;
  return {
    'import.start': async (request, context) => {
      const store = session.require();
      const report = await importVoc(store, request, { files, reader }, context);
      // Someone may have opened another project meanwhile.
      if (report.imagesAdded > 0 && session.store === store) {
        emit('dataset.changed', {});
        if (report.classesAdded.length > 0) emit('project.changed', store.info());
        prepareThumbnails();
      }
      return report;
    },
  };
}
