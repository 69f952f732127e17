/**
 * The studio put together: every use case over the given adapters. The window's service process and the command line both
 * compose it, so that whatever a button does a command can do.
 */
import type { Result } from '@core/contract/channel';
import type { ChannelName, ChannelResponse } from '@core/contract/studio';
import { createAnnotateHandlers } from './annotate';
import { Background } from './background';
import { createDefaultBoxHandlers } from './default-boxes';
import { createDetectionHandlers } from './detection';
import { createEngineHandlers } from './engines';
import { createEvaluationHandlers } from './evaluation';
import { createExplanationHandlers } from './explanation';
import { createExportHandlers } from './export';
import { answer, type Handlers } from './handlers';
import { createImageHandlers, createPictureFiles, type PictureFiles } from './images';
import { createImportHandlers } from './import';
import { createLearningRateHandlers } from './learning-rate';
import { Operations, type Emit } from './operations';
import type {
  BatchPreview,
  ComputeLauncher,
  CudaLibraries,
  Files,
  ImageReader,
  ProjectStorage,
  RecentProjects,
  RunFiles,
  SampleRenderer,
  Thumbnails,
} from './ports';
import { createPreviewHandlers } from './preview';
import { createProjectServices } from './projects';
import { createRunHandlers } from './runs';
import { createSampleHandlers } from './sample-project';
import { ProjectSession } from './session';
import { createSuspectHandlers } from './suspects';
import { createTrainingHandlers } from './training';
import { watchRunsElsewhere } from './runs-elsewhere';
import { markInterruptedRuns, TrainingSupervisor } from './training-supervisor';
import { createWeightsHandlers } from './weights';

/** How long a training may take to reach a checkpoint when its project is closed. */
const CLOSING_MILLISECONDS = 15_000;

export interface StudioAdapters {
  readonly launcher: ComputeLauncher;
  readonly cuda: CudaLibraries;
  readonly runFiles: RunFiles;
  readonly storage: ProjectStorage;
  readonly recents: RecentProjects;
  readonly files: Files;
  readonly reader: ImageReader;
  readonly thumbnails: Thumbnails;
  readonly sample: SampleRenderer;
  readonly preview: BatchPreview;
  /** Where new projects are suggested: the user's documents. */
  readonly documents: string;
  readonly emit: Emit;
}

export interface Studio {
  readonly session: ProjectSession;
  /** For the protocol that shows pictures. */
  readonly pictures: PictureFiles & { recent(project: number, picture: number): Promise<string> };
  /** Validates, runs the use case, never throws. */
  call<N extends ChannelName>(name: N, request: unknown): Promise<Result<ChannelResponse<N>>>;
  /** Cancels what runs, pauses a training at a checkpoint, closes the project. */
  close(): Promise<void>;
}

export function createStudio(adapters: StudioAdapters): Studio {
  const { launcher, runFiles, emit, thumbnails } = adapters;
  const session = new ProjectSession();
  const operations = new Operations(emit);
  const supervisor = new TrainingSupervisor(launcher, emit);
  const background = new Background();
  const projects = createProjectServices({
    ...adapters,
    session,
    operations,
    background,
    beforeClose: () => supervisor.pauseAndWait(CLOSING_MILLISECONDS),
    afterOpen: (store) => {
      const elsewhere = markInterruptedRuns(store, runFiles.isTrainerAlive);
      background.start((signal) => watchRunsElsewhere(store, elsewhere, runFiles, emit, signal));
      background.start(() => runFiles.removeAbandoned(store.directory));
    },
  });
  const handlers: Partial<Handlers> = {
    ...projects.handlers,
    ...createSampleHandlers(adapters, projects.adopt),
    ...createImageHandlers(session, adapters.files),
    ...createAnnotateHandlers(session),
    ...createImportHandlers({ ...adapters, session, prepareThumbnails: projects.prepareThumbnails }),
    ...createDefaultBoxHandlers(session),
    ...createRunHandlers(session, supervisor, runFiles),
    ...createSuspectHandlers(session, runFiles),
    ...createTrainingHandlers(session, supervisor, runFiles, launcher),
    ...createLearningRateHandlers(session, supervisor, runFiles, launcher, emit),
    ...createPreviewHandlers(session, adapters.preview),
    ...createEvaluationHandlers(session, launcher, emit),
    ...createDetectionHandlers(session, launcher),
    ...createExplanationHandlers(session, launcher),
    ...createExportHandlers(session, launcher),
    ...createWeightsHandlers(session, launcher, runFiles, emit),
    ...createEngineHandlers(launcher, adapters.cuda),
  };
  return {
    session,
    pictures: { ...createPictureFiles(session, thumbnails), recent: projects.recentPicture },
    call: (name, request) => answer(handlers, operations, name, request),
    async close() {
      operations.cancelAll();
      await supervisor.pauseAndWait(CLOSING_MILLISECONDS);
      await adapters.preview.close();
      await background.stop();
      session.use(null);
    },
  };
}
