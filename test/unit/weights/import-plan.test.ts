import { describe, expect, it } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { parameters } from '@core/network/parameters';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { COCO512, presetDefaultBoxes } from '@core/priors/presets';
import { planImport, type ImportPlan, type ImportRequest } from '@core/weights/import-plan';
import { MODEL_FORMAT } from '@core/weights/model-metadata';
import { summariseImport } from '@core/weights/plan-summary';
import { suggestArchitecture } from '@core/weights/suggest-architecture';
import type { FileTensor } from '@core/weights/weight-file';
import { fileTensor, keyFile, readKeys } from '../../support/key-lists';
import { describeWith } from '../../support/shared';

const COUNTER = 'statistics counter';

/** A file of our own names, as amdegroot, RFBNet and Ultra-Light write them. */
function ownFile(architecture: ArchitectureId, classes: number, rfbBranches: 2 | 3 = 3): FileTensor[] {
  const choice = { ...defaultChoice(architecture), ...(rfbBranches === 2 && { rfbBranches }) };
  const network = buildNetwork(choice, classes, presetDefaultBoxes(choice).sources.map(boxesPerCell));
  return parameters(network).map(({ name, shape }) => fileTensor(name, shape));
}

const renamed = (tensors: readonly FileTensor[], rename: (name: string) => string): FileTensor[] =>
  tensors.map((tensor) => ({ ...tensor, name: rename(tensor.name) }));

const plan = (architecture: ArchitectureId, tensors: readonly FileTensor[], more: Partial<ImportRequest> = {}) =>
  planImport({ architecture, tensors, metadata: {}, ...more });

function expectWhole(found: ImportPlan, classes: number): void {
  expect(found.left.filter(({ reason }) => reason !== COUNTER)).toEqual([]);
  expect([found.wrongShape, found.missing, found.problems]).toEqual([[], [], []]);
  expect(found).toMatchObject({ fileClasses: classes, classes, transfer: false });
  expect(new Set(found.matched.map(({ tensor }) => tensor)).size).toBe(found.matched.length);
}

const REFERENCES = [
  ['amdegroot_ssd300_21cls', 'ssd300', 'amdegroot', 21],
  ['torchvision_ssd300_91cls', 'ssd300', 'torchvision', 91],
  ['torchvision_ssdlite320_91cls', 'ssdlite320', 'torchvision', 91],
  ['rfb_vgg_300_21cls', 'rfbnet300', 'rfbnet', 21],
  ['rfb_vgg_512_21cls', 'rfbnet512', 'rfbnet', 21],
  ['rfb_E_300_81cls', 'rfbnet300-e', 'rfbnet', 81],
  ['rfb_E_512_81cls', 'rfbnet512-e', 'rfbnet', 81],
  ['rfb_mobile_300_81cls', 'rfbnet-mobile', 'rfbnet', 81],
] as const;

describeWith(
  "reference models' weight files",
  REFERENCES.map(([keys]) => keyFile(keys)),
  () => {
    it.each(REFERENCES)('%s fills every parameter of %s', (keys, architecture, layout, classes) => {
      const found = plan(architecture, readKeys(keys));
      expect(found).toMatchObject({ layout, prefix: '' });
      expectWhole(found, classes);
    });

    it.each(REFERENCES)('%s is recognised as %s from its names and shapes', (keys, architecture, layout) => {
      const found = suggestArchitecture(readKeys(keys), {});
      expect(found).toMatchObject({ architecture, layout });
      expect(found?.matched).toBe(found?.total);
    });
  },
);

