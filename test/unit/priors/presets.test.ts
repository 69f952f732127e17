import { describe, expect, it } from 'vitest';
import { type DatasetFacts, suggestDefaultBoxes } from '@core/experiment/suggest';
import { sourceMaps } from '@core/network/shapes';
import { ARCHITECTURES, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { analyseCoverage } from '@core/priors/coverage';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes, publishedDefaultBoxes } from '@core/priors/presets';
import { Random } from '@core/random/random';

const sizes = (configuration: ReturnType<typeof presetDefaultBoxes>) => ({
  min: configuration.sources.map(({ minSizes }) => Number(minSizes[0].toFixed(2))),
  max: configuration.sources.map(({ maxSizes }) => Number(maxSizes[0].toFixed(2))),
  ratios: configuration.sources.map(({ aspectRatios }) => aspectRatios.length),
  steps: configuration.sources.map(({ step }) => step?.[0] ?? null),
});

describe('published default boxes', () => {
  it('of SSD500 are SSD512’s shares of 500 pixels (SPEC.md 2.6)', () => {
    expect(sizes(presetDefaultBoxes(defaultChoice('ssd500')))).toEqual({
      min: [35, 75, 150, 225, 300, 375, 450],
      max: [75, 150, 225, 300, 375, 450, 525],
      ratios: [1, 2, 2, 2, 2, 1, 1],
      steps: [8, 16, 32, 64, 128, 256, 500],
    });
  });

  it('of RFBNet are SSD’s with the ratio 3 on the first source, of COCO for the E variants', () => {
    expect(sizes(presetDefaultBoxes(defaultChoice('rfbnet300')))).toMatchObject({
      min: [30, 60, 111, 162, 213, 264],
      ratios: [2, 2, 2, 2, 1, 1],
      steps: [8, 16, 32, 64, 100, 300],
    });
    expect(sizes(presetDefaultBoxes(defaultChoice('rfbnet512-e'))).min).toEqual([
      20.48, 51.2, 133.12, 215.04, 296.96, 378.88, 460.8,
    ]);
  });

  it('of RFBNet-mobile and SSDLite are those of their configurations', () => {
    expect(sizes(presetDefaultBoxes(defaultChoice('rfbnet-mobile')))).toEqual({
      min: [45, 90, 135, 180, 225, 270],
      max: [90, 135, 180, 225, 270, 315],
      ratios: [2, 2, 2, 2, 1, 1],
      steps: [16, 32, 64, 100, 150, 300],
    });
    const lite = presetDefaultBoxes(defaultChoice('ssdlite320'));
    expect(lite.clip).toBe('size');
    expect(sizes(lite)).toEqual({
      min: [64, 112, 160, 208, 256, 304],
      max: [112, 160, 208, 256, 304, 320],
      ratios: [2, 2, 2, 2, 2, 2],
      steps: [null, null, null, null, null, null],
    });
  });

  it('of the 640 networks are as many pixels as of the 320 ones', () => {
    const small = presetDefaultBoxes(defaultChoice('rfb320'));
    expect(presetDefaultBoxes(defaultChoice('rfb640')).sources).toEqual(small.sources);
  });

  it('come for VOC and for COCO, and in the whole pixels of Caffe and mmdetection', () => {
    const ssd512 = defaultChoice('ssd512');
    expect(sizes(publishedDefaultBoxes(ssd512, { dataset: 'voc', wholePixels: true }))).toMatchObject({
      min: [35, 76, 153, 230, 307, 384, 460],
      max: [76, 153, 230, 307, 384, 460, 537],
    });
    expect(sizes(publishedDefaultBoxes(defaultChoice('ssd300'), { dataset: 'coco' })).min).toEqual([
      21, 45, 99, 153, 207, 261,
    ]);
  });

  it('scale with the input, and take their steps from the maps then', () => {
    const preset = presetDefaultBoxes({ ...defaultChoice('rfbnet512'), input: { width: 1024, height: 256 } });
    expect(sizes(preset)).toMatchObject({ min: [35.84, 76.8, 153.6, 230.4, 307.2, 384, 460.8] });
    expect(preset.sources.map(({ step }) => step)).toEqual(new Array(7).fill(null));
  });
});

/** Objects of many sizes and shapes in 60 pictures. */
function facts(): DatasetFacts {
  const random = Random.seeded(5);
  const columns = { imageId: [], classId: [], x1: [], y1: [], x2: [], y2: [] } as Record<string, number[]>;
  for (let i = 0; i < 240; i++) {
    const [w, h] = [random.uniform(0.04, 0.5), random.uniform(0.04, 0.5)];
    const [x1, y1] = [random.uniform(0, 1 - w), random.uniform(0, 1 - h)];
    const row = { imageId: i % 60, classId: 1 + (i % 3), x1, y1, x2: x1 + w, y2: y1 + h };
    for (const [name, value] of Object.entries(row)) columns[name].push(value);
  }
  return { classes: 3, trainImages: 60, objects: columns as unknown as DatasetFacts['objects'] };
}

describe('suggested default boxes', () => {
  it.each(ARCHITECTURES)('of $name build its network, and reach no fewer objects than the published ones', ({ id }) => {
    const choice = defaultChoice(id);
    const data = facts();
    const suggested = suggestDefaultBoxes(choice, data);
    const preset = presetDefaultBoxes(choice);
    expect(suggested.sources.map(boxesPerCell)).toEqual(preset.sources.map(boxesPerCell));
    const network = buildNetwork(choice, data.classes + 1, suggested.sources.map(boxesPerCell));
    const reached = (configuration: typeof preset) => {
      const boxes = generateDefaultBoxes(configuration, choice.input, sourceMaps(network));
      const coverage = analyseCoverage(data.objects, boxes, 0.5);
      expect(coverage.bestIou).toHaveLength(240);
      return coverage.matched;
    };
    expect(reached(suggested)).toBeGreaterThanOrEqual(reached(preset));
    expect(reached(suggested)).toBeGreaterThan(120);
  });
});
