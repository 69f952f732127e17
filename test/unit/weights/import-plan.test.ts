import { describe, expect, it } from 'vitest';
import { parameters } from '@core/network/parameters';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { presetDefaultBoxes } from '@core/priors/presets';
import { MODEL_FORMAT } from '@core/weights/model-metadata';
import { summariseImport } from '@core/weights/plan-summary';
import { suggestArchitecture } from '@core/weights/suggest-architecture';
import { COUNTER, expectWhole, plan } from '../../support/import-plans';
import { fileTensor, ownFile, renamed } from '../../support/key-lists';

describe('what real files have around their weights', () => {
  const whole = ownFile('ssd300', 21);

  it.each(['module.', 'model.', 'state_dict.module.', 'net.', 'model.module.', 'weights/'])('strips %s', (prefix) => {
    const found = plan(
      'ssd300',
      renamed(whole, (name) => prefix + name),
    );
    expect(found.prefix).toBe(prefix);
    expectWhole(found, 21);
  });

  it('names a reason for everything that it leaves', () => {
    const found = plan('ssd300', [
      ...whole,
      ...renamed(whole.slice(0, 1), (name) => `ema.${name}`),
      fileTensor('priors', [8732, 4]),
      fileTensor('optimizer.state.0.momentum_buffer', [64, 3, 3, 3]),
      fileTensor('aux.bn.num_batches_tracked', []),
      fileTensor('mystery', [3]),
    ]);
    expect(found.matched).toHaveLength(71);
    expect(Object.fromEntries(found.left.map(({ tensor, reason }) => [tensor, reason]))).toEqual({
      'ema.vgg.0.weight': 'second copy of a weight',
      priors: 'default boxes, which the studio makes itself',
      'optimizer.state.0.momentum_buffer': 'optimiser state',
      'aux.bn.num_batches_tracked': COUNTER,
      mystery: 'not a weight of the network',
    });
  });

  it('finds a detector without its predictors, and says what starts afresh', () => {
    const found = plan(
      'ssd300',
      whole.filter(({ name }) => !/^(loc|conf)\./.test(name)),
      { classes: 4 },
    );
    expect(found).toMatchObject({ fileClasses: null, transfer: false, problems: [] });
    expect(found.matched).toHaveLength(47);
    expect(found.missing).toHaveLength(24);
    expect(summariseImport(found)).toEqual([
      '47 of 71 parameters of SSD300 come from the file, in the layout of amdegroot/ssd.pytorch.',
    ]);
  });

  it('takes the file for ours when its metadata says so', () => {
    expect(plan('ssd300', whole).layout).toBe('amdegroot');
    expect(plan('ssd300', whole, { metadata: { format: MODEL_FORMAT } }).layout).toBe('studio');
  });

  it('fits nothing where nothing fits, and says so', () => {
    for (const tensors of [[], [fileTensor('fc.weight', [10, 10])]]) {
      const found = plan('ssd300', tensors);
      expect(found.matched).toEqual([]);
      expect(found.problems).toEqual([expect.stringContaining('No tensor of the file is a weight of SSD300')]);
      expect(suggestArchitecture(tensors, {})).toBeNull();
    }
  });

  it('refuses a layout that does not know the network', () => {
    expect(() => plan('rfb320', whole, { layout: 'torchvision' })).toThrow(RangeError);
  });
});

describe('other classes, other boxes, another network', () => {
  const whole = ownFile('ssd300', 91);

  it('keeps all but the class predictors for other classes', () => {
    const found = plan('ssd300', whole, { classes: 4 });
    expect(found).toMatchObject({ transfer: true, fileClasses: 91, classes: 4, wrongShape: [], problems: [] });
    expect(found.matched).toHaveLength(59);
    expect(found.matched.filter(({ parameter }) => parameter.startsWith('loc.'))).toHaveLength(12);
    expect(found.missing.map(({ parameter }) => parameter).every((name) => name.startsWith('conf.'))).toBe(true);
    expect(found.left.map(({ reason }) => reason)).toEqual(new Array(12).fill('class predictor of 91 classes'));
    expect(summariseImport(found)).toContain(
      'Its class predictors are for 91 classes with background, and 4 are wanted: they are left, and new ones start afresh.',
    );
  });

  it('keeps the depthwise part of a class predictor, which knows no classes', () => {
    const found = plan('rfb320', ownFile('rfb320', 2), { classes: 4 });
    expect(found.missing.map(({ parameter }) => parameter)).toEqual(
      [0, 1, 2]
        .flatMap((k) => [`classification_headers.${k}.2.weight`, `classification_headers.${k}.2.bias`])
        .concat(['classification_headers.3.weight', 'classification_headers.3.bias']),
    );
  });

  it('finds the classes whatever the boxes per cell, and asks for the default boxes that have as many', () => {
    const six = buildNetwork(defaultChoice('ssd300'), 21, [6, 6, 6, 6, 4, 4]);
    const tensors = parameters(six).map(({ name, shape }) => fileTensor(name, shape));
    const found = plan('ssd300', tensors);
    expect(found.fileClasses).toBe(21);
    expect(found.wrongShape.map(({ parameter }) => parameter)).toEqual([
      'loc.0.weight',
      'loc.0.bias',
      'conf.0.weight',
      'conf.0.bias',
    ]);
    expect(found.problems).toEqual([expect.stringContaining('source 1 has 6 in the file and 4 in the default boxes')]);
    const [first, ...others] = presetDefaultBoxes(defaultChoice('ssd300')).sources;
    const sources = [{ ...first, aspectRatios: [2, 3] }, ...others];
    const defaultBoxes = { ...presetDefaultBoxes(defaultChoice('ssd300')), sources };
    expectWhole(plan('ssd300', tensors, { overrides: { defaultBoxes } }), 21);
  });

  it('says no number of classes where the predictors of the file disagree', () => {
    const mixed = [...whole.filter(({ name }) => !name.startsWith('conf.5')), fileTensor('conf.5.bias', [84])];
    const found = plan('ssd300', mixed, { classes: 91 });
    expect(found).toMatchObject({ fileClasses: null, transfer: false });
    expect(found.wrongShape.map(({ parameter }) => parameter)).toEqual(['conf.5.bias']);
    expect(found.missing.map(({ parameter }) => parameter)).toEqual(['conf.5.weight']);
  });

  it('shows that SSD512 was meant where SSD300 was asked for', () => {
    const tensors = ownFile('ssd512', 21);
    const found = plan('ssd300', tensors);
    expect(found.wrongShape.length).toBeGreaterThan(0);
    expect(suggestArchitecture(tensors, {})).toEqual({
      architecture: 'ssd512',
      layout: 'amdegroot',
      matched: 79,
      total: 79,
    });
  });
});
