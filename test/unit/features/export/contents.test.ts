import { describe, expect, it } from 'vitest';
import type { RunConfiguration } from '@core/experiment/run';
import { defaultChoice } from '@core/network/zoo';
import { presetDefaultBoxes } from '@core/priors/presets';
import { contentsOf, suggestedFileName } from '../../../../src-renderer/features/export/contents';

function contents(architecture: 'ssd300' | 'rfb320', classes: number) {
  const network = defaultChoice(architecture);
  const configuration = { network, defaultBoxes: presetDefaultBoxes(network) } as RunConfiguration;
  return contentsOf({ configuration, classNames: Array.from({ length: classes }, (_, index) => `class ${index}`) });
}

describe('what an exported file holds', () => {
  it('has the boxes, classes and parameters of SSD300 on VOC', () => {
    expect(contents('ssd300', 20)).toMatchObject({ boxes: 8732, classes: 21, parameters: 26_285_486 });
  });

  it('says what the file does to the pixels', () => {
    expect(contents('rfb320', 3)).toMatchObject({ boxes: 4420, preprocessing: 'mean 127 subtracted, divided by 128' });
  });
});

describe('the suggested file name', () => {
  it.each([
    ['Blood cells', 'RFB-320 #3', 'blood-cells-rfb-320-3.onnx'],
    ['../../etc', 'Ünï:code', 'etc-u-ni-code.onnx'],
    ['图', '*', 'detector.onnx'],
  ])('of %s and %s is plain', (project, run, name) => {
    expect(suggestedFileName(project, run)).toBe(name);
  });
});
