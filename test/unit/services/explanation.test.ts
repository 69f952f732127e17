/** What is asked of the compute process, and what is answered from what it said before. */
import { describe, expect, it } from 'vitest';
import type { ExplainQuestion } from '@core/contract/explain';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { generateDefaultBoxes } from '@core/priors/generate';
import { createExplanationHandlers } from '../../../src-main/services/explanation';
import type { AnsweredPicture, ProjectStore } from '../../../src-main/services/ports';
import { ProjectSession } from '../../../src-main/services/session';
import { ScriptedLauncher } from '../../support/scripted-launcher';
import { SMALL_RUN } from '../../support/training-run';

const { network, defaultBoxes, detection } = SMALL_RUN;
const CLASS_NAMES = ['red', 'blue'];
const maps = sourceMaps(buildNetwork(network, 2, defaultBoxes.sources.map(boxesPerCell)));
const { total, corners } = generateDefaultBoxes(defaultBoxes, network.input, maps);
const PRIOR = total >> 1;
const [x1, y1, x2, y2] = [...corners.subarray(4 * PRIOR, 4 * PRIOR + 4)].map((v) => v * 100);
const BOX = { x1, y1, x2, y2 };

function answered(): AnsweredPicture {
  const logits = new Float32Array(total * 3);
  const confidences = new Float32Array(total * 3);
  for (let i = 0; i < total; i++) confidences[3 * i] = 1;
  confidences.set([0.1, 0.9, 0], 3 * PRIOR);
  const answers = { logits, confidences, offsets: new Float32Array(total * 4), picture: { width: 100, height: 100 } };
  return { classNames: CLASS_NAMES, detector: { network, defaultBoxes, detection }, answers };
}

function open(checkpointStep = 5) {
  const run = {
    id: 1,
    name: 'run',
    state: 'finished',
    configuration: SMALL_RUN,
    classNames: CLASS_NAMES,
    checkpointStep,
  };
  const objects = [
    { classId: 7, box: BOX, crowd: false },
    { classId: 7, box: { ...BOX, x2: BOX.x2 + 1 }, crowd: false },
  ];
  const session = new ProjectSession();
  session.use({
    run: () => run,
    runDirectory: () => '/project/runs/1',
    image: () => ({ id: 3, fileName: 'a.jpg', path: '/a.jpg', objects }),
    info: () => ({ classes: [{ id: 7, name: 'red', order: 0 }] }),
    close: () => {},
  } as unknown as ProjectStore);
  const launcher = new ScriptedLauncher();
  const handlers = createExplanationHandlers(session, launcher);
  const context = { progress: () => {}, signal: new AbortController().signal };
  const ask = (question: ExplainQuestion, bytes?: Uint8Array<ArrayBuffer>) =>
    bytes
      ? handlers['detect.explain']({ runId: 1, image: { name: 'b.jpg', bytes }, question, operationId: 'x' }, context)
      : handlers['evaluation.explain']({ runId: 1, imageId: 3, question, operationId: 'x' }, context);
  const say = () => launcher.last.say({ kind: 'done', result: { kind: 'answers', answered: answered() } });
  return { launcher, ask, say, run };
}

const DETECTION = { kind: 'detection', prior: PRIOR, classIndex: 0 } as const;

describe('asking why', () => {
  it('runs the network once for all questions about a picture, also for those asked at once', async () => {
    const { launcher, ask, say } = open();
    const questions = [ask(DETECTION), ask(DETECTION)];
    expect(launcher.processes).toHaveLength(1);
    expect(launcher.last.job).toMatchObject({ kind: 'answers', image: { path: '/a.jpg' } });
    say();
    const [{ explanations }] = await Promise.all(questions);
    expect(explanations).toMatchObject([{ kind: 'detection', score: Math.fround(0.9), fate: { kind: 'kept' } }]);
    await ask({ kind: 'detections', scoreThreshold: 0.5 });
    expect(launcher.processes).toHaveLength(1);
  });

  it('runs it again for another picture, for the same name with other bytes, and for newer weights', async () => {
    const { launcher, ask, say, run } = open();
    for (const byte of [1, 2]) {
      const asked = ask(DETECTION, new Uint8Array([byte]));
      say();
      await asked;
    }
    expect(launcher.processes).toHaveLength(2);
    expect((await ask(DETECTION, new Uint8Array([1]))).step).toBe(5);
    expect(launcher.processes).toHaveLength(2);
    run.checkpointStep = 6;
    const newer = ask(DETECTION, new Uint8Array([1]));
    say();
    expect((await newer).step).toBe(6);
    expect(launcher.processes).toHaveLength(3);
  });

  it('keeps no failure', async () => {
    const { launcher, ask, say } = open();
    const failing = ask(DETECTION);
    launcher.last.say({ kind: 'failed', message: 'a.jpg cannot be read: it is empty.' });
    await expect(failing).rejects.toThrow('a.jpg cannot be read');
    const second = ask(DETECTION);
    say();
    expect((await second).explanations).toHaveLength(1);
  });

  it('lets the other objects of the picture take part in the matching', async () => {
    const { ask, say } = open();
    const asked = { scoreThreshold: 0.5, iouThreshold: 0.5 };
    const object = ask({ kind: 'object', classIndex: 0, box: BOX, ...asked });
    say();
    expect((await object).explanations).toMatchObject([{ kind: 'object', verdict: { kind: 'found' } }]);
    const shifted = { ...BOX, x2: BOX.x2 + 1 };
    const { explanations } = await ask({ kind: 'object', classIndex: 0, box: shifted, ...asked });
    expect(explanations).toMatchObject([{ verdict: { kind: 'shared' } }]);
  });

  it('refuses classes and default boxes that there are not', async () => {
    const { ask, say } = open();
    const first = ask({ ...DETECTION, classIndex: 2 });
    say();
    await expect(first).rejects.toThrow('The detector has 2 classes: there is none 2.');
    await expect(ask({ ...DETECTION, prior: total })).rejects.toThrow(`there is no default box ${total}`);
  });
});
