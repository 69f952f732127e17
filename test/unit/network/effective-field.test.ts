import { describe, expect, it } from 'vitest';
import { branchFields } from '@core/network/branch-fields';
import type { Layer, NetworkDescription } from '@core/network/description';
import { effectiveFields } from '@core/network/effective-field';
import { receptiveFields } from '@core/network/cost';
import { inferShapes } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';

const CHANNELS = 4;
const SIDE = 47;

const convolution = (name: string, input: string, change: Partial<Layer & { op: 'convolution' }> = {}): Layer => ({
  op: 'convolution',
  name,
  input,
  filters: CHANNELS,
  kernel: [3, 3],
  stride: 1,
  padding: [1, 1],
  dilation: 1,
  depthwise: false,
  bias: false,
  initializer: 'kaimingNormal',
  ...change,
});

function network(layers: readonly Layer[]): NetworkDescription {
  const feature = layers[layers.length - 1].name;
  return {
    architecture: 'rfb320',
    input: { width: SIDE, height: SIDE },
    classes: 2,
    preprocessing: { channelOrder: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] },
    layers,
    sources: [{ feature, localisation: feature, confidence: feature, boxesPerCell: 1 }],
  };
}

/** A reproducible normal number. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * The squared gradient of the middle cell of the last layer by each input pixel, added over channels and many draws of the weights:
 * every layer's own backward pass, written out, with nothing of the theory in it. A maximum passes its gradient to a random input.
 */
function measured(description: NetworkDescription, draws: number) {
  const shapes = inferShapes(description);
  const random = normals(7);
  const last = description.layers[description.layers.length - 1].name;
  const middle = Math.floor(shapes.get(last)!.width / 2);
  const total = new Float64Array(SIDE * SIDE);
  for (let draw = 0; draw < draws; draw++) {
    const gradients = new Map<string, Float64Array>();
    const of = (name: string) => {
      const { width, height, channels } = shapes.get(name)!;
      const known = gradients.get(name) ?? new Float64Array(width * height * channels);
      gradients.set(name, known);
      return known;
    };
    const end = shapes.get(last)!;
    of(last)[(middle * end.width + middle) * end.channels + (draw % end.channels)] = 1;
    for (const layer of [...description.layers].reverse()) back(layer);
    const input = of('input');
    for (let i = 0; i < total.length; i++) for (let c = 0; c < 3; c++) total[i] += input[3 * i + c] ** 2;

    function back(layer: Layer) {
      const out = shapes.get(layer.name)!;
      const gradient = of(layer.name);
      if (layer.op === 'concat') {
        let from = 0;
        for (const name of layer.inputs) {
          const { channels } = shapes.get(name)!;
          const into = of(name);
          for (let i = 0; i < out.width * out.height; i++)
            for (let c = 0; c < channels; c++) into[i * channels + c] += gradient[i * out.channels + from + c];
          from += channels;
        }
        return;
      }
      if (layer.op === 'scaledAdd') {
        layer.inputs.forEach((name, at) => {
          const into = of(name);
          gradient.forEach((value, i) => (into[i] += value * (at === 0 ? layer.scale : 1)));
        });
        return;
      }
      if (layer.op !== 'convolution' && layer.op !== 'maxPool') throw new Error(`not written out: ${layer.op}`);
      const into = of(layer.input);
      const { width, height, channels } = shapes.get(layer.input)!;
      const pool = layer.op === 'maxPool';
      const [kernelY, kernelX] = pool ? [layer.kernel, layer.kernel] : layer.kernel;
      const [padY, padX] = pool ? [layer.padding, layer.padding] : layer.padding;
      const dilation = pool ? 1 : layer.dilation;
      const scale = 1 / Math.sqrt(kernelX * kernelY * channels);
      const weights = Float64Array.from(
        { length: kernelX * kernelY * channels * out.channels },
        () => random() * scale,
      );
      for (let y = 0; y < out.height; y++) {
        for (let x = 0; x < out.width; x++) {
          for (let f = 0; f < out.channels; f++) {
            const value = gradient[(y * out.width + x) * out.channels + f];
            if (value === 0) continue;
            const picked = pool ? Math.floor(Math.abs(random()) * 1e6) % (kernelX * kernelY) : -1;
            for (let ky = 0; ky < kernelY; ky++) {
              for (let kx = 0; kx < kernelX; kx++) {
                const [py, px] = [y * layer.stride - padY + ky * dilation, x * layer.stride - padX + kx * dilation];
                if (py < 0 || px < 0 || py >= height || px >= width) continue;
                if (pool) {
                  if (ky * kernelX + kx === picked) into[(py * width + px) * channels + f] += value;
                  continue;
                }
                for (let c = 0; c < channels; c++)
                  into[(py * width + px) * channels + c] +=
                    value * weights[((ky * kernelX + kx) * channels + c) * out.channels + f];
              }
            }
          }
        }
      }
    }
  }
  const sum = total.reduce((a, b) => a + b, 0);
  const moment = (of: (i: number) => number) => total.reduce((all, value, i) => all + value * of(i), 0) / sum;
  const x = (i: number) => (i % SIDE) + 0.5;
  const y = (i: number) => Math.floor(i / SIDE) + 0.5;
  const [meanX, meanY] = [moment(x), moment(y)];
  return {
    middle,
    meanX,
    meanY,
    sigmaX: Math.sqrt(moment((i) => (x(i) - meanX) ** 2)),
    sigmaY: Math.sqrt(moment((i) => (y(i) - meanY) ** 2)),
  };
}

