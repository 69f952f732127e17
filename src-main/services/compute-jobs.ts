/** A compute job as a promise: everything but training, which lives longer than a request. */
import { StudioFailure } from '@core/contract/failure';
import type { ComputeJob, ComputeLauncher, ComputeMessage, ComputeResult } from './ports';

/** A job that does not answer 'cancel' within this time is ended. */
const CANCEL_MILLISECONDS = 3_000;

type ResultOf<K extends ComputeJob['kind']> = Extract<ComputeResult, { kind: K }>;

/**
 * Launches a job and waits for its result. Throws StudioFailure: what the job said when it failed, 'cancelled' after an
 * abort, 'internal' when its process ended without a word.
 */
export function runComputeJob<J extends Exclude<ComputeJob, { kind: 'train' }>>(
  launcher: ComputeLauncher,
  job: J,
  signal: AbortSignal,
  onMessage: (message: ComputeMessage) => void = () => {},
): Promise<ResultOf<J['kind']>> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    let killTimer: NodeJS.Timeout | undefined;
    const settle = (act: () => void): void => {
      clearTimeout(killTimer);
      signal.removeEventListener('abort', abort);
      act();
    };
    const handle = launcher.launch(job, {
      message(message) {
        if (message.kind === 'done') {
          const { result } = message;
          settle(() => resolve(result as ResultOf<J['kind']>));
        } else if (message.kind === 'failed') {
          settle(() => reject(signal.aborted ? cancelled() : jobFailure(message)));
        } else onMessage(message);
      },
      exit(code, output) {
        settle(() => reject(signal.aborted ? cancelled() : unexpectedEnd(job.kind, code, output)));
      },
    });
    const abort = (): void => {
      handle.order('cancel');
      killTimer = setTimeout(() => handle.kill(), CANCEL_MILLISECONDS);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}

const cancelled = (): StudioFailure => new StudioFailure('cancelled', 'Cancelled.');

function jobFailure(message: Extract<ComputeMessage, { kind: 'failed' }>): StudioFailure {
  return new StudioFailure('unreadable', message.message, message.advice, withDetails(message.details));
}

function unexpectedEnd(kind: ComputeJob['kind'], code: number | null, output?: string): StudioFailure {
  return new StudioFailure(
    'internal',
    `The process of this job (${kind}) ended unexpectedly${describeExit(code)}.`,
    'Try again. If it happens again, close other programs: memory may be short.',
    withDetails(output),
  );
}

function withDetails(text: string | undefined): { cause: Error } | undefined {
  if (!text) return undefined;
  const cause = new Error(text);
  cause.stack = text;
  return { cause };
}

/** How a process ended, as the end of a sentence. */
export function describeExit(code: number | null): string {
  return code === null || code === 9 || code === 137 ? ': it was killed' : ` (exit code ${code})`;
}
