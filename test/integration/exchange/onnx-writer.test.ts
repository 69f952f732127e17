/** Third-party weights through our network description and ONNX writer give the third party's own outputs. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parameters } from '@core/network/parameters';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { CAFFE_RULES } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { onnxType } from '../../../src-main/exchange/onnx-graph';
import type { NamedTensor } from '../../../src-main/engine/executor-parameters';
import { OnnxDetector } from '../../../src-main/exchange/onnx-runtime';
import { writeOnnx } from '../../../src-main/exchange/onnx-writer';

const faces = resolve(process.env.SHARED_DIR ?? '../shared', 'data/rfb320-face');

/** Initialisers of a foreign ONNX file by their names, which are PyTorch's. */
function readInitializers(file: string): Map<string, NamedTensor> {
  const type = onnxType('ModelProto');
  const model = type.toObject(type.decode(readFileSync(file)), { longs: Number }) as {
    graph: { initializer: { name: string; dims?: number[]; raw_data?: Uint8Array; float_data?: number[] }[] };
  };
  return new Map(
    model.graph.initializer.map(({ name, dims = [], raw_data, float_data }) => {
      const values = raw_data?.length
        ? new Float32Array(new Uint8Array(raw_data).buffer)
        : Float32Array.from(float_data ?? []);
      return [name, { name, shape: dims, values }];
    }),
  );
}

function float32(file: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(file)).buffer);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe.each(['rfb320', 'slim320'] as const)('ONNX of %s', (architecture) => {
  const name = architecture === 'rfb320' ? 'RFB-320' : 'slim-320';
  const file = resolve(faces, `models/onnx/version-${name}.onnx`);

  it.skipIf(!existsSync(file))('equals the reference outputs for the reference weights', async () => {
    const choice = defaultChoice(architecture);
    const configuration = presetDefaultBoxes(choice);
    const network = buildNetwork(choice, 2, configuration.sources.map(boxesPerCell));
    const stored = readInitializers(file);
    const weights = new Map(parameters(network).map((p) => [p.name, { ...stored.get(p.name)!, shape: p.shape }]));
    for (const p of parameters(network)) expect(stored.has(p.name), p.name).toBe(true);

    const bytes = writeOnnx({
      network,
      weights,
      configuration,
      defaultBoxes: generateDefaultBoxes(configuration, choice.input, sourceMaps(network)).centers,
      classNames: ['face'],
      detection: CAFFE_RULES,
      version: 'test',
    });
    const detector = await OnnxDetector.open(bytes);
    // The reference input is the preprocessed picture; ours takes pixels, x * 128 + 127.
    const pixels = Float32Array.from({ length: 3 * 240 * 320 }, (_, i) => {
      const x = Math.fround((((i * 2654435761) >>> 0) % 2001) / 1000 - 1);
      return x * 128 + 127;
    });
    const output = await detector.run(pixels, 1, 240, 320);
    await detector.close();

    expect(output.scores.length).toBe(4420 * 2);
    const reference = (part: string): Float32Array =>
      float32(resolve(faces, `reference_outputs/version-${name}.${part}.f32`));
    expect(largestDifference(output.scores, reference('scores'))).toBeLessThan(1e-4);
    expect(largestDifference(output.boxes, reference('boxes'))).toBeLessThan(1e-4);
  });
});