const NETWORKS: readonly [string, readonly Layer[]][] = [
  [
    'a chain with strides, a pool and dilation',
    [
      convolution('a', 'input'),
      { op: 'maxPool', name: 'p', input: 'a', kernel: 2, stride: 2, padding: 0, ceil: true },
      convolution('b', 'p', { kernel: [3, 5], padding: [1, 2] }),
      convolution('c', 'b', { stride: 2, padding: [0, 0] }),
      convolution('d', 'c', { dilation: 2, padding: [2, 2] }),
    ],
  ],
  [
    'branches of different width, joined and added to a shortcut',
    [
      convolution('in', 'input'),
      convolution('a', 'in', { filters: 2 }),
      convolution('b0', 'in', { filters: 6, kernel: [1, 3], padding: [0, 1] }),
      convolution('b', 'b0', { filters: 6, dilation: 5, padding: [5, 5] }),
      { op: 'concat', name: 'cat', inputs: ['a', 'b'] },
      convolution('join', 'cat', { kernel: [1, 1], padding: [0, 0] }),
      convolution('short', 'in', { kernel: [1, 1], padding: [0, 0] }),
      { op: 'scaledAdd', name: 'add', inputs: ['join', 'short'], scale: 1 },
    ],
  ],
];

describe('the effective receptive field', () => {
  it.each(NETWORKS)('is where the gradients of random linear networks lie: %s', (_, layers) => {
    const description = network(layers);
    const [field] = effectiveFields(description);
    const seen = measured(description, 400);
    expect(field.sigmaX / seen.sigmaX).toBeCloseTo(1, 1);
    expect(field.sigmaY / seen.sigmaY).toBeCloseTo(1, 1);
    expect(Math.abs(field.startX + seen.middle * field.strideX - seen.meanX)).toBeLessThan(0.35);
    expect(Math.abs(field.startY + seen.middle * field.strideY - seen.meanY)).toBeLessThan(0.35);
  });

  it('grows by the variance of a box per layer, as the paper derives', () => {
    const chain = Array.from({ length: 10 }, (_, i) => convolution(`c${i}`, i === 0 ? 'input' : `c${i - 1}`));
    const [field] = effectiveFields(network(chain));
    expect(field.sigmaX).toBeCloseTo(Math.sqrt(10 * (8 / 12)), 12);
  });

  it('stays within the theoretical field, and centres on the cells of SSD300', () => {
    const choice = defaultChoice('ssd300');
    const description = buildNetwork(choice, 2, presetDefaultBoxes(choice).sources.map(boxesPerCell));
    const fields = effectiveFields(description);
    receptiveFields(description).forEach(({ width, stride }, k) => {
      expect(4 * fields[k].sigmaX).toBeLessThan(width);
      expect(fields[k].strideX).toBe(stride);
    });
    expect(fields[0].startX).toBe(4);
  });
});

describe('the branches of a receptive field block', () => {
  const branches = (id: 'rfb320' | 'rfbnet300' | 'ssd300') => {
    const choice = defaultChoice(id);
    return branchFields(buildNetwork(choice, 2, presetDefaultBoxes(choice).sources.map(boxesPerCell)));
  };

  it('are those of RFBNet300: RFB-s on conv4_3, BasicRFB behind, none on its last maps', () => {
    const of = branches('rfbnet300');
    expect(of.map((each) => each.length)).toEqual([4, 3, 3, 3, 0, 0]);
    expect(of[0].map(({ kernels }) => kernels.map((k) => `${k.width}x${k.height} d${k.dilation}`))).toEqual([
      ['3x3 d1'],
      ['1x3 d1', '3x3 d3'],
      ['3x1 d1', '3x3 d3'],
      ['3x1 d1', '1x3 d1', '3x3 d5'],
    ]);
    // conv4_3 sees 92 pixels, every 8: 3 wide with dilation d adds 16 d.
    expect(of[0].map(({ field }) => [field.width, field.height])).toEqual([
      [108, 108],
      [140, 156],
      [156, 140],
      [188, 188],
    ]);
  });

  it('are that of RFB-320 on its first map, and none of SSD', () => {
    expect(branches('rfb320').map((each) => each.length)).toEqual([3, 0, 0, 0]);
    expect(branches('ssd300').every((each) => each.length === 0)).toBe(true);
  });
});
