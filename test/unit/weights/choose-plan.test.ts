import { describe, expect, it } from 'vitest';
import { forFreshWeights } from '@core/experiment/suggest';
import { defaultChoice } from '@core/network/zoo';
import { presetDefaultBoxes } from '@core/priors/presets';
import { planDetector, planStart, type WeightsChoice } from '@core/weights/choose-plan';
import { fileTensor, ownFile, renamed } from '../../support/key-lists';

const choose = (tensors: ReturnType<typeof ownFile>, choice: WeightsChoice = {}) =>
  planDetector({ tensors, metadata: {} }, choice);

describe('the network of a file that nobody names', () => {
  it('is SSD512 for its weights, which would fit SSD500 as well', () => {
    const found = choose(ownFile('ssd512', 21));
    expect(found.network.architecture).toBe('ssd512');
    expect(found.layout).toBe('amdegroot');
    expect(found.fits).toEqual(expect.arrayContaining(['ssd500', 'ssd512']));
    expect(found.problems).toEqual([]);
  });

  it('is the smaller RFB Net where two resolutions share their weights', () => {
    expect(choose(ownFile('rfb320', 2)).network.architecture).toBe('rfb320');
  });

  it('is SSD300 for a VGG without any detector, whose base so many share', () => {
    const base = renamed(ownFile('ssd300', 21), (name) => name.replace('vgg.', '')).filter(({ name }) =>
      /^\d/.test(name),
    );
    const found = choose(base);
    expect([found.network.architecture, found.layout, found.matched.length]).toEqual(['ssd300', 'vgg-reducedfc', 30]);
  });

  it('is none of ours for a stranger, and the problem says which are', () => {
    const [problem] = choose([fileTensor('fc.weight', [10, 10])]).problems;
    expect(problem).toMatch(/no.* weight of a network that the studio knows \(.*SSD300.*\)/i);
  });
});

describe('a network that was named', () => {
  it('is kept, and where another was meant the problem says which', () => {
    const found = choose(ownFile('ssd512', 21), { architecture: 'ssd300' });
    expect(found.network.architecture).toBe('ssd300');
    expect(found.problems).toContain('The file has all 79 parameters of SSD512: choose ssd512.');
    const strange = choose(ownFile('rfbnet300', 21), { architecture: 'ssd300' });
    expect(strange.matched.every(({ parameter }) => /^(loc|conf)\./.test(parameter))).toBe(true);
    expect(strange.problems.join(' ')).toMatch(/choose rfbnet300\./);
  });

  it('is not doubted where nothing fits better', () => {
    expect(choose(ownFile('ssd512', 21), { architecture: 'ssd500' }).problems).toEqual([]);
    const headless = ownFile('ssd300', 21).filter(({ name }) => !/^(loc|conf)/.test(name));
    expect(choose(headless, { architecture: 'ssd300' }).problems).toEqual([]);
  });
});

describe('what a person knows better', () => {
  it('is the order of the default boxes, their sizes and their clipping, each alone or together', () => {
    const boxes = (conventions: WeightsChoice['conventions']) =>
      choose(ownFile('ssd300', 21), { architecture: 'ssd300', conventions }).conventions.defaultBoxes;
    expect(boxes({ boxOrder: 'extra-last' })).toMatchObject({ extraBoxLast: true, clip: 'all' });
    expect(boxes({ boxOrder: 'caffe' }).extraBoxLast).toBeUndefined();
    const all = boxes({ boxOrder: 'extra-last', boxes: 'coco', clip: 'none' });
    expect(all).toMatchObject({ extraBoxLast: true, clip: 'none' });
    expect(all.sources[0].minSizes).toEqual([21]);
  });
});

describe('a training that begins from a file', () => {
  it('takes the network as the file was made for, with batch norm or without', () => {
    const published = defaultChoice('ssd300');
    const fresh = forFreshWeights(published);
    const files = [ownFile('ssd300', 2), ownFile('ssd300', 2, { batchNorm: true })];
    for (const network of [published, fresh]) {
      const target = { network, defaultBoxes: presetDefaultBoxes(network), classNames: ['cat'] };
      const plans = files.map((tensors) => planStart({ tensors, metadata: {} }, {}, target));
      expect(plans.map((plan) => plan.network)).toEqual([published, fresh]);
      expect(plans.map((plan) => plan.missing)).toEqual([[], []]);
    }
  });
});
