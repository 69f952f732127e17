/** The thread that shows what a training sees: one question, one answer. Decoded pictures stay for the next question. */
import { parentPort } from 'node:worker_threads';
import { toStudioError } from '@core/contract/failure';
import { describeRunNetwork, readSnapshot } from '../engine/run-network';
import { loaderSettings } from '../images/loader-settings';
import { PictureCache } from '../images/picture-cache';
import { previewBatch } from '../images/preview-pictures';
import type { PreviewAnswer } from '../services/ports';
import type { PreviewQuestion, PreviewReply } from './preview-thread';

const CACHE_BYTES = 200e6;

let cache: PictureCache | null = null;
let cachedFor = '';

async function answer({ of, step, count }: PreviewQuestion): Promise<PreviewAnswer> {
  const snapshot = 'runDirectory' in of ? await readSnapshot(of.runDirectory) : of;
  const { configuration, classNames, train } = snapshot;
  const settings = loaderSettings(snapshot, describeRunNetwork(configuration, classNames), CACHE_BYTES);
  const size = `${settings.input.width}x${settings.input.height}`;
  if (cache === null || cachedFor !== size) cache = new PictureCache(settings.input, CACHE_BYTES);
  cachedFor = size;
  const { pictures, unreadable } = await previewBatch(settings, step, count, cache);
  return { configuration, classNames, trainImages: train.length, input: settings.input, pictures, unreadable };
}

parentPort?.on('message', (question: PreviewQuestion) => {
  const reply = (message: PreviewReply): void => parentPort?.postMessage(message);
  answer(question).then(
    (value) => reply({ ok: true, value }),
    (error: unknown) => reply({ ok: false, error: toStudioError(error) }),
  );
});
