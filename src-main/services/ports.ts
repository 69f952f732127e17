/**
 * What the use cases need from the outside, as interfaces: they know these ports, not SQLite, tfjs or Electron.
 * Adapters: store/ (SQLite), images/ (pixels), workers/ (processes); electron/ and cli/ put them together.
 */
import type { DatasetSummary, ImportSkip, ObjectChange, ObjectColumns } from '@core/contract/images';
import type { ProjectInfo } from '@core/contract/projects';
import type { EngineStatus, ExportReport } from '@core/contract/runs';
import type { ImageFilter, LabelClass, LabelledObject, ProjectImage, Split } from '@core/dataset/model';
import type { Detection, EvaluationReport } from '@core/evaluation/report';
import type { MetricRecord, RunConfiguration, RunState, RunSummary, ValidationRecord } from '@core/experiment/run';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';

/** A picture as the project knows its file: an absolute path inside the project or an allowed source folder. */
export interface StoredImage extends ProjectImage {
  readonly path: string;
}

export interface NewImage {
  readonly path: string;
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  readonly split: Split | null;
  readonly objects: readonly LabelledObject[];
}

/** One open project database. Every method is synchronous and runs outside the main process. */
export interface ProjectStore {
  readonly directory: string;
  info(): ProjectInfo;
  close(): void;

  /** Everything the work does to this store is committed together, or nothing when it throws. The work is synchronous. */
  atomically<T>(work: () => T): T;

  addClass(name: string): readonly LabelClass[];
  renameClass(id: number, name: string): readonly LabelClass[];

  /** Adds what is new (a picture is known by its real path) in one transaction; returns how many were added and how many known. */
  addImages(images: readonly NewImage[]): {
    readonly added: number;
    readonly unchanged: number;
    readonly objectsAdded: number;
  };
  listImages(
    filter: ImageFilter,
    offset: number,
    limit: number,
  ): { readonly total: number; readonly images: readonly ProjectImage[] };
  imageIds(filter: ImageFilter): readonly number[];
  image(id: number): StoredImage | null;
  /** Every picture of a split with its objects, in id order; null: all. */
  imagesOfSplit(split: Split | null): readonly StoredImage[];
  setSplit(ids: readonly number[], split: Split | null): void;
  setProblem(id: number, problem: string | null): void;
  summary(): DatasetSummary;
  objectColumns(): ObjectColumns;
  /** Commits before it returns (WAL, synchronous=FULL). Returns the number of objects the picture has then. */
  applyChanges(imageId: number, changes: readonly ObjectChange[]): number;

  loadDefaultBoxes(network: NetworkChoice): DefaultBoxConfiguration | null;
  saveDefaultBoxes(network: NetworkChoice, configuration: DefaultBoxConfiguration): void;

  createRun(run: {
    readonly name: string;
    readonly configuration: RunConfiguration;
    readonly classNames: readonly string[];
    readonly datasetHash: string;
  }): RunSummary;
  updateRun(
    id: number,
    change: Partial<{
      state: RunState;
      engine: RunSummary['engine'];
      step: number;
      checkpointStep: number | null;
      meanAveragePrecision: number | null;
      message: string | null;
    }>,
  ): RunSummary;
  run(id: number): RunSummary | null;
  runs(): readonly RunSummary[];
  removeRun(id: number): void;
  /** Absolute: <project>/runs/<id>. */
  runDirectory(id: number): string;
  saveEvaluation(runId: number, report: EvaluationReport): void;
  lastEvaluation(runId: number): EvaluationReport | null;
}

/** What a run trains on, frozen when it starts: runs/<id>/snapshot.json. The trainer reads this and never the database. */
export interface RunSnapshot {
  readonly version: 1;
  readonly configuration: RunConfiguration;
  /** In class order; the detector's class index is position + 1. */
  readonly classNames: readonly string[];
  readonly datasetHash: string;
  readonly train: readonly SnapshotImage[];
  readonly val: readonly SnapshotImage[];
}

export interface SnapshotImage {
  readonly id: number;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  /** [class position from 0, x1, y1, x2, y2 in ImagePx, difficult 0|1]. Crowd objects are left out. */
  readonly objects: readonly (readonly [number, number, number, number, number, number])[];
}

export interface RunMetrics {
  readonly metrics: readonly MetricRecord[];
  readonly validations: readonly ValidationRecord[];
}

