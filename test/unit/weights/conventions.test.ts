import { describe, expect, it } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { COCO512 } from '@core/priors/presets';
import type { ImportPlan, ImportRequest } from '@core/weights/import-plan';
import { plan } from '../../support/import-plans';
import { ownFile } from '../../support/key-lists';

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

  it('put the extra box last where a person says so', () => {
    expect(of('ssd300', 21).defaultBoxes.extraBoxLast).toBeUndefined();
    expect(of('ssd300', 21, { overrides: { extraBoxLast: true } }).defaultBoxes.extraBoxLast).toBe(true);
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
