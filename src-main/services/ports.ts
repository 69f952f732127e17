/**
 * What the use cases need from the outside, as interfaces: they know these ports, not SQLite, tfjs or Electron.
 * Adapters: store/ (SQLite), images/ (pixels), workers/ (processes); electron/ and cli/ put them together.
 */
import type { DatasetSummary, ObjectChange, ObjectColumns } from '@core/contract/images';
import type { ProjectInfo } from '@core/contract/projects';
import type { CudaPlan, CudaState, EngineSpeed } from '@core/contract/engines';
import type { PreviewedPicture } from '@core/contract/preview';
import type { ExportFormat, ExportReport } from '@core/contract/exports';
import type { DetectedImage, EngineStatus } from '@core/contract/runs';
import type { WeightsReport, WeightsSource } from '@core/contract/weights';
import type { ImageFilter, LabelClass, LabelledObject, ProjectImage, Split } from '@core/dataset/model';
import type { EvaluationReport } from '@core/evaluation/report';
import type { RateRange, RateSample } from '@core/experiment/learning-rate-finder';
import type {
  EngineId,
  MetricRecord,
  RunConfiguration,
  RunState,
  RunSummary,
  StartWeights,
  ValidationRecord,
} from '@core/experiment/run';
import type { RunPreviews } from '@core/experiment/preview';
import type { SuspectsAt } from '@core/experiment/suspect-file';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import type { Size } from '@core/geometry/convert';
import type { NetworkChoice } from '@core/network/description';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { NamedBoxes } from '@core/priors/named-boxes';
import type { ExplainedDetector, PictureAnswers } from '@core/priors/provenance';
import type { StartTarget } from '@core/weights/choose-plan';
import type { WrittenLayout } from '@core/weights/export-names';

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

  /** Places that a person has said hold no object, by picture. */
  noObjects(): ReadonlyMap<number, readonly CornerBox<ImagePx>[]>;
  /** Says so of a place, or takes it back for all that overlaps it by half. Throws StudioFailure 'not-found'. */
  setNoObject(imageId: number, box: CornerBox<ImagePx>, noObject: boolean): void;

  loadDefaultBoxes(network: NetworkChoice): DefaultBoxConfiguration | null;
  saveDefaultBoxes(network: NetworkChoice, configuration: DefaultBoxConfiguration): void;
  /** IoU from which a default box of this network learns an object; null where nobody chose one. */
  loadMatchingThreshold(network: NetworkChoice): number | null;
  saveMatchingThreshold(network: NetworkChoice, threshold: number): void;
  /** Of all networks, newest first. */
  namedBoxes(): readonly NamedBoxes[];
  /** Throws 'already-exists' when the network has others of this name and they are not to be replaced. */
  keepBoxes(boxes: Pick<NamedBoxes, 'name' | 'network' | 'configuration'> & { readonly replace: boolean }): NamedBoxes;
  /** Throws 'not-found', or 'already-exists'. */
  renameBoxes(id: number, name: string): NamedBoxes;
  /** Throws 'not-found'. */
  removeBoxes(id: number): void;

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
      bestStep: number | null;
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
  /** What the validations found on the run's preview pictures, thinned when there are very many; empty when there is no file. */
  readPreviews(runDirectory: string): Promise<RunPreviews>;
  /** What the training took for objects without a label, at its newest checkpoint; null when there is no such file. */
  readSuspects(runDirectory: string): Promise<SuspectsAt | null>;
  /** Whether a process, perhaps of another window or command line, trains into this folder now (its trainer.pid). */
  isTrainerAlive(runDirectory: string): boolean;
  remove(runDirectory: string): Promise<void>;
  /** An empty folder beside the runs' of a project, to make ready what a run needs before there is one. */
  prepare(projectDirectory: string): Promise<string>;
  /** What was made ready so becomes the folder of a run, which must not exist yet. */
  adopt(prepared: string, runDirectory: string): Promise<void>;
  /** Removes what a process that was killed had made ready; that of a living one stays. */
  removeAbandoned(projectDirectory: string): Promise<void>;
}

/** Work that needs tensors or much CPU, done in its own process (src-main/workers/compute.worker.ts). */
export type ComputeJob =
  | { readonly kind: 'train'; readonly runDirectory: string; readonly resume: boolean }
  | {
      readonly kind: 'predict';
      readonly detector: DetectorPlace;
      readonly images: readonly PredictInput[];
      readonly scoreThreshold: number;
    }
  /** One forward pass of one picture, all of its answers. */
  | { readonly kind: 'answers'; readonly detector: DetectorPlace; readonly image: PredictInput }
  | ExportJob
  | { readonly kind: 'import-weights'; readonly source: WeightsSource; readonly target: WeightsTarget }
  | { readonly kind: 'engines' }
  /** What WebGPU is in the very process that is asked. */
  | { readonly kind: 'webgpu' }
  | { readonly kind: 'measure'; readonly engine: EngineId }
  /** Of a folder with a snapshot, as a training's. */
  | { readonly kind: 'find-rate'; readonly runDirectory: string; readonly range: RateRange }
  /** Loads the CUDA libraries of a folder, to see whether they load at all. */
  | { readonly kind: 'load-cuda'; readonly folder: string };

