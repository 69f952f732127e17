/**
 * The studio put together: every use case over the given adapters. The window's service process and the command line both
 * compose it, so that whatever a button does a command can do.
 */
import type { Result } from '@core/contract/channel';
import type { ChannelName, ChannelResponse } from '@core/contract/studio';
import { createDetectionHandlers } from './detection';
import { createEngineHandlers } from './engines';
import { createExportHandlers } from './export';
import { answer, type Handlers } from './handlers';
import { Operations, type Emit } from './operations';
import type { ComputeLauncher, RunFiles } from './ports';
import { createRunHandlers } from './runs';
import { ProjectSession } from './session';
import { TrainingSupervisor } from './training-supervisor';

/** How long a training may take to reach a checkpoint when its project is closed. */
const CLOSING_MILLISECONDS = 15_000;

export interface StudioAdapters {
  readonly launcher: ComputeLauncher;
  readonly runFiles: RunFiles;
  readonly emit: Emit;
}

export interface Studio {
  readonly session: ProjectSession;
  /** Validates, runs the use case, never throws. */
  call<N extends ChannelName>(name: N, request: unknown): Promise<Result<ChannelResponse<N>>>;
  /** Cancels what runs, pauses a training at a checkpoint, closes the project. */
  close(): Promise<void>;
}

export function createStudio({ launcher, runFiles, emit }: StudioAdapters): Studio {
  const session = new ProjectSession();
  const operations = new Operations(emit);
  const supervisor = new TrainingSupervisor(launcher, emit);
  const handlers: Partial<Handlers> = {
    ...createRunHandlers(session, supervisor, runFiles),
    ...createDetectionHandlers(session, launcher),
    ...createExportHandlers(session, launcher),
    ...createEngineHandlers(launcher),
  };
  return {
    session,
    call: (name, request) => answer(handlers, operations, name, request),
    async close() {
      operations.cancelAll();
      await supervisor.pauseAndWait(CLOSING_MILLISECONDS);
      session.use(null);
    },
  };
}
