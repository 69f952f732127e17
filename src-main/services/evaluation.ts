/** Average precision of a run on a split of the project as it is labelled now. */
import { StudioFailure } from '@core/contract/failure';
import { evaluateCocoReport } from '@core/evaluation/coco-report';
import type { EvaluationImage, GroundTruth } from '@core/evaluation/pictures';
import type { Detection, EvaluationReport } from '@core/evaluation/report';
import { evaluateVoc } from '@core/evaluation/voc';
import { DEVKIT, VOC_IOU, type VocConvention } from '@core/evaluation/voc-convention';
import { runComputeJob } from './compute-jobs';
import type { HandlersOf } from './handlers';
import type { Emit } from './operations';
import type { ComputeLauncher, Prediction, StoredImage } from './ports';
import { detectorClasses } from './run-classes';
import { requireRun, requireTrainedRun } from './runs';
import type { ProjectSession } from './session';

/** SSD's evaluation keeps everything above this score (SPEC.md 8); a higher one cuts the curve's tail off. */
const SCORE_THRESHOLD = 0.01;

export function createEvaluationHandlers(
  session: ProjectSession,
  launcher: ComputeLauncher,
  emit: Emit,
): HandlersOf<'evaluation.run' | 'evaluation.last'> {
  return {
    'evaluation.run': async ({ runId, split, metric, iouThreshold, convention }, { progress, signal }) => {
      const store = session.require();
      const run = requireTrainedRun(store, runId);
      const { classNames } = run;
      const classIndices = detectorClasses(store, run);
      const images = store.imagesOfSplit(split).filter(({ problem }) => problem === null);
      if (images.length === 0) throw nothingToEvaluate(split);
      progress('Starting the detector', 0, images.length);
      const predictions = new Map<number, Prediction>();
      let startedAt = performance.now();
      const { step } = await runComputeJob(
        launcher,
        {
          kind: 'predict',
          detector: { runDirectory: store.runDirectory(runId) },
          images: images.map(({ id, path }) => ({ name: String(id), path })),
          scoreThreshold: SCORE_THRESHOLD,
        },
        signal,
        (message) => {
          if (message.kind === 'ready') startedAt = performance.now();
          if (message.kind !== 'prediction') return;
          predictions.set(Number(message.prediction.name), message.prediction);
          progress('Detecting', predictions.size, images.length);
        },
      );
      const unread = images.find(({ id }) => predictions.get(id)?.problem !== null);
      if (unread) throw unreadablePicture(unread, predictions.get(unread.id));
      const seconds = (performance.now() - startedAt) / 1000;
      const pictures = evaluationImages(images, classIndices, predictions);
      const report: EvaluationReport = {
        ...(metric === 'coco'
          ? evaluateCocoReport(classNames, pictures)
          : evaluateVoc({ classNames, images: pictures, metric, iouThreshold, convention })),
        split,
        step: step ?? 0,
        imagesPerSecond: images.length / seconds,
      };
      store.saveEvaluation(runId, report);
      // A run is known by one measure, the one that training reports too; other splits and metrics are in their reports.
      if (split === 'val' && isTrainingMeasure(report)) {
        emit('run.changed', store.updateRun(runId, { meanAveragePrecision: report.meanAveragePrecision }));
      }
      return report;
    },
    'evaluation.last': async ({ runId }) => {
      const store = session.require();
      requireRun(store, runId);
      return store.lastEvaluation(runId);
    },
  };
}

/** VOC's area under the curve by the devkit's rules, as `validate` of the engine computes it. */
function isTrainingMeasure({ metric, iouThreshold, convention }: EvaluationReport): boolean {
  const rules = Object.keys(DEVKIT) as (keyof VocConvention)[];
  return metric === 'voc' && iouThreshold === VOC_IOU && rules.every((rule) => convention?.[rule] === DEVKIT[rule]);
}

/** Objects of classes that the detector does not know are left out. */
function evaluationImages(
  images: readonly StoredImage[],
  classIndices: ReadonlyMap<number, number>,
  predictions: ReadonlyMap<number, { readonly detections: readonly Detection[] }>,
): EvaluationImage[] {
  return images.map(({ id, objects }) => ({
    imageId: id,
    detections: predictions.get(id)?.detections ?? [],
    groundTruths: objects.flatMap(({ classId, box, difficult, crowd }): GroundTruth[] => {
      const classIndex = classIndices.get(classId);
      return classIndex === undefined ? [] : [{ classIndex, box, difficult, crowd }];
    }),
  }));
}

function nothingToEvaluate(split: string): StudioFailure {
  return new StudioFailure(
    'bad-request',
    `There is no picture in the ${split} split.`,
    'Choose another split, or move labelled pictures to this one on the Pictures screen.',
  );
}

function unreadablePicture({ fileName }: StoredImage, prediction: Prediction | undefined): StudioFailure {
  return new StudioFailure(
    'unreadable',
    `${fileName} could not be evaluated: ${prediction?.problem ?? 'the detector gave no answer'}.`,
    'Put the picture back in its place, or remove it from the split.',
  );
}
