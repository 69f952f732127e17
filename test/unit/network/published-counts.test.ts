import { describe, expect, it } from 'vitest';
import type { ArchitectureId, NetworkChoice } from '@core/network/description';
import { flops, receptiveFields } from '@core/network/cost';
import { countParameters, parameters } from '@core/network/parameters';
import { countBoxes, inferShapes, sourceMaps } from '@core/network/shapes';
import { ARCHITECTURES, buildNetwork, defaultChoice, inputProblem } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';

const network = (id: ArchitectureId, classes: number, change: Partial<NetworkChoice> = {}) => {
  const choice = { ...defaultChoice(id), ...change };
  return buildNetwork(choice, classes, presetDefaultBoxes(choice).sources.map(boxesPerCell));
};
const widths = (id: ArchitectureId) => sourceMaps(network(id, 21)).map(({ width }) => width);

describe('default boxes', () => {
  it.each([
    ['rfb320', 4420],
    ['slim320', 4420],
    ['rfb640', 17_640],
    ['slim640', 17_640],
    ['ssdlite320', 3234],
    ['ssd300', 8732],
    ['ssd500', 24_056],
    ['ssd512', 24_564],
    ['rfbnet300', 11_620],
    ['rfbnet512', 32_756],
    ['rfbnet300-e', 11_620],
    ['rfbnet512-e', 32_756],
    ['rfbnet-mobile', 2990],
  ] as const)('%s has %i, as published', (id, boxes) => {
    expect(countBoxes(network(id, 21))).toBe(boxes);
  });

  it('lie on maps that the layers make: SSD500 rounds up to 63, SSDLite keeps odd maps', () => {
    expect(widths('ssd500')).toEqual([63, 32, 16, 8, 4, 2, 1]);
    expect(widths('ssd512')).toEqual([64, 32, 16, 8, 4, 2, 1]);
    expect(widths('rfbnet512-e')).toEqual([64, 32, 16, 8, 4, 2, 1]);
    expect(widths('rfbnet-mobile')).toEqual([19, 10, 5, 3, 2, 1]);
    expect(widths('ssdlite320')).toEqual([20, 10, 5, 3, 2, 1]);
  });
});

describe('parameters', () => {
  it('of SSD are those of the references, and any number of classes changes the predictors alone', () => {
    expect(countParameters(network('ssd300', 21))).toBe(26_285_486);
    expect(countParameters(network('ssd300', 91))).toBe(35_641_826);
    expect(countParameters(network('ssdlite320', 91))).toBe(3_440_060);
    const body = (classes: number) =>
      parameters(network('ssd512', classes)).filter(({ name }) => !name.startsWith('conf.'));
    expect(body(2)).toEqual(body(200));
  });

  it.each([
    ['rfbnet300', 21, 36.53],
    ['rfbnet512', 21, 37.4],
    ['rfbnet300-e', 81, 48.2],
    ['rfbnet512-e', 81, 49.9],
    ['rfbnet-mobile', 81, 7.68],
  ] as const)('of %s for %i classes are %f million, as published', (id, classes, millions) => {
    const digits = `${millions}`.split('.')[1].length;
    expect(countParameters(network(id, classes)) / 1e6).toBeCloseTo(millions, digits);
  });
});

/** Multiply-adds of a square convolution: output side, channels in and out, kernel side. */
const multiplyAdds = (rows: readonly (readonly [side: number, inputs: number, outputs: number, kernel: number])[]) =>
  rows.reduce((sum, [side, inputs, outputs, kernel]) => sum + side ** 2 * inputs * outputs * kernel ** 2, 0);

