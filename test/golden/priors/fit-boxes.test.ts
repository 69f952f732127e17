/**
 * The suggestion against the published default boxes of SSD300 (VOC), at their number, on three data sets: what the fit sees and
 * what it does not.
 */
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { fitDefaultBoxes, type DefaultBoxFit } from '@core/priors/fit-boxes';
import { pickObjects, type FitObjects } from '@core/priors/fit-objects';
import { VOC300 } from '@core/priors/presets';
import { sampleRenderer } from '../../../src-main/images/sample/renderer';
import { DATA_DIR, describeWith } from '../../support/shared';

const SSD300 = defaultChoice('ssd300');
const BUDGET = 8732;

/** Every fifth picture is held out. */
function fit(objects: FitObjects, freeScales: boolean): DefaultBoxFit {
  const all = Array.from({ length: objects.x1.length }, (_, i) => i);
  const isHeld = (i: number): boolean => objects.imageId[i] % 5 === 0;
  const fitting = fitDefaultBoxes(
    pickObjects(
      objects,
      all.filter((i) => !isHeld(i)),
    ),
    SSD300,
    {
      budget: BUDGET,
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
function expectGain(name: string, result: DefaultBoxFit, leastFitted: number, leastHeldOut: number): void {
  const { before, after } = result;
  expect(before.configuration).toEqual(VOC300);
  expect(after.boxes).toBeLessThanOrEqual(BUDGET);
  const missed = ({ objects, matched }: { objects: number; matched: number }) => 1 - matched / objects;
  const gone = (was: number, is: number) => (was === 0 ? 0 : 1 - is / was);
  expect(gone(missed(before.fitted), missed(after.fitted)), name).toBeGreaterThan(leastFitted);
  expect(gone(missed(before.heldOut!), missed(after.heldOut!)), `${name}, held out`).toBeGreaterThan(leastHeldOut);
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
  { folder: 'bccd/Annotations', objects: 4888, linked: [0.8, 0.7], free: [0.8, 0.7] },
  { folder: 'voc100-multiformat/gts/pascalvoc_format', objects: 273, linked: [0.25, -0.3], free: [0.4, 0] },
] as const;

for (const { folder, objects, linked, free } of SETS) {
  const path = join(DATA_DIR, folder);
  describeWith(`default boxes fitted to ${basename(join(folder, '..'))}`, [path], () => {
    let columns: FitObjects;
    beforeAll(() => {
      columns = readVoc(path);
    });

    it('reach more objects than VOC300 with no more boxes, held-out ones too, with linked and with free scales', () => {
      expect(columns.x1).toHaveLength(objects);
      expectGain('linked', fit(columns, false), linked[0], linked[1]);
      expectGain('free', fit(columns, true), free[0], free[1]);
    });
  });
}

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
    expectGain('linked', fit(columns as unknown as FitObjects, false), 0.4, 0.3);
    expectGain('free', fit(columns as unknown as FitObjects, true), 0.5, 0.3);
  });
});
