/**
 * Decodes pictures and makes batches for a job in a page of Electron, which has neither sharp nor threads of Node. The line to
 * it is the port that comes with the first message.
 */
import { picturesHere } from '../images/picture-source';
import { ImageError } from '../images/image-error';
import { startBatchThread, type BatchThread } from '../images/loader';
import type { BatchBuffers } from '../images/batch-maker';
import type { PicturesAnswer, PicturesRequest } from './pictures-messages';

const script = new URL('./loader.mjs', import.meta.url);
const { decode } = picturesHere(script);

interface Loader {
  readonly thread: BatchThread;
  /** Of batches that have been copied to the other process. */
  readonly spare: BatchBuffers[];
}

function serve(port: Electron.MessagePortMain): void {
  const loaders = new Map<number, Loader>();
  const post = (answer: PicturesAnswer): void => port.postMessage(answer);

  const open = (number: number, thread: BatchThread): void => {
    const spare: BatchBuffers[] = [];
    loaders.set(number, { thread, spare });
    thread.listen(
      (answer) => {
        post({ kind: 'batch', loader: number, answer });
        if (answer.kind === 'batch') spare.push(answer.batch);
      },
      ({ message }) => post({ kind: 'ended', loader: number, message }),
    );
  };

  port.on('message', ({ data }) => {
    const request = data as PicturesRequest;
    switch (request.kind) {
      case 'decode':
        void decode(request.source, request.within).then(
          // The memory of sharp's WebAssembly build cannot go to another process.
          (image) => post({ kind: 'decoded', id: request.id, image: { ...image, data: Uint8Array.from(image.data) } }),
          (error: unknown) => post({ kind: 'refused', id: request.id, ...describe(error) }),
        );
        return;
      case 'open':
        return open(request.loader, startBatchThread(request.settings, script));
      case 'batch': {
        const loader = loaders.get(request.loader);
        loader?.thread.request({ step: request.step, buffers: loader.spare.pop() ?? null });
        return;
      }
      case 'close':
        void loaders.get(request.loader)?.thread.close();
        loaders.delete(request.loader);
    }
  });
  port.start();
}

function describe(error: unknown): { readonly file: string | null; readonly reason: string } {
  if (error instanceof ImageError) return error;
  return { file: null, reason: error instanceof Error ? error.message : String(error) };
}

process.parentPort.once('message', ({ ports: [port] }) => serve(port));
