/** The port of the services onto the preview's thread, which lives as long as somebody looks. */
import { Worker } from 'node:worker_threads';
import type { Result } from '@core/contract/channel';
import { StudioFailure } from '@core/contract/failure';
import type { BatchPreview, PreviewAnswer } from '../services/ports';

export type PreviewQuestion = Parameters<BatchPreview['show']>[0];
export type PreviewReply = Result<PreviewAnswer>;

/** Without a question for so long the thread ends and gives its memory back. */
const IDLE_MILLISECONDS = 60_000;

interface Waiting {
  readonly question: PreviewQuestion;
  resolve(answer: PreviewAnswer): void;
  reject(error: Error): void;
}

/** @param script the bundle of preview.worker.ts; by default the one beside the running bundle */
export function createPreviewThread(script = new URL('./preview.mjs', import.meta.url)): BatchPreview {
  let worker: Worker | null = null;
  let asked: Waiting | null = null;
  let next: Waiting | null = null;
  let idle: NodeJS.Timeout | undefined;

  function settle(act: (waiting: Waiting) => void): void {
    const waiting = asked;
    asked = null;
    if (waiting) act(waiting);
    const following = next;
    next = null;
    if (following) post(following);
    else {
      idle = setTimeout(() => void close(), IDLE_MILLISECONDS);
      idle.unref();
      // A command line that has its answer may end.
      worker?.unref();
    }
  }

  function post(waiting: Waiting): void {
    clearTimeout(idle);
    asked = waiting;
    worker ??= start();
    worker.ref();
    worker.postMessage(waiting.question);
  }

  function start(): Worker {
    const started = new Worker(script);
    const fail = (message: string): void => {
      if (worker !== started) return;
      worker = null;
      settle(({ reject }) =>
        reject(new StudioFailure('internal', `The preview ended unexpectedly: ${message}.`, 'Try again.')),
      );
    };
    started.on('message', (reply: PreviewReply) =>
      settle(({ resolve, reject }) => {
        if (reply.ok) resolve(reply.value);
        else reject(new StudioFailure(reply.error.code, reply.error.message, reply.error.advice));
      }),
    );
    started.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
    started.on('exit', (code) => fail(`its thread ended (${code})`));
    return started;
  }

  async function close(): Promise<void> {
    clearTimeout(idle);
    const ending = worker;
    worker = null;
    for (const waiting of [asked, next]) waiting?.reject(overtaken());
    [asked, next] = [null, null];
    await ending?.terminate();
  }

  return {
    show: (question) =>
      new Promise((resolve, reject) => {
        const waiting = { question, resolve, reject };
        if (asked === null) return post(waiting);
        next?.reject(overtaken());
        next = waiting;
      }),
    close,
  };
}

const overtaken = (): StudioFailure =>
  new StudioFailure('cancelled', 'A later question about the pictures came first.');
