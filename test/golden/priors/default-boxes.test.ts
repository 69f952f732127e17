import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sourceMaps } from '@core/network/shapes';
import { architecture, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell, type DefaultBoxConfiguration } from '@core/priors/configuration';
import { generateDefaultBoxes, type DefaultBoxes } from '@core/priors/generate';
import { COCO300, COCO512, VOC300, VOC512, presetDefaultBoxes } from '@core/priors/presets';
import { largestDifference, recordFidelity } from '../../support/fidelity';
import { describeGolden } from '../../support/golden-files';
import { compareWithSummary, type Summary } from '../../support/golden-network';
import { SPEC_DIR, describeWith, readJson } from '../../support/shared';

type Four = readonly [number, number, number, number];
interface GoldenConfiguration {
  readonly featureMaps?: readonly number[];
  readonly steps: readonly number[];
  readonly minSizes: readonly number[];
  readonly maxSizes: readonly number[];
  readonly aspectRatios: readonly (readonly number[])[];
  readonly count: number;
  readonly layerOffsets: readonly number[];
  readonly columnSums: Four;
  readonly columnSumsAfterClampAll01: Four;
  readonly rows: Readonly<Record<string, Four>>;
}

const square = (side: number) => ({ width: side, height: side });
const squares = (sides: readonly number[]) => sides.map(square);

function columnSums(boxes: DefaultBoxes): number[] {
  const sums = [0, 0, 0, 0];
  boxes.centers.forEach((value, i) => (sums[i % 4] += value));
  return sums;
}

function expectSums(name: string, boxes: DefaultBoxes, sums: Four): void {
  const ours = columnSums(boxes);
  recordFidelity({
    table: 'Default boxes',
    subject: name,
    source: 'golden.json',
    what: `sums of centres and sizes of ${boxes.total} boxes (of cx)`,
    reference: sums[0],
    ours: ours[0],
    // Sums of up to 32,756 numbers that are stored as float32.
    largestDifference: largestDifference(ours, sums),
    tolerance: 5e-4,
  });
}

/** RFB Net's default boxes: SSD's, with [2, 3] on the first sources as well. */
function withRatios(configuration: DefaultBoxConfiguration, threeOn: number): DefaultBoxConfiguration {
  return {
    ...configuration,
    sources: configuration.sources.map((source, k) => ({ ...source, aspectRatios: k < threeOn ? [2, 3] : [2] })),
  };
}

const golden = join(SPEC_DIR, 'golden.json');

describeWith('default boxes against golden.json', [golden], () => {
  let configs: Readonly<Record<string, GoldenConfiguration>>;
  beforeAll(() => {
    configs = readJson<{ configs: typeof configs }>(golden).configs;
  });

  const presets = [
    ['VOC300', VOC300, 300],
    ['COCO300', COCO300, 300],
    ['VOC512', VOC512, 512],
    ['COCO512', COCO512, 512],
  ] as const;

  for (const [name, preset, side] of presets) {
    it(`${name}: sizes, steps and ratios of the preset`, () => {
      const expected = configs[name];
      preset.sources.forEach((source, k) => {
        expect(source.minSizes[0]).toBeCloseTo(expected.minSizes[k], 9);
        expect(source.maxSizes[0]).toBeCloseTo(expected.maxSizes[k], 9);
        expect(source.step).toEqual([expected.steps[k], expected.steps[k]]);
        expect(source.aspectRatios).toEqual(expected.aspectRatios[k]);
      });
    });

    it(`${name}: count, offsets, rows, sums, and sums after clamping`, () => {
      const expected = configs[name];
      const maps = squares(expected.featureMaps ?? []);
      const boxes = generateDefaultBoxes(preset, square(side), maps);
      expect(boxes.total).toBe(expected.count);
      expect(boxes.offsets).toEqual(expected.layerOffsets);
      expectSums(name, boxes, expected.columnSums);
      for (const [row, values] of Object.entries(expected.rows)) {
        values.forEach((value, i) => expect(boxes.centers[Number(row) * 4 + i], `row ${row}`).toBeCloseTo(value, 6));
      }
      expectSums(
        `${name}, clamped`,
        generateDefaultBoxes({ ...preset, clip: 'all' }, square(side), maps),
        expected.columnSumsAfterClampAll01,
      );
    });
  }

  const mobile: DefaultBoxConfiguration = {
    clip: 'none',
    offset: 0.5,
    variances: [0.1, 0.2],
    sources: [16, 32, 64, 100, 150, 300].map((step, k) => ({
      minSizes: [45 * (k + 1)],
      maxSizes: [45 * (k + 2)],
      aspectRatios: k < 4 ? [2, 3] : [2],
      step: [step, step],
    })),
  };
  const variants = [
    ['RFB300_VOC', withRatios(VOC300, 4), 300, [38, 19, 10, 5, 3, 1]],
    ['RFB512_VOC', withRatios(VOC512, 5), 512, [64, 32, 16, 8, 4, 2, 1]],
    ['RFBmobile300_COCO', mobile, 300, [19, 10, 5, 3, 2, 1]],
  ] as const;

  for (const [name, configuration, side, maps] of variants) {
    it(`${name}: count, sums, and sums after clamping`, () => {
      const expected = configs[name];
      const boxes = generateDefaultBoxes(configuration, square(side), squares(maps));
      expect(boxes.total).toBe(expected.count);
      expectSums(name, boxes, expected.columnSums);
      expectSums(
        `${name}, clamped`,
        generateDefaultBoxes({ ...configuration, clip: 'all' }, square(side), squares(maps)),
        expected.columnSumsAfterClampAll01,
      );
    });
  }
});

