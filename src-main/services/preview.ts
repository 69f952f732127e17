/** What a training sees, before it sees it. */
import { StudioFailure } from '@core/contract/failure';
import type { TrainingPreview } from '@core/contract/preview';
import type { HandlersOf } from './handlers';
import type { BatchPreview } from './ports';
import { requireRun } from './runs';
import type { ProjectSession } from './session';
import { buildSnapshot } from './snapshot';

export function createPreviewHandlers(session: ProjectSession, preview: BatchPreview): HandlersOf<'training.preview'> {
  return {
    'training.preview': async (request): Promise<TrainingPreview> => {
      const store = session.require();
      const { step, count } = request;
      if ('runId' in request) {
        requireRun(store, request.runId);
        return ask({ runDirectory: store.runDirectory(request.runId) });
      }
      const snapshot = buildSnapshot(store, request.configuration);
      if (snapshot.train.length === 0) {
        throw new StudioFailure(
          'bad-request',
          'There is nothing to look at: no picture is in the train split.',
          'Put the pictures to learn from into the train split on the Pictures screen.',
        );
      }
      return ask(snapshot);

      async function ask(of: Parameters<BatchPreview['show']>[0]['of']): Promise<TrainingPreview> {
        const { configuration, ...answer } = await preview.show({ of, step, count });
        return { ...answer, step, batchSize: configuration.batchSize };
      }
    },
  };
}
