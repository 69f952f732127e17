/** Running a trained detector on pictures that were handed over as bytes. */
import type { DetectedImage } from '@core/contract/runs';
import { runComputeJob } from './compute-jobs';
import type { HandlersOf } from './handlers';
import type { ComputeLauncher } from './ports';
import { requireTrainedRun } from './runs';
import type { ProjectSession } from './session';

/** The screen's slider starts here; what scores less is noise. */
export const SCORE_THRESHOLD = 0.01;

export function createDetectionHandlers(session: ProjectSession, launcher: ComputeLauncher): HandlersOf<'detect.run'> {
  return {
    'detect.run': async ({ runId, images }, { progress, signal }) => {
      const store = session.require();
      requireTrainedRun(store, runId);
      const detected = new Map<number, DetectedImage>();
      progress('Starting the detector', 0, images.length);
      await runComputeJob(
        launcher,
        {
          kind: 'predict',
          detector: { runDirectory: store.runDirectory(runId) },
          // Two pictures may share a name, so that positions name them on the way.
          images: images.map(({ bytes }, position) => ({ name: String(position), bytes })),
          scoreThreshold: SCORE_THRESHOLD,
        },
        signal,
        (message) => {
          if (message.kind !== 'prediction') return;
          const position = Number(message.prediction.name);
          detected.set(position, { ...message.prediction, name: images[position].name });
          progress('Detecting', detected.size, images.length);
        },
      );
      return images.map(
        ({ name }, position) =>
          detected.get(position) ?? {
            name,
            width: 0,
            height: 0,
            detections: [],
            milliseconds: 0,
            problem: 'The detector gave no answer for this picture.',
          },
      );
    },
  };
}
