import { describe, expect, it } from 'vitest';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { exportLayouts, exportNames, exportProblem } from '@core/weights/export-names';
import { parameters } from '@core/network/parameters';
import { keyFile, readKeys } from '../../support/key-lists';
import { describeWith } from '../../support/shared';

const ssd300 = buildNetwork(defaultChoice('ssd300'), 21, [4, 6, 6, 6, 4, 4]);

describe('names for export', () => {
  it("are one for one, and the studio's own unchanged", () => {
    for (const id of exportLayouts('ssd300')) {
      const names = exportNames(ssd300, id);
      expect(new Set(names.values()).size).toBe(71);
    }
    expect([...exportNames(ssd300, 'amdegroot')].every(([ours, theirs]) => ours === theirs)).toBe(true);
    expect(exportNames(ssd300, 'lufficc').get('conf.2.bias')).toBe('box_head.predictor.cls_headers.2.bias');
  });

  it('exist where the project has the network', () => {
    expect(exportLayouts('ssd300')).toEqual(['studio', 'torchvision', 'amdegroot', 'lufficc']);
    expect(exportLayouts('ssd512')).toEqual(['studio', 'amdegroot', 'lufficc']);
    expect(exportLayouts('ssd500')).toEqual(['studio']);
    expect(exportLayouts('ssdlite320')).toEqual(['studio', 'torchvision']);
    expect(exportLayouts('rfbnet512-e')).toEqual(['studio', 'rfbnet']);
    expect(exportLayouts('slim640')).toEqual(['studio', 'ultralight']);
  });

  it('are refused with a reason and a way out', () => {
    const rfb = buildNetwork(defaultChoice('rfb320'), 2, [3, 2, 2, 3]);
    expect(exportProblem(rfb, 'torchvision')).toBe('torchvision has no RFB-320.');
    const ssd512 = buildNetwork(defaultChoice('ssd512'), 21, [4, 6, 6, 6, 6, 4, 4]);
    expect(exportProblem(ssd512, 'torchvision')).toMatch(/no SSD512: its larger SSD has other layers/);
    expect(exportProblem(ssd512, 'lufficc')).toBeNull();
    expect(exportProblem(ssd300, 'mmdetection')).toMatch(/not written as MMDetection/);
    const narrow = buildNetwork({ ...defaultChoice('ssd300'), widthMultiplier: 0.5 }, 21, [4, 6, 6, 6, 4, 4]);
    expect(exportProblem(narrow, 'amdegroot')).toMatch(/full width/);
    expect(exportProblem(narrow, 'studio')).toBeNull();
    const normed = buildNetwork({ ...defaultChoice('ssd300'), batchNorm: true }, 21, [4, 6, 6, 6, 4, 4]);
    expect(exportProblem(normed, 'torchvision')).toMatch(/without the batch norm/);
    expect(exportProblem(normed, 'studio')).toBeNull();
    const mobile = buildNetwork(defaultChoice('rfbnet-mobile'), 21, [6, 6, 6, 6, 6, 6]);
    expect(exportProblem(mobile, 'rfbnet')).toBeNull();
    expect(() => exportNames(rfb, 'torchvision')).toThrow(
      expect.objectContaining({ code: 'bad-request', advice: expect.stringContaining('SSD Studio') as string }),
    );
  });
});

const REFERENCES = [
  ['torchvision_ssd300_91cls', 'ssd300', 'torchvision', 91],
  ['torchvision_ssdlite320_91cls', 'ssdlite320', 'torchvision', 91],
  ['rfb_E_512_81cls', 'rfbnet512-e', 'rfbnet', 81],
  ['amdegroot_ssd300_21cls', 'ssd300', 'amdegroot', 21],
] as const;

describeWith(
  "the references' own names",
  REFERENCES.map(([keys]) => keyFile(keys)),
  () => {
    it.each(REFERENCES)('%s: %s is written with them, shape by shape', (keys, architecture, layout, classes) => {
      const choice = defaultChoice(architecture);
      const network = buildNetwork(choice, classes, presetDefaultBoxes(choice).sources.map(boxesPerCell));
      const names = exportNames(network, layout);
      const ours = parameters(network).map(({ name, shape }) => `${names.get(name)} ${shape.join('x')}`);
      const theirs = readKeys(keys).filter(({ name }) => !name.endsWith('num_batches_tracked'));
      expect(ours.sort()).toEqual(theirs.map(({ name, shape }) => `${name} ${shape.join('x')}`).sort());
    });
  },
);
