/** The labelling edits: in the database before they are answered. */
import type { HandlersOf } from './handlers';
import type { ProjectSession } from './session';

export function createAnnotateHandlers(session: ProjectSession): HandlersOf<'annotate.apply'> {
  return {
    'annotate.apply': async ({ imageId, changes }) => ({ objects: session.require().applyChanges(imageId, changes) }),
  };
}
