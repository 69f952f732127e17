/** The thread that makes training batches: one request, one answer, in order. */
import { constants, platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { LoaderSettings } from '../images/batch';
import { BatchMaker } from '../images/batch-maker';
import { transferred, type LoaderAnswer, type LoaderRequest } from '../images/loader';

giveWay();

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

/**
 * Batches are made ahead, so what the step leaves idle is enough; every kernel of the step would wait for the thread that this one
 * holds up. Only Linux takes it of this thread and not of the process.
 */
function giveWay(): void {
  if (platform() !== 'linux') return;
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it: slower, and nothing else.
  }
}