/** What becomes of a weight file: nothing, a run's checkpoint of step 0, a model file of ours, or what a training begins from. */
export type WeightsTarget =
  | { readonly kind: 'report'; readonly start: StartTarget | null }
  | { readonly kind: 'checkpoint'; readonly runDirectory: string }
  | { readonly kind: 'model'; readonly path: string }
  | { readonly kind: 'start'; readonly runDirectory: string; readonly start: StartTarget };

/** The folder of a run, whose newest checkpoint is meant, or a model file of ours. */
export type DetectorPlace = { readonly runDirectory: string } | { readonly modelFile: string };

export interface ExportJob {
  readonly kind: 'export';
  readonly detector: DetectorPlace;
  /** What the run is called; written into the file. */
  readonly runName: string;
  readonly format: ExportFormat;
  /** Whose parameter names a PyTorch file gets; null: those natural to the network. */
  readonly names: WrittenLayout | null;
  /** A file to write; for tfjs a folder. */
  readonly path: string;
  /** Picture that a written graph is compared on; null: a pattern drawn for it. */
  readonly verifyWith: string | null;
}

export type PredictInput =
  { readonly name: string; readonly path: string } | { readonly name: string; readonly bytes: Uint8Array };

/** What a network answered for one picture, with what turns it into detections. */
export interface AnsweredPicture {
  readonly classNames: readonly string[];
  readonly detector: ExplainedDetector;
  readonly answers: PictureAnswers;
}

/** What the window is told of a picture, too. */
export type Prediction = DetectedImage;

/** What the compute process says while it works. One 'done' or 'failed' ends a job. */
export type ComputeMessage =
  | { readonly kind: 'ready'; readonly engine: EngineId }
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
  /** The checkpoint of this step is complete on disk, and no other predicts better on val so far. */
  | { readonly kind: 'best'; readonly step: number; readonly meanAveragePrecision: number }
  /** The loss stopped being a number; the training goes on from its checkpoint of this step, and this says how. */
  | { readonly kind: 'rollback'; readonly step: number; readonly message: string }
  | { readonly kind: 'prediction'; readonly prediction: Prediction }
  /** A step of the learning-rate finder. */
  | { readonly kind: 'rate'; readonly sample: RateSample }
  /** Nothing is done yet: the engine that this job takes is the one which the `webgpu` of its input speaks of. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'done'; readonly result: ComputeResult }
  | { readonly kind: 'failed'; readonly message: string; readonly advice?: string; readonly details?: string };

export type ComputeResult =
  | {
      readonly kind: 'train';
      readonly ended: 'finished' | 'paused' | 'stopped';
      readonly step: number;
      /** Why it ended before its last step by itself, or null. */
      readonly endedEarly: string | null;
    }
  | {
      readonly kind: 'predict';
      readonly classNames: readonly string[];
      /** Of the weights; null for a model file. */
      readonly step: number | null;
    }
  | { readonly kind: 'answers'; readonly answered: AnsweredPicture }
  | { readonly kind: 'export'; readonly report: ExportReport }
  | {
      readonly kind: 'import-weights';
      readonly report: WeightsReport;
      /** Null for a mere report. */
      readonly startWeights: StartWeights | null;
      /** Of the model file that was written; 0 for the other targets. */
      readonly bytes: number;
    }
  | { readonly kind: 'engines'; readonly engines: readonly EngineStatus[] }
  | { readonly kind: 'webgpu'; readonly report: WebGpuReport }
  | { readonly kind: 'measure'; readonly speed: EngineSpeed }
  | {
      readonly kind: 'find-rate';
      readonly engine: EngineId;
      readonly samples: readonly RateSample[];
      /** It ended before its last step. */
      readonly diverged: boolean;
    }
  | { readonly kind: 'load-cuda'; readonly version: string; readonly gpu: boolean };

/** Orders to a running job: both end a training at a checkpoint; 'cancel' ends any other job. */
export type ComputeOrder = 'pause' | 'stop' | 'cancel';

/**
 * What the parent posts to a compute process: one job, then orders for it. After its 'done' or 'failed' the process ends
 * by itself. Over the channel of fork: process.on('message') and process.send.
 */
export type ComputeInput =
  | {
      readonly kind: 'job';
      readonly job: ComputeJob;
      /** Of another kind of process, where this one cannot open WebGPU but that one may take over the job. */
      readonly webgpu?: WebGpuReport;
    }
  | { readonly kind: 'order'; readonly order: ComputeOrder };

/** WebGPU in a process that can have it. `software`: a program on the processor stands in for a GPU. */
export type WebGpuReport =
  | { readonly ready: true; readonly name: string; readonly detail: string; readonly software: boolean }
  | { readonly ready: false; readonly detail: string; readonly help: string | null };

export interface ComputeHandle {
  order(order: ComputeOrder): void;
  /** Ends the process at once. */
  kill(): void;
  readonly pid: number | null;
}

