import { describe, expect, it } from 'vitest';
import type { ImportPlan } from '@core/weights/import-plan';
import { suggestArchitecture } from '@core/weights/suggest-architecture';
import { expectWhole, plan } from '../../support/import-plans';
import { fileTensor, ownFile, renamed } from '../../support/key-lists';

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
    const found = plan(id, ownFile(id, 21, { rfbBranches: 2 }));
    expect(found.network.rfbBranches).toBe(2);
    expectWhole(found, 21);
    expect(plan(id, ownFile(id, 21)).network.rfbBranches).toBeUndefined();
  });

  it('makes the two-branch blocks as SPEC.md 13.2 says from the three-branch ones', () => {
    const today = new Map(ownFile('rfbnet300', 21).map(({ name, shape }) => [name, shape.join()]));
    const old = ownFile('rfbnet300', 21, { rfbBranches: 2 });
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
