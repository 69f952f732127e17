/** The metrics of any detector's results, from files: COCO JSON, or folders of text or VOC XML. */
import { StudioFailure } from '@core/contract/failure';
import { evaluateCoco, type CocoResult } from '@core/evaluation/coco';
import type { VocMetric } from '@core/evaluation/report';
import { evaluationImages } from '@core/evaluation/picture-tables';
import { evaluateVoc, type VocResult } from '@core/evaluation/voc';
import type { VocConvention } from '@core/evaluation/voc-convention';
import { readCocoDetections, readCocoGroundTruth } from '@core/formats/evaluation-coco';
import { stem, type DetectionsFile, type GroundTruthFile } from '@core/formats/evaluation-tables';
import {
  detectionsByClass,
  detectionsByPicture,
  devkitClass,
  groundTruthFromLines,
  groundTruthFromVoc,
  parseDetectionLines,
  parseDevkitLines,
  parseGroundTruthLines,
  type Named,
} from '@core/formats/evaluation-text';
import { FormatError } from '@core/formats/format-error';
import { parseVoc } from '@core/formats/voc';
import { mapParallel } from './parallel';
import type { Files, FoundFile } from './ports';
import { decodeText } from './text';

export interface EvaluateFilesRequest {
  /** A COCO instances file, or a folder of VOC XML or of text files, one per picture. */
  readonly truth: string;
  /** A COCO results file, or a folder of text files, one per picture or, as VOC's devkit has them, per class. */
  readonly detections: string;
}

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

const MAX_JSON_BYTES = 500_000_000;
const MAX_TEXT_BYTES = 16_000_000;
const FILES_AT_ONCE = 16;

/** Throws StudioFailure that names the file and the entry. */
export async function evaluateFilesAsCoco(
  request: EvaluateFilesRequest,
  files: Files,
  signal: AbortSignal,
): Promise<CocoFilesReport> {
  const { truth, found } = await readFiles(request, files, signal);
  return { metric: 'coco', ...evaluateCoco({ ...truth, ...found }), notes: [...truth.notes, ...found.notes] };
}

/** Throws StudioFailure that names the file and the entry. */
export async function evaluateFilesAsVoc(
  request: EvaluateFilesRequest,
  choice: VocChoice,
  files: Files,
  signal: AbortSignal,
): Promise<VocFilesReport> {
  const { truth, found } = await readFiles(request, files, signal);
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

async function readFiles(
  request: EvaluateFilesRequest,
  files: Files,
  signal: AbortSignal,
): Promise<{ readonly truth: GroundTruthFile; readonly found: DetectionsFile }> {
  const truthFiles = await filesOf(request.truth, files, signal);
  const detectionFiles = await filesOf(request.detections, files, signal);
  const truth =
    truthFiles === null
      ? await parse(request.truth, MAX_JSON_BYTES, files, readCocoGroundTruth)
      : await readTruthFolder(request.truth, truthFiles, detectionFiles ?? [], files);
  if (detectionFiles === null) {
    const read = (text: string): DetectionsFile => readCocoDetections(text, truth);
    return { truth, found: await parse(request.detections, MAX_JSON_BYTES, files, read) };
  }
  return { truth, found: await readDetectionsFolder(request.detections, detectionFiles, truth, files) };
}

async function readTruthFolder(
  folder: string,
  found: readonly FoundFile[],
  detectionFiles: readonly FoundFile[],
  files: Files,
): Promise<GroundTruthFile> {
  const annotations = withExtension(found, 'xml');
  if (annotations.length > 0) return groundTruthFromVoc(await parseAll(annotations, files, parseVoc));
  const texts = withExtension(found, 'txt');
  if (texts.length === 0) {
    throw new StudioFailure('not-found', `There are no .xml or .txt files in the folder ${folder}.`);
  }
  const others = withExtension(detectionFiles, 'txt').filter(({ relative }) => devkitClass(relative) === null);
  return groundTruthFromLines(
    await parseAll(texts, files, parseGroundTruthLines),
    others.map(({ relative }) => stem(relative)),
  );
}

async function readDetectionsFolder(
  folder: string,
  found: readonly FoundFile[],
  truth: GroundTruthFile,
  files: Files,
): Promise<DetectionsFile> {
  const texts = withExtension(found, 'txt');
  if (texts.length === 0) throw new StudioFailure('not-found', `There are no .txt files in the folder ${folder}.`);
  if (texts.every(({ relative }) => devkitClass(relative) !== null)) {
    const parsed = await parseAll(texts, files, parseDevkitLines);
    const byClass = parsed.map(({ content }, i) => ({ name: devkitClass(texts[i].relative) ?? '', content }));
    return detectionsByClass(byClass, truth);
  }
  return detectionsByPicture(await parseAll(texts, files, parseDetectionLines), truth);
}

/** The files that lie in the folder itself, in order of their names; null: the path is that of a file. */
async function filesOf(path: string, files: Files, signal: AbortSignal): Promise<readonly FoundFile[] | null> {
  let folder: string;
  try {
    folder = await files.folder(path);
  } catch (error) {
    if (await files.exists(path)) return null;
    throw new StudioFailure('not-found', `There is no file and no folder ${path}.`, undefined, { cause: error });
  }
  const found = await files.walk(folder, signal);
  return found.filter(({ relative, leadsOut }) => !leadsOut && !relative.includes('/'));
}

const withExtension = (files: readonly FoundFile[], extension: string): FoundFile[] =>
  files.filter(({ relative }) => relative.toLowerCase().endsWith(`.${extension}`));

async function parseAll<T>(found: readonly FoundFile[], files: Files, read: (text: string) => T): Promise<Named<T>[]> {
  return mapParallel(found, FILES_AT_ONCE, async ({ path, relative }) => ({
    name: stem(relative),
    content: await parse(path, MAX_TEXT_BYTES, files, read),
  }));
}

async function parse<T>(path: string, maxBytes: number, files: Files, read: (text: string) => T): Promise<T> {
  try {
    return read(decodeText(await files.read(path, maxBytes)));
  } catch (error) {
    const isAboutContent =
      error instanceof FormatError || (error instanceof StudioFailure && error.code === 'unreadable');
    throw isAboutContent ? new StudioFailure('unreadable', `${path}: ${error.message}.`) : error;
  }
}
