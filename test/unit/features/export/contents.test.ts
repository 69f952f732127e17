import { describe, expect, it } from 'vitest';
import type { ExportFormat } from '@core/contract/exports';
import type { RunConfiguration } from '@core/experiment/run';
import { defaultChoice } from '@core/network/zoo';
import { presetDefaultBoxes } from '@core/priors/presets';
import { contentRows, contentsOf, suggestedFileName } from '../../../../src-renderer/features/export/contents';

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

describe('the table of contents', () => {
  const value = (format: ExportFormat, row: string) =>
    contentRows(contents('rfb320', 3), format, null).find(([what]) => what === row)?.[1];

  it('says the layout of the input of each graph', () => {
    expect(value('onnx', 'Input image')).toBe('[N, 3, 240, 320]');
    expect(value('tfjs', 'Input image')).toBe('[N, 240, 320, 3]');
  });

  it('promises no graph where there are only weights', () => {
    expect(value('safetensors', 'Output boxes')).toBeUndefined();
    expect(value('safetensors', 'Tensors')).toBe('weights alone');
  });
});

describe('the suggested file name', () => {
  it.each([
    ['Blood cells', 'RFB-320 #3', 'onnx', 'blood-cells-rfb-320-3.onnx'],
    ['../../etc', 'Ünï:code', 'tfjs', 'etc-u-ni-code-tfjs'],
    ['图', '*', 'safetensors', 'detector.safetensors'],
  ] as const)('of %s and %s as %s is plain', (project, run, format, name) => {
    expect(suggestedFileName(project, run, format)).toBe(name);
  });
});
