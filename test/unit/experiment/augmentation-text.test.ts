import { describe, expect, it } from 'vitest';
import { DEFAULT_AUGMENTATION, NO_AUGMENTATION } from '@core/augment/configuration';
import { parseAugmentation, parseAugmentationFile } from '@core/experiment/augmentation-text';
import { SUGGESTED_AUGMENTATION } from '@core/experiment/suggest';

const parse = (text: string) => parseAugmentation(text, SUGGESTED_AUGMENTATION);

describe('augmentations as text', () => {
  it('begin with what is suggested or a named strength and change it', () => {
    expect(parse('light')).toEqual(SUGGESTED_AUGMENTATION);
    expect(parse('none')).toEqual(NO_AUGMENTATION);
    expect(parse('paper, zoomOut=off')).toEqual({ ...DEFAULT_AUGMENTATION, zoomOut: { probability: 0, maxRatio: 4 } });
    expect(parse('shear=0.2,rotation=8')).toEqual({
      ...SUGGESTED_AUGMENTATION,
      shear: { probability: 0.5, maxFactor: 0.2 },
      rotation: { probability: 0.5, maxDegrees: 8 },
    });
  });

  it('set a strength where there is one, else the probability, and any field by name', () => {
    expect(parse('verticalFlip=0.25').verticalFlip).toEqual({ probability: 0.25 });
    expect(parse('zoomIn=0.7').zoomIn).toEqual({ probability: 0.5, minScale: 0.7, rule: 'atLeastOne' });
    expect(parse('zoomIn.rule=all,zoomIn.probability=0.9').zoomIn).toEqual({
      probability: 0.9,
      minScale: 0.5,
      rule: 'all',
    });
    expect(parse('brightness=10').photometric).toEqual({ ...SUGGESTED_AUGMENTATION.photometric, brightness: 10 });
    expect(parse('slantedBoxes=ellipse').slantedBoxes).toBe('ellipse');
    expect(parse('channelShuffle=on').channelShuffle).toEqual({ probability: 0.5 });
  });

  it.each([
    ['gentle', /"gentle" is neither none, light, paper nor NAME=VALUE/],
    ['tilt=1', /there is no augmentation "tilt"/],
    ['shear=9', /"shear=9" is not possible: shear\.maxFactor/],
    ['shear=', /"" is no number for shear\.maxFactor/],
    ['shear.size=1', /"shear" has no field "size"/],
    ['photometric=0.5', /"photometric" takes on or off; its strengths are brightness/],
    ['slantedBoxes=round', /slantedBoxes/],
    ['zoomIn.rule=some', /zoomIn\.rule/],
    ['horizontalFlip=2', /horizontalFlip\.probability/],
  ])('%s is refused with its reason', (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
  });

  it('are read from a file that holds what differs', () => {
    const read = (value: unknown) => parseAugmentationFile(JSON.stringify(value), SUGGESTED_AUGMENTATION);
    expect(read({ shear: { probability: 1, maxFactor: 0.1 }, slantedBoxes: 'ellipse' })).toEqual({
      ...SUGGESTED_AUGMENTATION,
      shear: { probability: 1, maxFactor: 0.1 },
      slantedBoxes: 'ellipse',
    });
    expect(() => read([])).toThrow(/no object/);
    expect(() => read({ tilt: 1 })).toThrow(/there is no augmentation "tilt"/);
    expect(() => read({ shear: 1 })).toThrow(/"shear" needs an object/);
    expect(() => read({ shear: { size: 1 } })).toThrow(/"shear" has no field "size"/);
    expect(() => read({ shear: { maxFactor: 'much' } })).toThrow(/shear\.maxFactor/);
    expect(() => parseAugmentationFile('{', SUGGESTED_AUGMENTATION)).toThrow(/JSON/);
  });
});
