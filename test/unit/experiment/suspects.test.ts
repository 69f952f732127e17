import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_AUGMENTATION } from '@core/augment/configuration';
import { planAugmentation } from '@core/augment/plan';
import { sourceBox, viewBox, wholePicture, type View } from '@core/augment/view';
import { readSuspectFile, writeSuspectFile } from '@core/experiment/suspect-file';
import { classOf, rankSuspects, scoreOf, SuspectMemory } from '@core/experiment/suspects';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { Random } from '@core/random/random';

const picture = { id: 7, width: 640, height: 480, objects: [{ x1: 100, y1: 100, x2: 200, y2: 200 }] };
const whole = wholePicture(picture);
const free = { x1: 300, y1: 200, x2: 380, y2: 280 };
const see = (box: CornerBox<ImagePx>, score = 0.8, view: View = whole, classIndex = 1) => ({
  classIndex,
  score,
  box: viewBox(view, box),
});
const augmented = {
  ...NO_AUGMENTATION,
  zoomOut: { probability: 0.5, maxRatio: 2 },
  zoomIn: { probability: 0.5, minScale: 0.3, rule: 'atLeastOne' as const },
  horizontalFlip: { probability: 0.5 },
  verticalFlip: { probability: 0.5 },
  shear: { probability: 0.5, maxFactor: 0.2 },
  rotation: { probability: 0.5, maxDegrees: 10 },
};
const viewOf = (seed: number, ellipse = false): View =>
  planAugmentation({ ...augmented, slantedBoxes: ellipse ? 'ellipse' : 'corners' }, Random.seeded(seed), picture, [])
    .view;

describe('a box that a view shows', () => {
  it('goes back to the very place of the picture it came from, slanted or not', () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, ellipse) => {
        const view = viewOf(seed, ellipse);
        const back = sourceBox(view, viewBox(view, free));
        expect(back).not.toBeNull();
        for (const side of ['x1', 'y1', 'x2', 'y2'] as const) expect(back?.[side]).toBeCloseTo(free[side], 6);
      }),
    );
  });
});

describe('the memory of suspects', () => {
  it('keeps a place that is taken for an object again and again, wherever the view puts it', () => {
    const memory = new SuspectMemory();
    for (let step = 1; step <= 40; step++) {
      const view = viewOf(step);
      memory.look(step, picture, view, [see(free, 0.8, view)]);
    }
    const [suspect, ...others] = rankSuspects(memory.state.suspects);
    expect(others).toEqual([]);
    expect(suspect.seen).toBe(suspect.looks);
    expect(suspect.seen).toBeGreaterThan(10);
    expect(classOf(suspect)).toBe(1);
    expect(scoreOf(suspect)).toBeCloseTo(0.8, 9);
    for (const side of ['x1', 'y1', 'x2', 'y2'] as const) expect(suspect.box[side]).toBeCloseTo(free[side], 3);
  });

  it('has nothing to say of what is labelled: the object, a part of it, a group around it', () => {
    const memory = new SuspectMemory();
    const about = [
      { x1: 110, y1: 110, x2: 210, y2: 210 },
      { x1: 120, y1: 120, x2: 150, y2: 150 },
      { x1: 60, y1: 60, x2: 330, y2: 330 },
    ];
    for (let step = 1; step <= 5; step++)
      memory.look(
        step,
        picture,
        whole,
        about.map((box) => see(box)),
      );
    expect(memory.state.suspects).toEqual([]);
  });

  it('ranks by score and persistence, and forgets what the network has unlearnt', () => {
    const memory = new SuspectMemory();
    const [steady, lower, rare, unlearnt] = [0, 1, 2, 3].map((k) => ({
      x1: 300,
      y1: 100 * k,
      x2: 350,
      y2: 100 * k + 50,
    }));
    for (let step = 1; step <= 60; step++) {
      memory.look(step, picture, whole, [
        see(steady, 0.9),
        see(lower, 0.6),
        ...(step % 3 === 0 ? [see(rare, 0.9)] : []),
        ...(step < 20 ? [see(unlearnt, 0.95)] : []),
      ]);
    }
    expect(rankSuspects(memory.state.suspects).map(({ box }) => box.y1)).toEqual([0, 100, 200]);
  });

  it('does not count a look at which the place was out of view or cut', () => {
    const memory = new SuspectMemory();
    const cut: View = { ...whole, region: { x1: 340, y1: 0, x2: 640, y2: 480 } };
    for (let step = 1; step <= 4; step++) memory.look(step, picture, whole, [see(free)]);
    for (let step = 5; step <= 9; step++) memory.look(step, picture, cut, []);
    expect(memory.state.suspects).toMatchObject([{ seen: 4, looks: 4 }]);
    memory.look(10, picture, whole, []);
    expect(memory.state.suspects).toMatchObject([{ seen: 4, looks: 5 }]);
  });

  it('stays small: few places of a picture, a bounded number in all', () => {
    const memory = new SuspectMemory();
    for (let id = 1; id <= 850; id++) {
      const places = Array.from({ length: 26 }, (_, k) => {
        const [x1, y1] = [(k % 8) * 60, Math.floor(k / 8) * 60];
        return see({ x1, y1, x2: x1 + 40, y2: y1 + 40 }, 0.5 + k / 100);
      });
      memory.look(id, { ...picture, id, objects: [] }, whole, places);
    }
    const { suspects: records } = memory.state;
    expect(records.length).toBeLessThanOrEqual(20_000);
    expect(records.filter(({ imageId }) => imageId === 850)).toHaveLength(24);
  });

  it('goes on from its file as if it had never been written', () => {
    const play = (memory: SuspectMemory, from: number, to: number) => {
      for (let step = from; step <= to; step++) {
        const random = Random.seeded(3, step);
        const view = viewOf(step);
        const places = Array.from({ length: 3 }, () => {
          const [x1, y1] = [60 * random.integer(9), 60 * random.integer(7)];
          return see({ x1, y1, x2: x1 + 50, y2: y1 + 50 }, random.uniform(0.4, 1), view, random.integer(2));
        });
        memory.look(step, { ...picture, id: 1 + (step % 3) }, view, places);
      }
      return memory;
    };
    const half = play(new SuspectMemory(), 1, 50);
    const read = readSuspectFile(writeSuspectFile({ step: 50, ...half.state }));
    expect(read?.step).toBe(50);
    const resumed = play(new SuspectMemory(read ?? undefined), 51, 100);
    const uninterrupted = play(new SuspectMemory(), 1, 100);
    expect(resumed.state.suspects.length).toBeGreaterThan(10);
    expect(resumed.state).toEqual(uninterrupted.state);
  });

  it('reads nothing of a file that is cut or another', () => {
    const text = writeSuspectFile({ step: 5, nextId: 1, suspects: [] });
    expect(readSuspectFile(text.slice(0, -3))).toBeNull();
    expect(readSuspectFile('[]')).toBeNull();
    expect(readSuspectFile('{"version":2,"step":1,"suspects":[]}')).toBeNull();
  });
});
