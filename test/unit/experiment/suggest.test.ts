import { describe, expect, it } from 'vitest';
import { runConfiguration } from '@core/contract/run-schema';
import { parseRunConfiguration } from '@core/experiment/configuration-file';
import { suggestConfiguration, type DatasetFacts } from '@core/experiment/suggest';
import type { ArchitectureId } from '@core/network/description';
import { ARCHITECTURES, defaultChoice } from '@core/network/zoo';
import { CAFFE_RULES } from '@core/priors/detections';
import { presetDefaultBoxes } from '@core/priors/presets';
import { Random } from '@core/random/random';

/** `count` objects with sides drawn around `side`, a fraction of the picture's. */
function facts(count: number, side: number, trainImages: number): DatasetFacts {
  const random = Random.seeded(count);
  const objects = { imageId: [0], classId: [0], x1: [0], y1: [0], x2: [0], y2: [0] };
  for (const column of Object.values(objects)) column.length = 0;
  for (let i = 0; i < count; i++) {
    const [w, h] = [side * random.uniform(0.7, 1.4), side * random.uniform(0.7, 1.4)];
    const [x, y] = [random.uniform(0, 1 - w), random.uniform(0, 1 - h)];
    objects.imageId.push(i % trainImages);
    objects.classId.push(1);
    objects.x1.push(x);
    objects.y1.push(y);
    objects.x2.push(x + w);
    objects.y2.push(y + h);
  }
  return { classes: 1, trainImages, objects };
}

describe('suggested settings', () => {
  it('are valid for every architecture, also for a project with next to nothing in it', () => {
    for (const { id } of ARCHITECTURES) {
      for (const dataset of [
        facts(500, 0.1, 200),
        facts(1, 0.1, 1),
        { ...facts(1, 0.1, 1), classes: 0, trainImages: 0 },
      ]) {
        expect(() => runConfiguration.parse(suggestConfiguration(defaultChoice(id), dataset, null))).not.toThrow();
      }
    }
  });

  it('let a VGG base learn from nothing with batch norm and a higher rate, and take it as published where weights come from a file', () => {
    const suggest = (id: ArchitectureId, start?: 'weights') =>
      suggestConfiguration(defaultChoice(id), facts(30, 0.2, 100), null, start);
    for (const { id, scalable } of ARCHITECTURES) {
      expect(suggest(id).network, id).toEqual({ ...defaultChoice(id), ...(scalable && { batchNorm: true }) });
      expect(suggest(id, 'weights').network, id).toEqual(defaultChoice(id));
    }
    expect(suggest('ssd300').learningRate).toBeGreaterThan(suggest('ssd300', 'weights').learningRate);
    expect(suggest('rfb320')).toEqual(suggest('rfb320', 'weights'));
  });

  it('keep default boxes that a person has saved and otherwise fit them to the objects', () => {
    const network = defaultChoice('rfb320');
    const saved = presetDefaultBoxes(network);
    expect(suggestConfiguration(network, facts(500, 0.25, 50), saved).defaultBoxes).toBe(saved);
    const fitted = suggestConfiguration(network, facts(500, 0.25, 50), null).defaultBoxes;
    expect(fitted).not.toEqual(saved);
    expect(fitted.sources.map(({ minSizes }) => minSizes.length)).toEqual([3, 2, 2, 3]);
  });

  it('take all pictures for a batch where they are fewer than one, and learn as much from each', () => {
    const suggest = (pictures: number) => suggestConfiguration(defaultChoice('rfb320'), facts(30, 0.2, pictures), null);
    const [few, enough] = [suggest(6), suggest(24)];
    expect([few.batchSize, enough.batchSize, suggest(500).batchSize]).toEqual([6, 24, 24]);
    expect(few.learningRate / few.batchSize).toBeCloseTo(enough.learningRate / enough.batchSize, 12);
    const none = suggestConfiguration(defaultChoice('rfb320'), { ...facts(1, 0.2, 1), trainImages: 0 }, null);
    expect(none.batchSize).toBe(1);
  });

  it('train longer on more pictures, within bounds', () => {
    const steps = (images: number) => suggestConfiguration(defaultChoice('rfb320'), facts(30, 0.2, images), null).steps;
    expect(steps(10)).toBe(steps(100));
    expect(steps(1000)).toBeGreaterThan(steps(100));
    expect(steps(1_000_000)).toBe(60_000);
  });
});

describe('pictures from above', () => {
  const flip = (objects: DatasetFacts['objects']) =>
    suggestConfiguration(defaultChoice('rfb320'), { classes: 1, trainImages: 50, objects }, null).augment.verticalFlip;
  const shifted = ({ objects }: DatasetFacts, move: (y: number, i: number) => number) => ({
    ...objects,
    y1: Array.from(objects.y1, (y, i) => y + move(y, i)),
    y2: Array.from(objects.y2, (y, i) => y + move(objects.y1[i], i)),
  });

  it('are flipped upside down too: objects lie anywhere, whatever their size', () => {
    expect(flip(facts(2000, 0.1, 50).objects)).toEqual({ probability: 0.5 });
  });

  it('are not assumed when objects gather on one side of the middle, or grow towards the bottom, or are few', () => {
    expect(flip(shifted(facts(2000, 0.1, 50), () => 0.05))).toEqual({ probability: 0 });
    const { objects } = facts(2000, 0.1, 50);
    const streets = { ...objects, x2: Array.from(objects.x2, (x, i) => x + 0.1 * objects.y1[i]) };
    expect(flip(streets)).toEqual({ probability: 0 });
    expect(flip(facts(100, 0.1, 50).objects)).toEqual({ probability: 0 });
  });
});

describe('a configuration file', () => {
  const valid = suggestConfiguration(defaultChoice('slim320'), facts(30, 0.2, 10), null);

  it('comes back as it was written', () => {
    expect(parseRunConfiguration(JSON.stringify(valid))).toEqual(valid);
  });

  it('from before detection rules and start weights were part of it means Caffe’s rules and fresh weights', () => {
    const { detection, startWeights, ...old } = valid;
    expect(parseRunConfiguration(JSON.stringify(old))).toEqual({ ...valid, detection, startWeights });
    expect([detection, startWeights]).toEqual([CAFFE_RULES, null]);
  });

  it('names what is wrong with it', () => {
    expect(() => parseRunConfiguration('{')).toThrow(/not JSON/);
    expect(() => parseRunConfiguration(JSON.stringify({ ...valid, batchSize: 0 }))).toThrow(/wrong at batchSize/);
  });
});
