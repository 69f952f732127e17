/**
 * Batches made beside the training step: a thread decodes, augments and matches the next ones while the step computes.
 * Batch s depends only on the settings and s, so a run goes on at any step with the pictures it would have seen.
 */
import { Worker } from 'node:worker_threads';
import type { Batch, LoaderSettings } from './batch';
import type { BatchBuffers } from './batch-maker';

/** Batches under way or waiting: one in use, one ready, one being made. */
const AHEAD = 2;

export type LoaderRequest = { readonly step: number; readonly buffers: BatchBuffers | null };
export type LoaderAnswer =
  { readonly kind: 'batch'; readonly batch: Batch } | { readonly kind: 'failed'; readonly message: string };

/** What makes the batches: one request, one answer, in order. */
export interface BatchThread {
  /** May take the buffers for a later batch, or leave them. */
  request(request: LoaderRequest): void;
  listen(answered: (answer: LoaderAnswer) => void, ended: (error: Error) => void): void;
  close(): Promise<void>;
}

/** @param script the bundle of workers/loader.worker.ts */
export function startBatchThread(settings: LoaderSettings, script: URL): BatchThread {
  const worker = new Worker(script, { workerData: settings });
  return {
    request: (request) => worker.postMessage(request, request.buffers ? transferred(request.buffers) : []),
    listen(answered, ended) {
      worker.on('message', answered);
      worker.on('error', (error) => ended(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', () => ended(new Error('the loader of training pictures ended')));
    },
    close: async () => void (await worker.terminate()),
  };
}

export class BatchLoader {
  private readonly ready: Promise<Batch>[] = [];
  private readonly waiting: { resolve(batch: Batch): void; reject(error: Error): void }[] = [];
  private readonly spare: BatchBuffers[] = [];
  private requested: number;
  private failure: Error | null = null;

  constructor(
    firstStep: number,
    private readonly thread: BatchThread,
  ) {
    this.requested = firstStep;
    thread.listen(
      (answer) => {
        if (answer.kind === 'batch') this.waiting.shift()?.resolve(answer.batch);
        else this.fail(new Error(answer.message));
      },
      (error) => this.fail(error),
    );
    while (this.ready.length < AHEAD) this.request();
  }

  /** The next batch in order. @throws Error when none of the pictures can be read or the thread has failed */
  next(): Promise<Batch> {
    this.request();
    return this.ready.shift() as Promise<Batch>;
  }

  /** Gives a batch's memory back for a later one; the batch must not be used any more. */
  recycle(batch: Batch): void {
    this.spare.push({ images: batch.images, labels: batch.labels, offsets: batch.offsets });
  }

  /** Resolves when the batches under way are made. */
  async settled(): Promise<void> {
    await Promise.all(this.ready);
  }

  async close(): Promise<void> {
    this.failure ??= new Error('the loader is closed');
    await this.thread.close();
  }

  private request(): void {
    const batch = new Promise<Batch>((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.waiting.push({ resolve, reject });
      this.thread.request({ step: this.requested++, buffers: this.spare.pop() ?? null });
    });
    batch.catch(() => {}); // reported when it is asked for
    this.ready.push(batch);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const waiting of this.waiting.splice(0)) waiting.reject(this.failure);
  }
}

/** The memory that moves between the threads instead of being copied. */
export function transferred({ images, labels, offsets }: BatchBuffers): ArrayBuffer[] {
  return [images.buffer, labels.buffer, offsets.buffer] as ArrayBuffer[];
}
