import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { ArchitectureId } from '@core/network/description';
import { architecture, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { isReady } from '../../support/engines-available';
import { compareWithSummary, type GoldenForward, goldenInput, goldenWeights } from '../../support/golden-network';
import { describeWith, GOLDEN_DIR, readJson } from '../../support/shared';

const CASES: readonly (readonly [ArchitectureId, string])[] = [
  ['rfbnet300', 'rfb-vgg-300-forward.json'],
  ['rfbnet512', 'rfb-vgg-512-forward.json'],
  ['rfbnet300-e', 'rfb-e-vgg-300-forward.json'],
  ['rfbnet512-e', 'rfb-e-vgg-512-forward.json'],
  ['rfbnet-mobile', 'rfb-mobile-300-forward.json'],
];

for (const [id, file] of CASES) {
  const { name } = architecture(id);
  const path = join(GOLDEN_DIR, file);
  describeWith(`${name} against RFBNet`, [path], () => {
    it.skipIf(!isReady('tensorflow'))('predicts the same offsets and class scores, and leaves no tensor', async () => {
      const golden = readJson<GoldenForward>(path);
      const [, , height, width] = golden.input.shape;
      const classes = golden.conf.shape[2];
      const choice = { ...defaultChoice(id), input: { width, height } };
      const network = buildNetwork(choice, classes, presetDefaultBoxes(choice).sources.map(boxesPerCell));
      const engine = await openEngine('tensorflow');
      const before = tf.memory().numTensors;
      const model = new Model(engine, network, { weights: goldenWeights(network, golden.seed) });
      const input = goldenInput(golden);
      const { localisation, confidence } = model.predict(input);
      const compared = {
        table: 'Forward passes',
        subject: `${name}, ${classes} classes`,
        source: 'RFBNet 88d5850',
        engine,
      } as const;
      compareWithSummary({ ...compared, what: 'offsets' }, localisation.dataSync() as Float32Array, golden.loc);
      compareWithSummary({ ...compared, what: 'class scores' }, confidence.dataSync() as Float32Array, golden.conf);
      tf.dispose([localisation, confidence, input]);
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}
