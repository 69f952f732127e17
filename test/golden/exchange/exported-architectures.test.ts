/** Every architecture, written as ONNX and as a TensorFlow.js graph model and reopened there, computes what the studio computes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forFreshWeights } from '@core/experiment/suggest';
import type { NetworkChoice } from '@core/network/description';
import { sourceMaps } from '@core/network/shapes';
import { ARCHITECTURES, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { CAFFE_RULES } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { BOX_TOLERANCE, SCORE_TOLERANCE } from '../../../src-main/exchange/detector-output';
import type { DetectorToExport } from '../../../src-main/exchange/detector';
import { predictWithStudio } from '../../../src-main/exchange/export-graph';
import { OnnxDetector } from '../../../src-main/exchange/onnx-runtime';
import { writeOnnx } from '../../../src-main/exchange/onnx-writer';
import { toPlanes } from '../../../src-main/exchange/onnx-detect';
import { TfjsDetector } from '../../../src-main/exchange/tfjs-runtime';
import { writeTfjs } from '../../../src-main/exchange/tfjs-writer';
import { largestDifference, recordFidelity } from '../../support/fidelity';
import { livelyWeights, mildPixels } from '../../support/lively-network';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'exported-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const AS_PUBLISHED = ARCHITECTURES.map(({ id, name, scalable }) => ({
  name,
  choice: { ...defaultChoice(id), widthMultiplier: scalable ? 0.125 : 1 } as NetworkChoice,
}));
const FROM_NOTHING = AS_PUBLISHED.filter(({ choice: { architecture } }) =>
  /^(ssd300|rfbnet300)$/.test(architecture),
).map(({ name, choice }) => ({ name: `${name} with batch norm`, choice: forFreshWeights(choice) }));

describe.each([...AS_PUBLISHED, ...FROM_NOTHING])('$name', ({ name, choice }) => {
  it('computes the same in onnxruntime and in TensorFlow.js', async () => {
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

    for (const [source, answer] of [
      ['onnxruntime, from our ONNX', fromOnnx],
      ['tfjs-converter, from our graph model', fromTfjs],
    ] as const) {
      const compared = { table: 'Exports', subject: name, source } as const;
      const largest = (part: 'boxes' | 'scores') => ({
        reference: answer[part][0],
        ours: own[part][0],
        largestDifference: largestDifference(own[part], answer[part]),
      });
      recordFidelity({ ...compared, ...largest('boxes'), what: 'boxes (the first)', tolerance: BOX_TOLERANCE });
      recordFidelity({
        ...compared,
        ...largest('scores'),
        what: 'class scores (the first)',
        tolerance: SCORE_TOLERANCE,
      });
    }
  });
});
