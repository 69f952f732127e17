import { expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { ArchitectureId } from '@core/network/description';
import { flops } from '@core/network/cost';
import { countParameters } from '@core/network/parameters';
import { sourceMaps } from '@core/network/shapes';
import { architecture, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { generateDefaultBoxes } from '@core/priors/generate';
import { publishedDefaultBoxes } from '@core/priors/presets';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { isReady } from '../../support/engines-available';
import {
  compareWithSummary,
  type GoldenForward,
  goldenInput,
  goldenWeights,
  type Summary,
} from '../../support/golden-network';
import { describeWithPython, runPython } from '../../support/python';
import { torchvisionName } from '../../support/torchvision-names';

interface Reference extends GoldenForward {
  readonly boxesPixelsCorner: Summary;
  readonly version: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

const CASES: readonly { id: ArchitectureId; model: string; nameThere: (name: string) => string }[] = [
  { id: 'ssdlite320', model: 'ssdlite320_mobilenet_v3_large', nameThere: (name) => name },
  { id: 'ssd300', model: 'ssd300_vgg16', nameThere: torchvisionName },
];

describeWithPython("torchvision's detectors, run beside ours", ['torch', 'torchvision', 'numpy'], () => {
  it.each(CASES)('$model: outputs, default boxes, parameters, cost', async ({ id, model, nameThere }) => {
    const seed = 7;
    const classes = 91;
    const reference = runPython<Reference>('torchvision_detector.py', { model, classes, seed, batch: 2 });
    const { name } = architecture(id);
    const choice = defaultChoice(id);
    const boxes = { ...publishedDefaultBoxes(choice, { dataset: 'coco' }), clip: 'size' } as const;
    const network = buildNetwork(choice, classes, boxes.sources.map(boxesPerCell));
    expect(countParameters(network)).toBe(reference.parameters);
    expect(flops(network)).toBe(2 * reference.multiplyAdds);

    const compared = { subject: `${name}, ${classes} classes`, source: `torchvision ${reference.version}` };
    const { corners } = generateDefaultBoxes(boxes, choice.input, sourceMaps(network));
    const pixels = corners.map((value, i) => value * (i % 2 === 0 ? choice.input.width : choice.input.height));
    const inPixels = { ...compared, table: 'Default boxes', what: 'corners in pixels' } as const;
    compareWithSummary(inPixels, pixels, reference.boxesPixelsCorner, { samples: 1e-3, sums: 1e-6 });
    if (!isReady('tensorflow')) return;

    const engine = await openEngine('tensorflow');
    const before = tf.memory().numTensors;
    const ours = new Model(engine, network, { weights: goldenWeights(network, seed, nameThere) });
    const input = goldenInput(reference);
    const { localisation, confidence } = ours.predict(input);
    const forward = { ...compared, table: 'Forward passes', engine } as const;
    compareWithSummary({ ...forward, what: 'offsets' }, localisation.dataSync() as Float32Array, reference.loc);
    compareWithSummary({ ...forward, what: 'class scores' }, confidence.dataSync() as Float32Array, reference.conf);
    tf.dispose([localisation, confidence, input]);
    ours.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
