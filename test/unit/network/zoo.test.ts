import { describe, expect, it } from 'vitest';
import type { NetworkChoice } from '@core/network/description';
import { flops, receptiveFields } from '@core/network/cost';
import { countParameters, elements, parameters } from '@core/network/parameters';
import { countBoxes, inferShapes, pooledSize, ShapeError, sourceMaps } from '@core/network/shapes';
import { ARCHITECTURES, buildNetwork, defaultChoice, inputProblem } from '@core/network/zoo';

const ssd = (classes: number, choice: Partial<NetworkChoice> = {}) =>
  buildNetwork({ ...defaultChoice('ssd300'), ...choice }, classes, [4, 6, 6, 6, 4, 4]);
const rfb = (id: 'rfb320' | 'slim320' = 'rfb320', input = { width: 320, height: 240 }) =>
  buildNetwork({ ...defaultChoice(id), input }, 2, [3, 2, 2, 3]);
const size = ({ width, height, channels }: { width: number; height: number; channels: number }) =>
  `${channels}@${width}x${height}`;

describe('SSD300', () => {
  it('has the maps, boxes and parameters of SPEC.md 1.1', () => {
    expect(sourceMaps(ssd(21)).map(size)).toEqual([
      '512@38x38',
      '1024@19x19',
      '512@10x10',
      '256@5x5',
      '256@3x3',
      '256@1x1',
    ]);
    expect(countBoxes(ssd(21))).toBe(8732);
    expect(countParameters(ssd(21))).toBe(26_285_486);
    expect(countParameters(ssd(91))).toBe(35_641_826);
  });

  it("names its 71 tensors as amdegroot's weight file does", () => {
    const names = parameters(ssd(21)).map((parameter) => parameter.name);
    expect(names).toHaveLength(71);
    expect(names).toEqual(expect.arrayContaining(['vgg.0.weight', 'vgg.21.bias', 'vgg.31.weight', 'vgg.33.bias']));
    expect(names).toEqual(expect.arrayContaining(['L2Norm.weight', 'extras.7.weight', 'loc.5.bias', 'conf.0.weight']));
    expect(parameters(ssd(21)).find(({ name }) => name === 'conf.0.weight')?.shape).toEqual([84, 512, 3, 3]);
  });

  it('rounds pools up: an odd map of 75 becomes 38, and 500 pixels give 63, 32', () => {
    expect(pooledSize(75, 2, 2, 0, true)).toBe(38);
    expect(pooledSize(75, 2, 2, 0, false)).toBe(37);
    const [conv4, fc7] = sourceMaps(ssd(21, { input: { width: 500, height: 500 } }));
    expect([conv4.width, fc7.width]).toEqual([63, 32]);
  });

  it('scales its widths with the multiplier, heads by the boxes alone', () => {
    const half = inferShapes(ssd(21, { widthMultiplier: 0.5 }));
    expect(half.get('vgg.33')?.channels).toBe(512);
    expect(half.get('conf.0')?.channels).toBe(84);
  });

  it('sees 92 pixels at conv4_3 with a stride of 8', () => {
    expect(receptiveFields(ssd(21))[0]).toEqual({ width: 92, height: 92, stride: 8 });
  });

  it('costs 62.8 GFLOP a picture', () => {
    expect(flops(ssd(21)) / 1e9).toBeGreaterThan(60);
    expect(flops(ssd(21)) / 1e9).toBeLessThan(65);
  });

  it('says in words that 64 pixels are too few', () => {
    const choice = { ...defaultChoice('ssd300'), input: { width: 64, height: 64 } };
    expect(inputProblem(choice)).toMatch(/SSD300 cannot run at 64 × 64/);
    expect(() => inferShapes(buildNetwork(choice, 21, [4, 6, 6, 6, 4, 4]))).toThrow(ShapeError);
    expect(inputProblem(defaultChoice('ssd300'))).toBeNull();
  });
});

describe('RFB-320 and slim-320', () => {
  it('have 4,420 boxes at 320 x 240 and 17,640 at 640 x 480', () => {
    expect(sourceMaps(rfb()).map(size)).toEqual(['64@40x30', '128@20x15', '256@10x8', '256@5x4']);
    expect(countBoxes(rfb())).toBe(4420);
    expect(countBoxes(rfb('slim320'))).toBe(4420);
    expect(countBoxes(rfb('rfb320', { width: 640, height: 480 }))).toBe(17_640);
  });

  // The weight files count running statistics and one int64 `num_batches_tracked` per batch norm as well.
  it.each([
    ['rfb320', 281_135],
    ['slim320', 264_757],
  ] as const)('%s has the %i numbers of its weight file', (id, total) => {
    const all = parameters(rfb(id));
    const batchNorms = all.filter((parameter) => parameter.kind === 'runningMean').length;
    expect(all.reduce((sum, parameter) => sum + elements(parameter.shape), 0) + batchNorms).toBe(total);
  });

  it('widens the receptive field by its dilated branches', () => {
    expect(receptiveFields(rfb())[0].width).toBeGreaterThan(receptiveFields(rfb('slim320'))[0].width + 80);
  });
});

describe('buildNetwork', () => {
  it.each(ARCHITECTURES)('$name builds with its default choice', ({ id, sources }) => {
    const network = buildNetwork(defaultChoice(id), 4, new Array<number>(sources).fill(6));
    const shapes = inferShapes(network);
    for (const source of network.sources) {
      expect(shapes.get(source.localisation)?.channels).toBe(24);
      expect(shapes.get(source.confidence)?.channels).toBe(24);
    }
  });

  it('refuses default boxes for another number of sources, empty cells and a lone background', () => {
    expect(() => buildNetwork(defaultChoice('rfb320'), 2, [3, 2, 2])).toThrow(/4 sources/);
    expect(() => buildNetwork(defaultChoice('rfb320'), 2, [3, 2, 2, 0])).toThrow(RangeError);
    expect(() => buildNetwork(defaultChoice('rfb320'), 1, [3, 2, 2, 3])).toThrow(RangeError);
  });
});