describe('cost', () => {
  it('of SSD300 is the sum over the paper’s layers, 31.4 G multiply-adds for VOC', () => {
    const vgg = [
      [300, 3, 64, 3],
      [300, 64, 64, 3],
      [150, 64, 128, 3],
      [150, 128, 128, 3],
      [75, 128, 256, 3],
      [75, 256, 256, 3],
      [75, 256, 256, 3],
      [38, 256, 512, 3],
      [38, 512, 512, 3],
      [38, 512, 512, 3],
      [19, 512, 512, 3],
      [19, 512, 512, 3],
      [19, 512, 512, 3],
      [19, 512, 1024, 3],
      [19, 1024, 1024, 1],
    ] as const;
    const extras = [
      [19, 1024, 256, 1],
      [10, 256, 512, 3],
      [10, 512, 128, 1],
      [5, 128, 256, 3],
      [5, 256, 128, 1],
      [3, 128, 256, 3],
      [3, 256, 128, 1],
      [1, 128, 256, 3],
    ] as const;
    const heads = (
      [
        [38, 512, 4],
        [19, 1024, 6],
        [10, 512, 6],
        [5, 256, 6],
        [3, 256, 4],
        [1, 256, 4],
      ] as const
    ).map(([side, inputs, boxes]) => [side, inputs, boxes * (4 + 21), 3] as const);
    const expected = multiplyAdds([...vgg, ...extras, ...heads]);
    expect(expected / 1e9).toBeCloseTo(31.37, 2);
    expect(flops(network('ssd300', 21))).toBe(2 * expected);
  });

  it.each([
    ['ssd300', 34.86],
    ['ssdlite320', 0.583],
  ] as const)('of %s for 91 classes is torchvision’s published %f G multiply-adds', (id, billions) => {
    expect(flops(network(id, 91)) / 2e9).toBeCloseTo(billions, 2);
  });

  it('falls with the square of the width', () => {
    for (const id of ['ssd300', 'rfbnet300', 'rfbnet512-e'] as const) {
      const ratio = flops(network(id, 2, { widthMultiplier: 0.5 })) / flops(network(id, 2));
      expect(ratio).toBeGreaterThan(0.24);
      expect(ratio).toBeLessThan(0.28);
    }
  });
});

describe('receptive fields and strides of the sources', () => {
  /** From the first layers on: [kernel, stride, dilation] of each, by r += (k-1)·d·jump, jump *= s. */
  const through = (layers: readonly (readonly [kernel: number, stride: number, dilation?: number])[]) => {
    let [width, stride] = [1, 1];
    for (const [kernel, by, dilation = 1] of layers) {
      width += (kernel - 1) * dilation * stride;
      stride *= by;
    }
    return { width, height: width, stride };
  };
  const three = [3, 1] as const;
  const half = [2, 2] as const;
  const toConv4 = [three, three, half, three, three, half, three, three, three, half, three, three, three] as const;
  const toFc7 = [...toConv4, half, three, three, three, three, [3, 1, 6]] as const;
  const down = [3, 2] as const;

  it('of SSD300 and SSD512 follow from kernels and strides: 92 at conv4_3, 420 at fc7', () => {
    const fields = receptiveFields(network('ssd300', 21));
    expect(fields.map(({ width, stride }) => [width, stride])).toEqual([
      [92, 8],
      [420, 16],
      [452, 32],
      [516, 64],
      [644, 64],
      [772, 64],
    ]);
    expect(fields[0]).toEqual(through(toConv4));
    expect(fields[1]).toEqual(through(toFc7));
    const large = receptiveFields(network('ssd512', 21));
    expect(large[6]).toEqual(through([...toFc7, down, down, down, down, [4, 1]]));
  });

  it('of RFBNet grow by the widest branch of each block', () => {
    const fields = receptiveFields(network('rfbnet300', 21));
    expect(fields[0]).toEqual(through([...toConv4, three, [3, 1, 5]]));
    expect(fields[1]).toEqual(through([...toFc7, three, three, [3, 1, 5]]));
    expect(fields[2]).toEqual(through([...toFc7, three, three, [3, 1, 5], three, down, [3, 1, 5]]));
    // RFBNet-E's first source sees fc7 and, for its bilinear resize, one cell more.
    const enriched = receptiveFields(network('rfbnet300-e', 21));
    const fc7 = through(toFc7);
    expect(enriched[0]).toEqual({ width: 564, height: 564, stride: 8 });
    expect(enriched[0].width).toBe(fc7.width + fc7.stride + 8 * (2 + 2 * 7));
  });
});