describe('files of the other layouts', () => {
  const lufficc = (name: string) =>
    name
      .replace(/^(vgg|extras)\./, 'backbone.$1.')
      .replace('L2Norm', 'backbone.l2_norm')
      .replace(/^loc\./, 'box_head.predictor.reg_headers.')
      .replace(/^conf\./, 'box_head.predictor.cls_headers.');
  const mmdetection = (name: string) =>
    name
      .replace(/^vgg\./, 'backbone.features.')
      .replace('L2Norm', 'neck.l2_norm')
      .replace(/^extras\.(\d+)/, (_, n) => `neck.extra_layers.${Math.floor(Number(n) / 2)}.${Number(n) % 2}.conv`)
      .replace(/^loc\.(\d+)/, 'bbox_head.reg_convs.$1.0')
      .replace(/^conf\.(\d+)/, 'bbox_head.cls_convs.$1.0');
  const mmdetection1 = (name: string) =>
    name
      .replace(/^vgg\./, 'backbone.features.')
      .replace('L2Norm', 'backbone.l2_norm')
      .replace(/^extras\./, 'backbone.extra.')
      .replace(/^loc\./, 'bbox_head.reg_convs.')
      .replace(/^conf\./, 'bbox_head.cls_convs.');

  it.each([
    ['ssd300', 'lufficc', lufficc],
    ['ssd512', 'lufficc', lufficc],
    ['ssd300', 'mmdetection', mmdetection],
    ['ssd512', 'mmdetection', mmdetection],
    ['ssd300', 'mmdetection', mmdetection1],
  ] as const)('%s of %s is whole, and is recognised', (architecture, layout, rename) => {
    const tensors = renamed(ownFile(architecture, 81), rename);
    const found = plan(architecture, tensors);
    expect(found.layout).toBe(layout);
    expectWhole(found, 81);
    expect(suggestArchitecture(tensors, {})).toMatchObject({ architecture, layout });
  });

  it("turns MMDetection's class predictors, whose background is last, and nothing else", () => {
    const tensors = renamed(ownFile('ssd300', 81), mmdetection);
    const turned = (found: ImportPlan) =>
      found.matched.filter(({ transform }) => transform === 'backgroundFirst').map(({ parameter }) => parameter);
    expect(turned(plan('ssd300', tensors))).toHaveLength(12);
    expect(turned(plan('ssd300', tensors)).every((name) => name.startsWith('conf.'))).toBe(true);
    expect(turned(plan('ssd300', tensors, { overrides: { background: 'first' } }))).toEqual([]);
  });

  it.each(['rfb320', 'slim320', 'ssd512', 'rfbnet300', 'rfbnet512-e', 'rfbnet-mobile'] as const)(
    '%s is recognised among all',
    (architecture) => {
      expect(suggestArchitecture(ownFile(architecture, 5), {})?.architecture).toBe(architecture);
    },
  );

  it.each(['rfbnet300', 'rfbnet512'] as const)('knows %s of two branches by the third that is not there', (id) => {
    const found = plan(id, ownFile(id, 21, 2));
    expect(found.network.rfbBranches).toBe(2);
    expectWhole(found, 21);
    expect(plan(id, ownFile(id, 21)).network.rfbBranches).toBeUndefined();
  });

  it('makes the two-branch blocks as SPEC.md 13.2 says from the three-branch ones', () => {
    const today = new Map(ownFile('rfbnet300', 21).map(({ name, shape }) => [name, shape.join()]));
    const old = ownFile('rfbnet300', 21, 2);
    for (const { name, shape } of old) {
      const [, block, branch, rest] = /^(extras\.[012])\.branch([01])(\..*)$/.exec(name) ?? [];
      if (block) expect(shape.join()).toBe(today.get(`${block}.branch${Number(branch) + 1}${rest}`));
      else if (!name.endsWith('ConvLinear.conv.weight')) expect(shape.join()).toBe(today.get(name));
    }
    expect(old.find(({ name }) => name === 'extras.0.ConvLinear.conv.weight')?.shape).toEqual([1024, 512, 1, 1]);
  });
});

describe('a VGG that classifies pictures', () => {
  const base = ownFile('ssd300', 21).filter(({ name }) => name.startsWith('vgg.'));
  const classifier = [
    fileTensor('classifier.0.weight', [4096, 25088]),
    fileTensor('classifier.0.bias', [4096]),
    fileTensor('classifier.3.weight', [4096, 4096]),
    fileTensor('classifier.3.bias', [4096]),
    fileTensor('classifier.6.weight', [1000, 4096]),
    fileTensor('classifier.6.bias', [1000]),
  ];
  const features = [
    ...renamed(base, (name) => name.replace('vgg.', 'features.')).filter(({ name }) => !/\.3[13]\./.test(name)),
    ...classifier,
  ];

  it('gives its base to SSD and to RFB Net', () => {
    const reduced = renamed(base, (name) => name.replace('vgg.', ''));
    for (const architecture of ['ssd300', 'ssd500', 'ssd512', 'rfbnet300', 'rfbnet512-e'] as const) {
      const found = plan(architecture, reduced, { classes: 4 });
      expect(found).toMatchObject({
        layout: 'vgg-reducedfc',
        fileClasses: null,
        classes: 4,
        transfer: false,
        left: [],
      });
      expect(found.matched).toHaveLength(30);
    }
    expect(suggestArchitecture(reduced, {})).toMatchObject({ architecture: 'ssd300', layout: 'vgg-reducedfc' });
  });

  it('leaves its fully connected layers with a reason, unless asked to make fc6 and fc7 of them', () => {
    const found = plan('ssd300', features, { classes: 21 });
    expect(found.layout).toBe('vgg-torchvision');
    expect(found.matched).toHaveLength(26);
    expect(found.left.map(({ tensor }) => tensor)).toEqual(classifier.map(({ name }) => name));
    expect(found.left.every(({ reason }) => reason.includes('NaN'))).toBe(true);
    const decimated = plan('ssd300', features, { classes: 21, decimate: true });
    expect(decimated.matched).toHaveLength(30);
    expect(decimated.matched.filter(({ transform }) => transform !== 'copy')).toEqual([
      { parameter: 'vgg.31.weight', tensor: 'classifier.0.weight', transform: 'decimateFc6' },
      { parameter: 'vgg.31.bias', tensor: 'classifier.0.bias', transform: 'decimateBias' },
      { parameter: 'vgg.33.weight', tensor: 'classifier.3.weight', transform: 'decimateFc7' },
      { parameter: 'vgg.33.bias', tensor: 'classifier.3.bias', transform: 'decimateBias' },
    ]);
  });
});

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
    expect(summariseImport(found).join(' ')).toMatch(/^47 of 71 .* 24 start afresh: .* and 21 more\.$/);
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
      'Its class predictors are for 91 classes with background, not 4: they are left, and new ones start afresh.',
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

