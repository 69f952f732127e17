/**
 * The suggestion against the published default boxes of SSD300 and SSD512 (VOC), at their number, on three data sets: what the fit
 * sees and what it does not.
 */
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { fitDefaultBoxes, type DefaultBoxFit } from '@core/priors/fit-boxes';
import { pickObjects, type FitObjects } from '@core/priors/fit-objects';
import { VOC300, VOC512 } from '@core/priors/presets';
import { sampleRenderer } from '../../../src-main/images/sample/renderer';
import { DATA_DIR, describeWith } from '../../support/shared';

const PUBLISHED = {
  ssd300: { network: defaultChoice('ssd300'), boxes: VOC300, budget: 8732 },
  ssd512: { network: defaultChoice('ssd512'), boxes: VOC512, budget: 24_564 },
} as const;
type Published = keyof typeof PUBLISHED;

const PARTS = 5;

/** Every fifth picture is held out, beginning with this one. */
function fit(objects: FitObjects, freeScales: boolean, heldOut = 0, model: Published = 'ssd300'): DefaultBoxFit {
  const all = Array.from({ length: objects.x1.length }, (_, i) => i);
  const isHeld = (i: number): boolean => objects.imageId[i] % PARTS === heldOut;
  const fitting = fitDefaultBoxes(
    pickObjects(
      objects,
      all.filter((i) => !isHeld(i)),
    ),
    PUBLISHED[model].network,
    {
      budget: PUBLISHED[model].budget,
      matchingThreshold: 0.5,
      freeScales,
      perClass: false,
      seed: 1,
      classes: 3,
      heldOut: pickObjects(objects, all.filter(isHeld)),
    },
  );
  for (;;) {
    const step = fitting.next();
    if (step.done) return step.value;
  }
}

/** Of what recall lacks before, at least this share must be gone after: on the objects fitted to and on those held out. */
function expectGain(
  name: string,
  results: readonly DefaultBoxFit[],
  leastFitted: number,
  leastHeldOut: number,
  model: Published = 'ssd300',
): void {
  for (const { before, after } of results) {
    expect(before.configuration).toEqual(PUBLISHED[model].boxes);
    expect(after.boxes).toBeLessThanOrEqual(PUBLISHED[model].budget);
  }
  const missed = (side: 'before' | 'after', of: 'fitted' | 'heldOut') =>
    results.reduce((sum, result) => sum + result[side][of]!.objects - result[side][of]!.matched, 0);
  const gone = (of: 'fitted' | 'heldOut') => 1 - missed('after', of) / missed('before', of);
  expect(gone('fitted'), name).toBeGreaterThan(leastFitted);
  expect(gone('heldOut'), `${name}, held out`).toBeGreaterThan(leastHeldOut);
}

/** Objects of Pascal VOC files; enough of a parser for them, and none of ours. */
function readVoc(folder: string): FitObjects {
  const columns = { imageId: [], x1: [], y1: [], x2: [], y2: [] } as Record<string, number[]>;
  const box = /<object>[^]*?<xmin>([\d.]+)[^]*?<ymin>([\d.]+)[^]*?<xmax>([\d.]+)[^]*?<ymax>([\d.]+)/g;
  readdirSync(folder).forEach((file, image) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const [width, height] = ['width', 'height'].map((side) => Number(new RegExp(`<${side}>(\\d+)`).exec(text)?.[1]));
    for (const [, x1, y1, x2, y2] of text.matchAll(box)) {
      columns.imageId.push(image);
      columns.x1.push((Number(x1) - 1) / width);
      columns.y1.push((Number(y1) - 1) / height);
      columns.x2.push(Number(x2) / width);
      columns.y2.push(Number(y2) / height);
    }
  });
  return columns as unknown as FitObjects;
}

const SETS = [
  { folder: 'bccd/Annotations', objects: 4888, held: [0], linked: [0.8, 0.7], free: [0.8, 0.7] },
  // So few that each part is held out once.
  {
    folder: 'voc100-multiformat/gts/pascalvoc_format',
    objects: 273,
    held: [0, 1, 2, 3, 4],
    linked: [0.25, 0.1],
    free: [0.4, 0.2],
  },
] as const;

for (const { folder, objects, held, linked, free } of SETS) {
  const path = join(DATA_DIR, folder);
  describeWith(`default boxes fitted to ${basename(join(folder, '..'))}`, [path], () => {
    let columns: FitObjects;
    beforeAll(() => {
      columns = readVoc(path);
    });

    it('reach more objects than VOC300 with no more boxes, held-out ones too, with linked and with free scales', () => {
      expect(columns.x1).toHaveLength(objects);
      const fits = (freeScales: boolean) => held.map((part) => fit(columns, freeScales, part));
      expectGain('linked', fits(false), linked[0], linked[1]);
      expectGain('free', fits(true), free[0], free[1]);
    });
  });
}

const FEW = join(DATA_DIR, 'voc100-multiformat/gts/pascalvoc_format');
describeWith('the many default boxes of SSD512 fitted to few objects', [FEW], () => {
  it('reach more objects than VOC512 that were held out: the few are not learnt by heart', () => {
    const objects = readVoc(FEW);
    const fits = (freeScales: boolean) => [0, 1, 2, 3, 4].map((part) => fit(objects, freeScales, part, 'ssd512'));
    expectGain('linked', fits(false), 0.2, 0.1, 'ssd512');
    expectGain('free', fits(true), 0.3, 0.1, 'ssd512');
  });
});

describe('default boxes fitted to the sample project', () => {
  it('reach more objects than VOC300 with no more boxes, held-out ones too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ssd-studio-sample-'));
    const columns = { imageId: [], x1: [], y1: [], x2: [], y2: [] } as Record<string, number[]>;
    for (let image = 0; image < 60; image++) {
      const { width, height, objects } = await sampleRenderer.draw(image, 20151208, join(folder, `${image}.jpg`));
      for (const { box } of objects) {
        columns.imageId.push(image);
        columns.x1.push(box.x1 / width);
        columns.y1.push(box.y1 / height);
        columns.x2.push(box.x2 / width);
        columns.y2.push(box.y2 / height);
      }
    }
    expectGain('linked', [fit(columns as unknown as FitObjects, false)], 0.4, 0.3);
    expectGain('free', [fit(columns as unknown as FitObjects, true)], 0.5, 0.3);
  });
});
