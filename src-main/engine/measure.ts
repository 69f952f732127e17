/** How fast an engine trains: whole steps of a small network on made-up pictures, so that it takes seconds and needs no project. */
import type { EngineSpeed } from '@core/contract/engines';
import { throwIfCancelled } from '@core/contract/failure';
import { architecture, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { Random } from '@core/random/random';
import type { Engine } from './engines';
import { Model } from './executor';
import type { LossTargets } from './loss';
import { Trainer } from './optimiser-step';

const NETWORK = 'rfb320';
const CLASSES = 2;
const BATCH = 16;
const POSITIVES_PER_PICTURE = 20;
/** The first steps compile kernels and make room. */
const WARM_STEPS = 2;
const SECONDS = 4;
const FEWEST_STEPS = 2;
const MOST_STEPS = 60;
const OPTIONS = { momentum: 0.9, weightDecay: 5e-4, alpha: 1, negativesPerPositive: 3 };

interface MeasureHost {
  progress(label: string, done: number, total: number): void;
  /** Asked between steps. */
  cancelled(): Promise<boolean>;
}

/** Pictures are not read or varied: a training does that beside its steps. Throws StudioFailure 'cancelled'. */
export async function measureEngine(engine: Engine, host: MeasureHost): Promise<EngineSpeed> {
  const choice = defaultChoice(NETWORK);
  const description = buildNetwork(choice, CLASSES, presetDefaultBoxes(choice).sources.map(boxesPerCell));
  const model = new Model(engine, description, { seed: 1 });
  const trainer = new Trainer(model, OPTIONS);
  const { width, height } = description.input;
  const random = Random.seeded(1);
  const images = Float32Array.from({ length: BATCH * width * height * 3 }, () => random.uniform(-1, 1));
  const targets = madeUpTargets(model.boxes, random);
  const label = `Training on ${engine.name}`;
  try {
    let started = performance.now();
    let steps = 0;
    for (let step = 0; steps < MOST_STEPS; step++) {
      const seconds = (performance.now() - started) / 1000;
      if (steps >= FEWEST_STEPS && seconds >= SECONDS) break;
      throwIfCancelled({ aborted: await host.cancelled() });
      const share = Math.min(0.99, Math.max(seconds / SECONDS, steps / MOST_STEPS));
      host.progress(label, step < WARM_STEPS ? 0 : Math.round(100 * share), 100);
      await trainer.step(images, targets, 1e-3);
      if (step + 1 === WARM_STEPS) started = performance.now();
      if (step >= WARM_STEPS) steps++;
    }
    const seconds = (performance.now() - started) / 1000;
    return {
      engine: engine.id,
      network: architecture(NETWORK).name,
      batchSize: BATCH,
      steps,
      imagesPerSecond: (steps * BATCH) / seconds,
    };
  } finally {
    trainer.dispose();
    model.dispose();
  }
}

/** Some default boxes of every picture are objects, with offsets to learn. */
function madeUpTargets(boxes: number, random: Random): LossTargets {
  const labels = new Int32Array(BATCH * boxes);
  const offsets = new Float32Array(BATCH * boxes * 4);
  for (let picture = 0; picture < BATCH; picture++) {
    for (let i = 0; i < POSITIVES_PER_PICTURE; i++) {
      const box = picture * boxes + random.integer(boxes);
      labels[box] = 1;
      for (let j = 0; j < 4; j++) offsets[4 * box + j] = random.uniform(-1, 1);
    }
  }
  return { labels, offsets };
}
