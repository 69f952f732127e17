/** Fits and compares default boxes beside the window's thread and beside the live coverage, which has a worker of its own. */
import { fitDefaultBoxes } from '@core/priors/fit-boxes';
import type { FitObjects } from '@core/priors/fit-objects';
import { measureBoxes } from '@core/priors/measure-boxes';
import type { FitAnswer, FitRequest, ObjectSets } from './fit-messages';

type Question<K extends FitRequest['kind']> = Extract<FitRequest, { kind: K }>;

const NONE: FitObjects = { imageId: [], x1: [], y1: [], x2: [], y2: [] };
/** How long a fit works before it listens, in milliseconds. */
const STRETCH = 50;

let objects: ObjectSets = { all: NONE, train: NONE, val: NONE };
const cancelled = new Set<number>();

const post = (answer: FitAnswer) => self.postMessage(answer);
const heldOut = () => (objects.val.x1.length > 0 ? { heldOut: objects.val } : {});

self.onmessage = ({ data }: MessageEvent<FitRequest>) => {
  if (data.kind === 'objects') objects = data.objects;
  else if (data.kind === 'cancel') cancelled.add(data.id);
  else void answer(data).then(post);
};

async function answer(question: Question<'fit' | 'measure'>): Promise<FitAnswer> {
  try {
    return question.kind === 'fit' ? await fit(question) : measure(question);
  } catch (error) {
    return { id: question.id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

async function fit({ id, network, options }: Question<'fit'>): Promise<FitAnswer> {
  const fitting = fitDefaultBoxes(objects.train, network, { ...options, ...heldOut() });
  let listened = performance.now();
  for (;;) {
    const step = fitting.next();
    if (step.done) return { id, kind: 'fit', fit: step.value };
    if (performance.now() - listened < STRETCH) continue;
    post({ id, kind: 'progress', share: step.value });
    await new Promise((done) => setTimeout(done));
    if (cancelled.delete(id)) return { id, kind: 'cancelled' };
    listened = performance.now();
  }
}

function measure({ id, boxes, objects: chosen, ...setting }: Question<'measure'>): FitAnswer {
  const measured = { fitted: objects[chosen], ...heldOut() };
  return {
    id,
    kind: 'measures',
    measures: boxes.map(({ network, configuration }) => measureBoxes(configuration, network, measured, setting)),
  };
}
