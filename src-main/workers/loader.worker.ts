/** The thread that makes training batches: one request, one answer, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LoaderSettings } from '../images/batch';
import { BatchMaker } from '../images/batch-maker';
import { transferred, type LoaderAnswer, type LoaderRequest } from '../images/loader';

const maker = new BatchMaker(workerData as LoaderSettings);
let turn: Promise<void> = Promise.resolve();

parentPort?.on('message', (request: LoaderRequest) => {
  turn = turn.then(() => answer(request));
});

async function answer({ step, buffers }: LoaderRequest): Promise<void> {
  try {
    const batch = await maker.make(step, buffers);
    post({ kind: 'batch', batch }, transferred(batch));
  } catch (error) {
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }, []);
  }
}

function post(message: LoaderAnswer, transfer: ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}
