/** Suspected missing labels of a run, held against what is labelled now. */
import type { Suspect } from '@core/contract/suspects';
import { classOf, isAboutLabel, rankSuspects, scoreOf, type SuspectRecord } from '@core/experiment/suspects';
import type { RunSummary } from '@core/experiment/run';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { iou } from '@core/geometry/overlap';
import type { HandlersOf } from './handlers';
import type { ProjectStore, RunFiles, StoredImage } from './ports';
import { requireRun } from './runs';
import { detectorClasses } from './run-classes';
import type { ProjectSession } from './session';

/** Nobody looks at more in one sitting. */
const MOST_LISTED = 500;
/** A place that overlaps one said to be no object so much is that place. */
const SAME_PLACE_IOU = 0.5;

export function createSuspectHandlers(
  session: ProjectSession,
  files: Pick<RunFiles, 'readSuspects'>,
): HandlersOf<'runs.suspects' | 'suspects.setNoObject'> {
  return {
    'runs.suspects': async ({ runId }) => {
      const store = session.require();
      const run = requireRun(store, runId);
      const read = await files.readSuspects(store.runDirectory(runId));
      if (read === null) return { step: null, suspects: [], labelled: 0 };
      const { suspects, labelled } = compare(store, run, rankSuspects(read.suspects));
      return { step: read.step, suspects, labelled };
    },
    'suspects.setNoObject': async ({ imageId, box, noObject }) => {
      session.require().setNoObject(imageId, box, noObject);
    },
  };
}

/** In the order given. Pictures that have left the project, and places that are labelled now, are left out. */
function compare(store: ProjectStore, run: RunSummary, ranked: readonly SuspectRecord[]) {
  const classIds = new Map([...detectorClasses(store, run)].map(([classId, index]) => [index, classId]));
  const noObjects = store.noObjects();
  const images = new Map<number, StoredImage | null>();
  const suspects: Suspect[] = [];
  let labelled = 0;
  for (const record of ranked) {
    const { id, imageId, box, seen, looks } = record;
    if (!images.has(imageId)) images.set(imageId, store.image(imageId));
    const image = images.get(imageId);
    if (!image) continue;
    const labels = image.objects.map((object) => object.box);
    if (isAboutLabel(box, labels)) {
      labelled++;
      continue;
    }
    if (suspects.length >= MOST_LISTED) continue;
    const index = classOf(record);
    suspects.push({
      id,
      imageId,
      fileName: image.fileName,
      width: image.width,
      height: image.height,
      box: wholePixels(box),
      className: run.classNames[index] ?? `class ${index + 1}`,
      classId: classIds.get(index) ?? null,
      score: scoreOf(record),
      seen,
      looks,
      noObject: (noObjects.get(imageId) ?? []).some((place) => iou(place, box) >= SAME_PLACE_IOU),
    });
  }
  return { suspects, labelled };
}

/** As boxes are drawn; never without width or height. */
function wholePixels({ x1, y1, x2, y2 }: CornerBox<ImagePx>): CornerBox<ImagePx> {
  const [left, top] = [Math.round(x1), Math.round(y1)];
  return { x1: left, y1: top, x2: Math.max(left + 1, Math.round(x2)), y2: Math.max(top + 1, Math.round(y2)) };
}