describeGolden('anchors', 'default boxes against the reference', (path, reference) => {
  it('are the same boxes in pixels', () => {
    const { boxesPixelsCorner: expected } = readJson<{ boxesPixelsCorner: Summary }>(path);
    const choice = defaultChoice(reference.architecture);
    const network = buildNetwork(choice, 2, reference.defaultBoxes!.sources.map(boxesPerCell));
    const boxes = generateDefaultBoxes(reference.defaultBoxes!, choice.input, sourceMaps(network));
    const { width, height } = choice.input;
    const pixels = Float32Array.from(boxes.corners, (value, i) => value * (i % 2 === 0 ? width : height));
    const compared = {
      table: 'Default boxes',
      subject: architecture(reference.architecture).name,
      source: reference.source,
      what: `corners of ${boxes.total} boxes, pixels`,
    } as const;
    compareWithSummary(compared, pixels, expected, { samples: 5e-4, sums: 1e-7 });
  });
});

describe('RFB-320', () => {
  const maps = [
    { width: 40, height: 30 },
    { width: 20, height: 15 },
    { width: 10, height: 8 },
    { width: 5, height: 4 },
  ];
  const input = { width: 320, height: 240 };
  const configuration = presetDefaultBoxes({ architecture: 'rfb320', widthMultiplier: 1, input });
  const boxes = generateDefaultBoxes(configuration, input, maps);

  it('has 4,420 boxes, 3, 2, 2 and 3 per cell', () => {
    expect(configuration.sources.map(boxesPerCell)).toEqual([3, 2, 2, 3]);
    expect(boxes.offsets).toEqual([0, 3600, 4200, 4360, 4420]);
  });

  it('places them by rows, columns, sizes, and clamps all four numbers', () => {
    const row = (i: number): number[] => Array.from(boxes.centers.subarray(i * 4, i * 4 + 4));
    const expectRow = (i: number, values: readonly number[]): void =>
      row(i).forEach((value, j) => expect(value, `row ${i}`).toBeCloseTo(values[j], 6));
    expectRow(0, [4 / 320, 4 / 240, 10 / 320, 10 / 240]);
    expectRow(2, [4 / 320, 4 / 240, 24 / 320, 24 / 240]);
    expectRow(3, [12 / 320, 4 / 240, 10 / 320, 10 / 240]);
    expectRow(4200, [16 / 320, 15 / 240, 64 / 320, 64 / 240]);
    expectRow(4419, [288 / 320, 210 / 240, 256 / 320, 1]);
  });

  it('has 17,640 boxes at 640x480', () => {
    const large = { width: 640, height: 480 };
    const largeMaps = [80, 40, 20, 10].map((width, k) => ({ width, height: [60, 30, 15, 8][k] }));
    const preset = presetDefaultBoxes({ architecture: 'rfb320', widthMultiplier: 1, input: large });
    expect(generateDefaultBoxes(preset, large, largeMaps).total).toBe(17_640);
    expect(preset.sources[0].minSizes).toEqual([20, 32, 48]);
  });
});
