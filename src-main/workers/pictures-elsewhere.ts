/** Pictures for a job in a page of Electron: decoded and made into batches by the process behind a port. */
import { ImageError } from '../images/image-error';
import { BatchLoader, type BatchThread } from '../images/loader';
import type { PictureSource } from '../images/picture-source';
import type { PicturesAnswer, PicturesRequest } from './pictures-messages';

/** The page's end of the line. */
export interface PicturesLine {
  post(request: PicturesRequest): void;
  listen(listener: (answer: PicturesAnswer) => void): void;
}

type Decoded = ReturnType<PictureSource['decode']>;
interface Waiting {
  resolve(image: Awaited<Decoded>): void;
  reject(error: Error): void;
}
type Listeners = Parameters<BatchThread['listen']>;

export function picturesElsewhere(line: PicturesLine): PictureSource {
  let next = 1;
  const decoding = new Map<number, Waiting>();
  const loaders = new Map<number, Listeners>();

  const settle = (id: number, act: (waiting: Waiting) => void): void => {
    const waiting = decoding.get(id);
    decoding.delete(id);
    if (waiting) act(waiting);
  };
  line.listen((answer) => {
    switch (answer.kind) {
      case 'decoded':
        return settle(answer.id, ({ resolve }) => resolve(answer.image));
      case 'refused': {
        const { id, file, reason } = answer;
        return settle(id, ({ reject }) => reject(file === null ? new Error(reason) : new ImageError(file, reason)));
      }
      case 'batch':
        return loaders.get(answer.loader)?.[0](answer.answer);
      case 'ended':
        return loaders.get(answer.loader)?.[1](new Error(answer.message));
    }
  });

  return {
    decode: (source, within) =>
      new Promise((resolve, reject) => {
        const id = next++;
        decoding.set(id, { resolve, reject });
        line.post({ kind: 'decode', id, source, within });
      }),
    openLoader(settings, firstStep) {
      const loader = next++;
      line.post({ kind: 'open', loader, settings });
      return new BatchLoader(firstStep, {
        // A buffer would be copied there, for nothing.
        request: ({ step }) => line.post({ kind: 'batch', loader, step }),
        listen: (...listeners) => void loaders.set(loader, listeners),
        close: async () => {
          loaders.delete(loader);
          line.post({ kind: 'close', loader });
        },
      });
    },
  };
}
