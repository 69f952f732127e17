import { describe, expect, it } from 'vitest';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { HostParameters } from '../../../src-main/engine/executor-parameters-host';
import type { OptimiserOptions } from '../../../src-main/engine/optimiser';
import { HostOptimiser } from '../../../src-main/engine/optimiser-host';

const description = buildNetwork(defaultChoice('slim320'), 2, [3, 2, 2, 3]);
const KERNEL = 'classification_headers.3.weight';
const BIAS = 'classification_headers.3.bias';

/** A store whose every number is 1, its gradients all 0.5, and an optimiser. */
function start(options: OptimiserOptions) {
  const parameters = new HostParameters(description, 1);
  parameters.values.fill(1);
  const optimiser = new HostOptimiser(parameters, options);
  const value = (name: string) => parameters.values[parameters.entry(name).offset];
  const update = (learningRate: number, spoil = (gradients: Float32Array) => gradients) => {
    spoil(optimiser.gradients.values.fill(0.5));
    return optimiser.update(learningRate);
  };
  return { parameters, optimiser, value, update };
}

describe('stochastic gradient descent', () => {
  it('moves by the momentum of all gradients so far', () => {
    const { update, value } = start({ momentum: 0.9, weightDecay: 0 });
    update(0.1);
    expect(value(KERNEL)).toBeCloseTo(1 - 0.05, 6);
    update(0.1);
    expect(value(KERNEL)).toBeCloseTo(1 - 0.05 - 0.1 * (0.9 * 0.5 + 0.5), 6);
  });

  it('decays kernels and nothing else, unless told', () => {
    const { update, value } = start({ momentum: 0, weightDecay: 0.2 });
    update(0.1);
    expect(value(KERNEL)).toBeCloseTo(1 - 0.1 * 0.7, 6);
    expect(value(BIAS)).toBeCloseTo(1 - 0.05, 6);
    expect(value('base_net.0.1.weight')).toBeCloseTo(1 - 0.05, 6);
    const all = start({ momentum: 0, weightDecay: 0.2, decayBiases: true });
    all.update(0.1);
    expect(all.value(BIAS)).toBeCloseTo(1 - 0.1 * 0.7, 6);
  });

  it("gives biases twice the rate with Caffe's option", () => {
    const { update, value } = start({ momentum: 0, weightDecay: 0, biasLearningRate: 2 });
    update(0.1);
    expect(value(BIAS)).toBeCloseTo(0.9, 6);
    expect(value(KERNEL)).toBeCloseTo(0.95, 6);
  });

  it('shortens a gradient to the norm allowed and tells its own', () => {
    const { update, value, parameters } = start({ momentum: 0, weightDecay: 0, clipNorm: 1 });
    const norm = update(1);
    expect(norm).toBeCloseTo(0.5 * Math.sqrt(parameters.table.trainable), 3);
    expect(value(KERNEL)).toBeCloseTo(1 - 0.5 / norm, 6);
  });

  it('leaves weights and running statistics alone when a gradient is no number', () => {
    const { update, parameters } = start({ momentum: 0.9, weightDecay: 0.1 });
    expect(update(0.1, (gradients) => gradients.fill(Number.NaN, 5, 6))).toBeNaN();
    expect(parameters.values.every((value) => value === 1)).toBe(true);
  });

  it('goes on from a state read before', () => {
    const first = start({ momentum: 0.9, weightDecay: 0 });
    first.update(0.1);
    const second = start({ momentum: 0.9, weightDecay: 0 });
    second.optimiser.writeState(first.optimiser.readState());
    second.parameters.write(first.parameters.read());
    first.update(0.1);
    second.update(0.1);
    expect(second.parameters.values).toEqual(first.parameters.values);
    expect(() => second.optimiser.writeState([])).toThrow(RangeError);
  });
});

describe('fresh weights', () => {
  it('are the same for a seed and differ between seeds', () => {
    const values = (seed: number) => new HostParameters(description, seed).values;
    expect(values(4)).toEqual(values(4));
    expect(values(4)).not.toEqual(values(5));
  });

  const varianceOf = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0) / values.length;

  it('have the variance that Glorot and Bengio ask for in RFB-320, batch norms 1 and 0', () => {
    const store = new HostParameters(description, 4);
    const kernel = (name: string) => store.view(store.entry(`${name}.weight`));
    expect(varianceOf(kernel('base_net.12.3')) / (2 / (256 + 256))).toBeCloseTo(1, 1);
    // PyTorch counts 9 inputs and 256 * 9 outputs of a depthwise kernel.
    expect(varianceOf(kernel('base_net.12.0')) / (2 / (9 + 256 * 9))).toBeCloseTo(1, 1);
    expect([...kernel('base_net.12.4')].every((value) => value === 1)).toBe(true);
    expect([...store.view(store.entry('base_net.12.4.bias'))].every((value) => value === 0)).toBe(true);
    expect([...store.view(store.entry('regression_headers.0.0.bias'))].every((value) => value === 0)).toBe(true);
  });

  it('have the variance that He et al. ask for in depthwise kernels without batch norm', () => {
    const store = new HostParameters(description, 4);
    for (const name of ['extras.0.2.0', 'classification_headers.2.0', 'regression_headers.2.0']) {
      const ratio = varianceOf(store.view(store.entry(`${name}.weight`))) / (2 / 9);
      expect(Math.abs(ratio - 1), name).toBeLessThan(0.2);
    }
  });

  it('give background three quarters of each class predictor, and the rest to the classes alike', () => {
    const classes = 5;
    const network = buildNetwork(defaultChoice('slim320'), classes, [3, 2, 2, 3]);
    const store = new HostParameters(network, 4);
    network.sources.forEach(({ confidence, boxesPerCell }) => {
      const biases = [...store.view(store.entry(`${confidence}.bias`))];
      expect(biases).toHaveLength(classes * boxesPerCell);
      for (let box = 0; box < boxesPerCell; box++) {
        const scores = biases.slice(box * classes, (box + 1) * classes).map(Math.exp);
        const sum = scores.reduce((one, other) => one + other, 0);
        expect(scores[0] / sum).toBeCloseTo(0.75, 6);
        expect(new Set(scores.slice(1))).toEqual(new Set([1]));
      }
    });
  });

  it("have the variance that He et al. ask for in SSD300's VGG", () => {
    const choice = { ...defaultChoice('ssd300'), widthMultiplier: 0.25 };
    const store = new HostParameters(buildNetwork(choice, 3, [4, 6, 6, 6, 4, 4]), 4);
    const entry = store.table.entries.find(
      ({ parameter }) => parameter.kind === 'kernel' && parameter.shape[1] === 64,
    )!;
    expect(varianceOf(store.view(entry)) / (2 / (64 * 9))).toBeCloseTo(1, 1);
  });
});