/** The folder of a run, beside what its trainer does there. */
export interface RunFiles {
  /** Complete on disk or not at all. */
  writeSnapshot(runDirectory: string, snapshot: RunSnapshot): Promise<void>;
  /** The records after a step in order of steps, thinned to what a plot can show; none when there is no file. */
  readMetrics(runDirectory: string, afterStep: number): Promise<RunMetrics>;
  remove(runDirectory: string): Promise<void>;
}

/** Work that needs tensors or much CPU, done in its own process (src-main/workers/compute.worker.ts). */
export type ComputeJob =
  | { readonly kind: 'train'; readonly runDirectory: string; readonly resume: boolean }
  | {
      readonly kind: 'predict';
      readonly runDirectory: string;
      readonly images: readonly PredictInput[];
      readonly scoreThreshold: number;
    }
  | {
      readonly kind: 'export';
      readonly runDirectory: string;
      readonly format: 'onnx';
      readonly path: string;
      readonly verifyWith: string;
    }
  | { readonly kind: 'engines' };

export type PredictInput =
  { readonly name: string; readonly path: string } | { readonly name: string; readonly bytes: Uint8Array };

export interface Prediction {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly detections: readonly Detection[];
  readonly milliseconds: number;
  readonly problem: string | null;
}

/** What the compute process says while it works. One 'done' or 'failed' ends a job. */
export type ComputeMessage =
  | { readonly kind: 'ready'; readonly engine: 'cuda' | 'tensorflow' | 'wasm' }
  | { readonly kind: 'progress'; readonly label: string; readonly done: number; readonly total: number }
  | {
      readonly kind: 'metrics';
      readonly metrics: readonly MetricRecord[];
      readonly validations: readonly ValidationRecord[];
      readonly secondsLeft: number | null;
    }
  /** Something a person should know although the work goes on: a picture that could not be read and was left out. */
  | { readonly kind: 'warning'; readonly message: string }
  /** The checkpoint of this step is complete on disk. */
  | { readonly kind: 'checkpoint'; readonly step: number }
  | { readonly kind: 'prediction'; readonly prediction: Prediction }
  | { readonly kind: 'done'; readonly result: ComputeResult }
  | { readonly kind: 'failed'; readonly message: string; readonly advice?: string; readonly details?: string };

export type ComputeResult =
  | {
      readonly kind: 'train';
      readonly ended: 'finished' | 'paused' | 'stopped';
      readonly step: number;
      readonly meanAveragePrecision: number | null;
    }
  | { readonly kind: 'predict' }
  | { readonly kind: 'export'; readonly report: ExportReport }
  | { readonly kind: 'engines'; readonly engines: readonly EngineStatus[] };

/** Orders to a running job: both end a training at a checkpoint; 'cancel' ends any other job. */
export type ComputeOrder = 'pause' | 'stop' | 'cancel';

/**
 * What the parent posts to a compute process: one job, then orders for it. After its 'done' or 'failed' the process ends
 * by itself. Electron: process.parentPort (message in event.data); plain Node: process.on('message') and process.send.
 */
export type ComputeInput =
  { readonly kind: 'job'; readonly job: ComputeJob } | { readonly kind: 'order'; readonly order: ComputeOrder };

export interface ComputeHandle {
  order(order: ComputeOrder): void;
  /** Ends the process at once. */
  kill(): void;
  readonly pid: number | null;
}

/** Starts one process per job. Under Electron a utilityProcess, under the command line a child_process; one entry file. */
export interface ComputeLauncher {
  launch(
    job: ComputeJob,
    listener: {
      message(message: ComputeMessage): void;
      /** After the last message; code null when killed by a signal. `output`: the end of what the process printed. */
      exit(code: number | null, output?: string): void;
    },
  ): ComputeHandle;
}

/** Reads a picture's header or pixels; decoding happens in worker threads of the caller's process. */
export interface ImageReader {
  /** Size after EXIF orientation. Throws ImageError with a readable reason (missing, truncated, not a picture, too large). */
  measure(path: string): Promise<{ readonly width: number; readonly height: number }>;
  /** Decodes it whole and throws when any of it is corrupt. */
  verify(path: string): Promise<{ readonly width: number; readonly height: number }>;
}

export interface Progress {
  (label: string, done: number, total: number): void;
}

export type { ImportSkip };