describe('RFBNet with two branches', () => {
  it('has the shapes of files from before 2018-08-05 (SPEC.md 13.2)', () => {
    const shapes = (branches: 2 | 3) =>
      new Map(
        parameters(network('rfbnet300', 21, { rfbBranches: branches })).map(({ name, shape }) => [name, shape.join()]),
      );
    const [old, today] = [shapes(2), shapes(3)];
    expect([...old.keys()].filter((name) => /^extras\.[012]\.branch2/.test(name))).toEqual([]);
    expect(old.get('extras.0.ConvLinear.conv.weight')).toBe('1024,512,1,1');
    const first = [...today].filter(([name]) => name.startsWith('extras.1.branch1.'));
    expect(first.map(([name, shape]) => [name.replace('branch1', 'branch0'), shape])).toEqual(
      [...old].filter(([name]) => name.startsWith('extras.1.branch0.')),
    );
    expect([...old].filter(([name]) => name.startsWith('Norm.'))).toEqual(
      [...today].filter(([name]) => name.startsWith('Norm.')),
    );
    const dilations = network('rfbnet300', 21, { rfbBranches: 2 }).layers.flatMap((layer) =>
      layer.op === 'convolution' && /^extras\.0\.branch\d\..*conv$/.test(layer.name) && layer.dilation > 1
        ? [layer.dilation]
        : [],
    );
    expect(dilations).toEqual([3, 5]);
  });

  it('is refused where there never were any', () => {
    expect(() => network('rfbnet512-e', 21, { rfbBranches: 2 })).toThrow(/only RFBNet300 and RFBNet512/);
    expect(() => network('ssd300', 21, { rfbBranches: 2 })).toThrow(RangeError);
  });
});

describe('choices', () => {
  it('may have another input size, with maps that follow and every layer of one size', () => {
    for (const { id, input } of ARCHITECTURES) {
      for (const [w, h] of [
        [1, 1],
        [1.33, 1.33],
        [1.5, 1.1],
      ]) {
        const size = { width: Math.round(input.width * w), height: Math.round(input.height * h) };
        expect(inputProblem({ ...defaultChoice(id), input: size }), id).toBeNull();
        const built = network(id, 5, { input: size });
        expect(built.input).toEqual(size);
        expect(countBoxes(built)).toBeGreaterThanOrEqual(countBoxes(network(id, 5)));
      }
    }
  });

  it('scale every width of the VGG family to a multiple of 8, and nothing else', () => {
    for (const { id, scalable } of ARCHITECTURES) {
      if (!scalable) {
        expect(() => network(id, 5, { widthMultiplier: 0.5 })).toThrow(/no width multiplier/);
        continue;
      }
      const narrow = network(id, 5, { widthMultiplier: 0.3 });
      const heads = new Set(narrow.sources.flatMap((source) => [source.localisation, source.confidence]));
      const shapes = inferShapes(narrow);
      for (const layer of narrow.layers) {
        if (layer.op === 'convolution' && !heads.has(layer.name)) expect(shapes.get(layer.name)!.channels % 8).toBe(0);
      }
    }
  });

  it('add batch norm to every convolution of a VGG-16 base and of SSD’s extra layers, and to no other network', () => {
    for (const { id, scalable } of ARCHITECTURES) {
      if (!scalable) {
        expect(() => network(id, 5, { batchNorm: true })).toThrow(/not on VGG-16/);
        continue;
      }
      const [plain, normed] = [network(id, 5), network(id, 5, { batchNorm: true })];
      const read = new Map(normed.layers.map((layer) => [layer.op === 'batchNorm' && layer.input, layer]));
      const convolutions = normed.layers.filter(({ op, name }) => op === 'convolution' && !/^(loc|conf)/.test(name));
      expect(convolutions.length, id).toBeGreaterThan(22);
      for (const { name } of convolutions) expect(read.has(name), name).toBe(true);
      const others = (layers: typeof plain.layers) =>
        layers.filter(({ op }) => op !== 'batchNorm').map((each) => each.name);
      expect(others(normed.layers)).toEqual(others(plain.layers));
    }
  });

  it('carry the pixels that weights expect', () => {
    const preprocessing = { channelOrder: 'bgr', mean: [1, 2, 3], std: [4, 5, 6] } as const;
    expect(network('ssd300', 2, { preprocessing }).preprocessing).toBe(preprocessing);
    expect(network('rfbnet-mobile', 2).preprocessing).toMatchObject({
      channelOrder: 'bgr',
      mean: [103.94, 116.78, 123.68],
    });
    expect(network('ssdlite320', 2).preprocessing).toMatchObject({ channelOrder: 'rgb', std: [127.5, 127.5, 127.5] });
  });
});