/** Starts one process per job. */
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

/** Makes the very pictures of a training step, beside the process that asks. */
export interface BatchPreview {
  /**
   * The first `count` pictures of the batch of a step, from 0. A question that waits is dropped when a later one comes: it throws
   * 'cancelled'. Throws StudioFailure 'unreadable' when no picture or the run's snapshot cannot be read.
   */
  show(question: {
    readonly of: Pick<RunSnapshot, 'configuration' | 'classNames' | 'train'> | { readonly runDirectory: string };
    readonly step: number;
    readonly count: number;
  }): Promise<PreviewAnswer>;
  close(): Promise<void>;
}

export interface PreviewAnswer {
  readonly configuration: RunConfiguration;
  readonly classNames: readonly string[];
  readonly trainImages: number;
  readonly input: Size;
  readonly pictures: readonly PreviewedPicture[];
  readonly unreadable: readonly { readonly imageId: number; readonly message: string }[];
}

/** Projects on disk. Both throw StudioFailure: 'not-found', 'no-project', 'already-exists', 'newer-database', 'unreadable', 'busy'. */
export interface ProjectStorage {
  open(directory: string): ProjectStore;
  create(directory: string, name: string, classes: readonly string[]): ProjectStore;
  /** What a project's card shows, read without opening the project for writing; null when there is none or it cannot be read. */
  glance(directory: string): ProjectGlance | null;
}

export interface ProjectGlance {
  readonly name: string;
  readonly images: number;
  readonly objects: number;
  /** Of the newest run that has one. */
  readonly meanAveragePrecision: number | null;
  /** Up to four pictures, labelled ones first. */
  readonly imageIds: readonly number[];
}

/** The projects opened last, newest first; kept in the user's data folder. */
export interface RecentProjects {
  list(): Promise<readonly { readonly directory: string; readonly openedAt: string }[]>;
  /** Puts it first. */
  add(directory: string): Promise<void>;
  forget(directory: string): Promise<void>;
}

export interface FoundFile {
  /** Below the walked folder, with forward slashes. */
  readonly relative: string;
  readonly path: string;
  /** A link that leads out of the walked folder, or to nothing: not to be read. */
  readonly leadsOut: boolean;
}

/** Files outside the database, as far as the use cases touch them. Paths are absolute. */
export interface Files {
  /** Real path of an existing folder. Throws StudioFailure 'not-found'. */
  folder(path: string): Promise<string>;
  /** Whether something is there, a file or a folder. */
  exists(path: string): Promise<boolean>;
  /** All files below in order of their names; hidden ones and linked folders are passed over. */
  walk(folder: string, signal: AbortSignal): Promise<readonly FoundFile[]>;
  /** Throws StudioFailure 'unreadable' when it is missing or larger than maxBytes. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Under a temporary name first, then renamed. Makes the folder. */
  write(path: string, content: Uint8Array | string): Promise<void>;
  /**
   * Copies a file to `folder`/`relative`, under a temporary name first. A file of the same content there is left as it is; one of
   * other content makes the copy's name differ. Returns where it lies and whether this call wrote it.
   */
  copyInto(
    folder: string,
    relative: string,
    source: string,
  ): Promise<{ readonly path: string; readonly copied: boolean }>;
  /** A file or a whole folder; nothing there is fine. */
  remove(path: string): Promise<void>;
}

/** Small pictures of the open project's pictures, in its folder thumbnails/. */
export interface Thumbnails {
  /** Path of a thumbnail that is up to date, made now if need be. Throws StudioFailure 'not-found' or 'unreadable'. */
  path(store: ProjectStore, imageId: number): Promise<string>;
  /** Makes those that are missing, one after another; ends early when aborted. Pictures that cannot be read are passed over. */
  prepare(store: ProjectStore, imageIds: readonly number[], signal: AbortSignal): Promise<void>;
}

/** Pictures drawn by a program of ours, with exact boxes. */
export interface SampleRenderer {
  readonly classNames: readonly string[];
  /** Writes picture `index` of a set as JPEG; the same index and seed give the same pixels and boxes. */
  draw(index: number, seed: number, path: string): Promise<SamplePicture>;
}

export interface SamplePicture {
  readonly width: number;
  readonly height: number;
  readonly objects: readonly {
    readonly className: string;
    readonly box: LabelledObject['box'];
    readonly difficult: boolean;
    readonly truncated: boolean;
  }[];
}

/** The CUDA build of TensorFlow in the user's data folder. Every method throws StudioFailure. */
export interface CudaLibraries {
  state(): Promise<CudaState>;
  /** Asks the package index; checks what is there. */
  plan(signal: AbortSignal, progress: Progress): Promise<CudaPlan>;
  /** `verify` loads what was unpacked, before it takes its place. */
  install(signal: AbortSignal, progress: Progress, verify: (folder: string) => Promise<void>): Promise<CudaState>;
  remove(): Promise<CudaState>;
}

export interface Progress {
  (label: string, done: number, total: number): void;
}
