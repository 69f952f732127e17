/** Every architecture, written as ONNX and as a TensorFlow.js graph model and reopened there, computes what the studio computes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkChoice, NetworkDescription } from '@core/network/description';
import { sourceMaps } from '@core/network/shapes';
import { ARCHITECTURES, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { CAFFE_RULES } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { type NamedTensor, ParameterStore } from '../../../src-main/engine/executor-parameters';
import { compareOutputs } from '../../../src-main/exchange/detector-output';
import type { DetectorToExport } from '../../../src-main/exchange/detector';
import { predictWithStudio } from '../../../src-main/exchange/export-graph';
import { OnnxDetector } from '../../../src-main/exchange/onnx-runtime';
import { writeOnnx } from '../../../src-main/exchange/onnx-writer';
import { toPlanes } from '../../../src-main/exchange/onnx-detect';
import { TfjsDetector } from '../../../src-main/exchange/tfjs-runtime';
import { writeTfjs } from '../../../src-main/exchange/tfjs-writer';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'exported-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(ARCHITECTURES)('$name', ({ id, scalable }) => {
  it('computes the same in onnxruntime and in TensorFlow.js', async () => {
    const choice: NetworkChoice = { ...defaultChoice(id), widthMultiplier: scalable ? 0.125 : 1 };
    const configuration = presetDefaultBoxes(choice);
    const network = buildNetwork(choice, 4, configuration.sources.map(boxesPerCell));
    const { width, height } = network.input;
    const defaultBoxes = generateDefaultBoxes(configuration, choice.input, sourceMaps(network)).centers;
    const weights = livelyWeights(network);
    const detector: DetectorToExport = {
      network,
      weights: new Map(weights.map((weight) => [weight.name, weight])),
      configuration,
      defaultBoxes,
      classNames: ['a', 'b', 'c'],
      detection: CAFFE_RULES,
      version: 'test',
    };
    const pixels = mildPixels(network);

    const own = await predictWithStudio(detector, pixels);
    const background = own.scores.filter((_, i) => i % 4 === 0).sort();
    expect(background.at(-1)! - background[0]).toBeGreaterThan(0.01);

    const onnx = await OnnxDetector.open(writeOnnx(detector));
    const fromOnnx = await onnx.run(toPlanes(pixels, network.input), 1, height, width);
    await onnx.close();
    for (const { name, bytes } of writeTfjs(detector)) await writeFile(join(folder, name), bytes);
    const tfjs = await TfjsDetector.open(folder);
    const fromTfjs = await tfjs.run(pixels, 1, height, width);
    tfjs.close();

    expect(compareOutputs(own, fromOnnx)).toMatchObject({ passed: true });
    expect(compareOutputs(own, fromTfjs)).toMatchObject({ passed: true });
  });
});

/** Drawn from a seed; biases, scales and running statistics as no fresh network has them, so that a lost one shows. */
function livelyWeights(network: NetworkDescription): NamedTensor[] {
  return new ParameterStore(network, 1).read().map(({ name, shape, values }) => {
    if (shape.length > 1) return { name, shape, values };
    return { name, shape, values: values.map((value, i) => value + 0.2 * Math.sin(i + 1)) };
  });
}

/** Noise within two standard deviations of the mean: random weights make large numbers of anything louder. [H, W, 3], RGB. */
function mildPixels({ input, preprocessing: { mean, std, channelOrder } }: NetworkDescription): Float32Array {
  const noise = (i: number) => (((i * 2654435761) >>> 0) % 4001) / 1000 - 2;
  return Float32Array.from({ length: input.width * input.height * 3 }, (_, i) => {
    const c = channelOrder === 'rgb' ? i % 3 : 2 - (i % 3);
    return mean[c] + noise(i) * std[c];
  });
}