describe('the conventions of a file', () => {
  const of = (architecture: ArchitectureId, classes: number, more: Partial<ImportRequest> = {}) =>
    plan(architecture, ownFile(architecture, classes), more).conventions;
  const smallest = ({ defaultBoxes }: ImportPlan['conventions']) => defaultBoxes.sources[0].minSizes[0];

  it('have the default boxes of VOC or COCO by the number of classes, unless told otherwise', () => {
    expect([21, 81, 91, 5].map((classes) => smallest(of('ssd300', classes)))).toEqual([30, 21, 21, 30]);
    expect(smallest(of('rfbnet512', 81))).toBeCloseTo(20.48, 9);
    expect(smallest(of('rfbnet300-e', 21))).toBe(30);
    expect(smallest(of('ssd300', 21, { overrides: { boxSizes: 'coco' } }))).toBe(21);
    expect(smallest(of('ssd300', 21, { layout: 'torchvision' }))).toBe(21);
  });

  it("clip as the layout's own boxes are clipped", () => {
    const clip = (layout: ImportRequest['layout'], id: ArchitectureId = 'ssd300') =>
      of(id, 21, layout && { layout }).defaultBoxes.clip;
    expect([clip('amdegroot'), clip('lufficc'), clip('torchvision'), clip('mmdetection')]).toEqual([
      'all',
      'all',
      'size',
      'none',
    ]);
    expect([clip(undefined, 'rfbnet300'), clip(undefined, 'rfb320')]).toEqual(['all', 'all']);
  });

  it('cut sizes to whole pixels for MMDetection, which shows at 512', () => {
    const { sources } = of('ssd512', 81, { layout: 'mmdetection', overrides: { boxSizes: 'coco' } }).defaultBoxes;
    expect(sources.map(({ minSizes }) => minSizes[0])).toEqual([20, 51, 133, 215, 296, 378, 460]);
    const plain = of('ssd512', 81).defaultBoxes.sources;
    expect(plain.map(({ minSizes }) => minSizes)).toEqual(COCO512.sources.map(({ minSizes }) => minSizes));
  });

  it('take pixels in the order and with the means of the project', () => {
    const pixels = (id: ArchitectureId, layout?: ImportRequest['layout']) => {
      const { channelOrder, mean, std } = of(id, 21, layout && { layout }).preprocessing;
      return [channelOrder, ...mean.map((value) => Number(value.toFixed(3))), ...std];
    };
    expect(pixels('ssd300')).toEqual(['rgb', 123, 117, 104, 1, 1, 1]);
    expect(pixels('ssd300', 'torchvision')).toEqual(['rgb', 122.999, 116.999, 103.999, 1, 1, 1]);
    expect(pixels('ssd300', 'mmdetection')).toEqual(['rgb', 123.675, 116.28, 103.53, 1, 1, 1]);
    expect(pixels('rfbnet300')).toEqual(['bgr', 104, 117, 123, 1, 1, 1]);
    expect(pixels('rfbnet-mobile')).toEqual(['bgr', 103.94, 116.78, 123.68, 1, 1, 1]);
    expect(pixels('rfb320')).toEqual(['rgb', 127, 127, 127, 128, 128, 128]);
    expect(pixels('ssdlite320')).toEqual(['rgb', 127.5, 127.5, 127.5, 127.5, 127.5, 127.5]);
  });

  it('suppress as the project does', () => {
    const rules = (id: ArchitectureId, layout?: ImportRequest['layout']) => of(id, 21, layout && { layout }).detection;
    expect(rules('ssd300', 'torchvision')).toMatchObject({ clipFirst: true, scoreThreshold: 0.01, perClass: 400 });
    expect(rules('ssd300', 'mmdetection')).toMatchObject({ scoreThreshold: 0.02, perClass: 1000, perImage: 200 });
    expect(rules('ssdlite320')).toMatchObject({
      scoreThreshold: 0.001,
      perClass: 300,
      iouThreshold: 0.55,
      perImage: 300,
    });
    expect(rules('rfbnet300')).toMatchObject({ pixels: 'inclusive', iouThreshold: 0.45 });
    expect(rules('rfb320')).toMatchObject({ pixels: 'continuous', iouThreshold: 0.3 });
  });
});
