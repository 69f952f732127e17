/** What the parameters of a new network begin with. */
import type { ConvolutionLayer, Layer } from '@core/network/description';
import type { ParameterEntry, ParameterTable } from './executor-parameters';
import { createGenerator } from './executor-random';

type Numbers = { uniform(): number; normal(): number };

/**
 * Drawn from `seed`: convolutions by their initializer, batch norms 1 and 0, L2 scales as described, biases 0 but for the background's
 * in the class predictors: they begin with the share of background among what the loss counts, three of four, as in Lin et al. 2017
 * (section 4.1). Otherwise the first steps learn little but this share, with gradients that leave many units of the predictors dead.
 */
export function freshValues({ entries, total, description }: ParameterTable, seed: number): Float32Array {
  const layers = new Map(description.layers.map((layer) => [layer.name, layer]));
  const random = createGenerator(seed);
  const values = new Float32Array(total);
  for (const entry of entries) {
    const own = values.subarray(entry.offset, entry.offset + entry.size);
    initialise(own, entry, layers.get(entry.parameter.layer)!, random);
  }
  const { classes, sources } = description;
  const predictors = new Set(sources.map(({ confidence }) => `${confidence}.bias`));
  for (const { offset, size, parameter } of entries) {
    if (!predictors.has(parameter.name)) continue;
    for (let i = 0; i < size; i += classes) values[offset + i] = Math.log(NEGATIVES_PER_POSITIVE * (classes - 1));
  }
  return values;
}

/** Of hard negatives in the loss, as all references have it. */
const NEGATIVES_PER_POSITIVE = 3;

function initialise(values: Float32Array, { parameter }: ParameterEntry, layer: Layer, random: Numbers): void {
  switch (parameter.kind) {
    case 'kernel': {
      const draw = kernelInitializer(layer as ConvolutionLayer, parameter.shape, random);
      for (let i = 0; i < values.length; i++) values[i] = draw();
      return;
    }
    case 'scale':
      values.fill(layer.op === 'l2Norm' ? layer.initialScale : 1);
      return;
    case 'batchNorm':
      values.fill(parameter.name.endsWith('.weight') ? 1 : 0);
      return;
    case 'runningVariance':
      values.fill(1);
      return;
    case 'bias':
    case 'runningMean':
      values.fill(0);
  }
}

/** Glorot and Bengio 2010; He et al. 2015 with fan-in; SSDLite's N(0, .03); RetinaNet's N(0, .01). */
function kernelInitializer(
  { initializer }: ConvolutionLayer,
  [out, input, height, width]: readonly number[],
  random: Numbers,
): () => number {
  const fanIn = input * height * width;
  switch (initializer) {
    case 'xavierUniform': {
      const limit = Math.sqrt(6 / (fanIn + out * height * width));
      return () => limit * (2 * random.uniform() - 1);
    }
    case 'kaimingNormal':
      return () => Math.sqrt(2 / fanIn) * random.normal();
    case 'normal03':
      return () => 0.03 * random.normal();
    case 'normal01':
      return () => 0.01 * random.normal();
  }
}
