/** The metrics of any detector's results, from files. */
import { evaluateCoco, type CocoResult } from '@core/evaluation/coco';
import type { VocMetric } from '@core/evaluation/report';
import { evaluationImages } from '@core/evaluation/picture-tables';
import { evaluateVoc, type VocResult } from '@core/evaluation/voc';
import type { VocConvention } from '@core/evaluation/voc-convention';
import { readFiles, type EvaluateFilesRequest } from './evaluation-readers';
import type { Files, ImageReader } from './ports';

export interface VocChoice {
  readonly metric: VocMetric;
  readonly iouThreshold: number;
  readonly convention: VocConvention;
}

export type CocoFilesReport = CocoResult & { readonly metric: 'coco'; readonly notes: readonly string[] };

export type VocFilesReport = Omit<VocResult, 'images' | 'classes'> & {
  readonly classes: readonly Omit<VocResult['classes'][number], 'curve'>[];
  /** What was left out or filled in, as sentences. */
  readonly notes: readonly string[];
};

/** Throws StudioFailure that names the file and the entry. */
export async function evaluateFilesAsCoco(
  request: EvaluateFilesRequest,
  files: Files,
  reader: ImageReader,
  signal: AbortSignal,
): Promise<CocoFilesReport> {
  const { truth, found } = await readFiles(request, files, reader, signal);
  return { metric: 'coco', ...evaluateCoco({ ...truth, ...found }), notes: [...truth.notes, ...found.notes] };
}

/** Throws StudioFailure that names the file and the entry. */
export async function evaluateFilesAsVoc(
  request: EvaluateFilesRequest,
  choice: VocChoice,
  files: Files,
  reader: ImageReader,
  signal: AbortSignal,
): Promise<VocFilesReport> {
  const { truth, found } = await readFiles(request, files, reader, signal);
  const images = evaluationImages({ ...truth, ...found });
  const result = evaluateVoc({ classNames: truth.classNames, images, ...choice });
  return {
    metric: result.metric,
    iouThreshold: result.iouThreshold,
    convention: choice.convention,
    meanAveragePrecision: result.meanAveragePrecision,
    classes: result.classes.map(({ className, averagePrecision, groundTruths, detections }) => ({
      className,
      averagePrecision,
      groundTruths,
      detections,
    })),
    imageCount: result.imageCount,
    notes: [...truth.notes, ...found.notes],
  };
}
