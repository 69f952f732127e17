/** Every kind and geometry of layer as ONNX; the architectures are in exported-architectures.test.ts. */
import { describe, expect, it } from 'vitest';
import { decodeBoxes } from '@core/priors/coder';
import { CAFFE_RULES } from '@core/priors/detections';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { predictRaw } from '../../../src-main/engine/executor-prediction';
import { toPlanes } from '../../../src-main/exchange/onnx-detect';
import { OnnxDetector } from '../../../src-main/exchange/onnx-runtime';
import { writeOnnx } from '../../../src-main/exchange/onnx-writer';
import { isReady } from '../../support/engines-available';
import { goldenWeights } from '../../support/golden-network';
import { goldenTensor } from '../../support/golden-random';
import { largestDifference } from '../../support/fidelity';
import { everyLayer } from '../../support/networks';

const VARIANCES = [0.1, 0.2] as const;

describe.skipIf(!isReady('tensorflow'))('ONNX', () => {
  it('one of every layer: boxes and scores in onnxruntime are ours', async () => {
    const described = everyLayer();
    // Without batch norms the outputs are as large as the input: of the size of 1, that boxes stay within the picture's reach.
    const preprocessing = { ...described.preprocessing, std: [60, 61, 62] as const };
    const network = { ...described, preprocessing };
    const named = goldenWeights(network, 0);
    const model = new Model(await openEngine('tensorflow'), network, { weights: named });
    const centers = goldenTensor('default boxes', model.boxes * 4, 0.1, 0.9);
    const bytes = writeOnnx({
      network,
      weights: new Map(named.map((weight) => [weight.name, weight])),
      configuration: { sources: [], clip: 'none', offset: 0.5, variances: VARIANCES },
      defaultBoxes: centers,
      classNames: ['one', 'two'],
      detection: CAFFE_RULES,
      version: 'test',
    });
    const { width, height } = network.input;
    const pixels = goldenTensor('pixels', 2 * height * width * 3, 0, 255);
    const { channelOrder, mean, std } = network.preprocessing;
    const preprocessed = pixels.map((_, i) => {
      const c = i % 3;
      return (pixels[channelOrder === 'rgb' ? i : i - c + (2 - c)] - mean[c]) / std[c];
    });
    const { scores, offsets } = await predictRaw(model, preprocessed);
    model.dispose();

    const detector = await OnnxDetector.open(bytes);
    const picture = (i: number) =>
      toPlanes(pixels.subarray(i * (pixels.length / 2), (i + 1) * (pixels.length / 2)), network.input);
    const planes = Float32Array.from([...picture(0), ...picture(1)]);
    const exported = await detector.run(planes, 2, height, width);
    await detector.close();
    expect(largestDifference(exported.scores, scores)).toBeLessThan(1e-3);
    for (let i = 0; i < 2; i++) {
      const [from, to] = [i * centers.length, (i + 1) * centers.length];
      const boxes = decodeBoxes(offsets.subarray(from, to), centers, VARIANCES, new Float32Array(centers.length));
      expect(largestDifference(exported.boxes.subarray(from, to), boxes)).toBeLessThan(1e-3);
    }
  });
});
