import { afterEach, beforeEach, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@core/network/description';
import { inferShapes } from '@core/network/shapes';
import { architecture, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { type Engine, openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { isReady } from '../../support/engines-available';
import { describeGolden, type GoldenReference } from '../../support/golden-files';
import {
  compareWithSummary,
  type GoldenForward,
  goldenInput,
  goldenWeights,
  type Summary,
} from '../../support/golden-network';
import { readJson } from '../../support/shared';

function networkOf({ input, conf }: GoldenForward, { architecture: id }: GoldenReference): NetworkDescription {
  const choice = { ...defaultChoice(id), input: { width: input.shape[3], height: input.shape[2] } };
  return buildNetwork(choice, conf.shape[2], presetDefaultBoxes(choice).sources.map(boxesPerCell));
}

/** The same network, its feature maps for predictions: each is read as the offsets of channels / 4 boxes per cell. */
function withFeaturesAsOutputs(network: NetworkDescription): NetworkDescription {
  const shapes = inferShapes(network);
  const sources = network.sources.map(({ feature }) => ({
    feature,
    localisation: feature,
    confidence: feature,
    boxesPerCell: shapes.get(feature)!.channels / 4,
  }));
  return { ...network, classes: 4, sources };
}

/** The feature maps that predict, NCHW as the reference lays them out. */
function features(model: Model, images: Tensor4D): Float32Array[] {
  const shapes = inferShapes(model.description);
  return tf
    .tidy(() => {
      const all = model.predict(images).localisation;
      let start = 0;
      return model.description.sources.map(({ feature }) => {
        const { height, width, channels } = shapes.get(feature)!;
        const rows = (height * width * channels) / 4;
        const map = tf.slice(all, [0, start, 0], [images.shape[0], rows, 4]);
        start += rows;
        return tf.transpose(tf.reshape(map, [images.shape[0], height, width, channels]), [0, 3, 1, 2]);
      });
    })
    .map((map) => {
      const values = map.dataSync() as Float32Array;
      map.dispose();
      return values;
    });
}

describeGolden('forward', 'a network against its reference', (path, reference) => {
  let engine: Engine;
  let tensors: number;
  beforeEach(async () => {
    if (!isReady('tensorflow')) return;
    engine = await openEngine('tensorflow');
    tensors = tf.memory().numTensors;
  });
  afterEach(() => {
    if (isReady('tensorflow')) expect(tf.memory().numTensors, 'tensors left').toBe(tensors);
  });
  const compared = (golden: GoldenForward, what: string) => ({
    table: 'Forward passes' as const,
    subject: `${architecture(reference.architecture).name}, ${golden.conf.shape[2]} classes`,
    source: reference.source,
    engine,
    what,
  });

  it.skipIf(!isReady('tensorflow'))(
    'predicts the same offsets and class scores, and sees the same feature maps where the file gives them',
    () => {
      const golden = readJson<GoldenForward & { readonly sources?: readonly Summary[] }>(path);
      const network = networkOf(golden, reference);
      const model = new Model(engine, network, {
        weights: goldenWeights(network, golden.seed, reference.nameInReference),
      });
      const input = goldenInput(golden);
      const { localisation, confidence } = model.predict(input);
      compareWithSummary(compared(golden, 'offsets'), localisation.dataSync() as Float32Array, golden.loc);
      compareWithSummary(compared(golden, 'class scores'), confidence.dataSync() as Float32Array, golden.conf);
      tf.dispose([localisation, confidence]);
      model.dispose();
      if (golden.sources) compareFeatures(golden, golden.sources, network, input);
      input.dispose();
    },
  );

  function compareFeatures(
    golden: GoldenForward,
    expected: readonly Summary[],
    network: NetworkDescription,
    input: Tensor4D,
  ): void {
    const weights = goldenWeights(network, golden.seed, reference.nameInReference);
    const model = new Model(engine, withFeaturesAsOutputs(network), { weights });
    const maps = features(model, input);
    model.dispose();
    expect(maps.length).toBe(expected.length);
    maps.forEach((map, k) => compareWithSummary(compared(golden, `feature map ${k + 1}`), map, expected[k]));
  }
});
