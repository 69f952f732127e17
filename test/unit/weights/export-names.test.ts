import { describe, expect, it } from 'vitest';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
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

  it('are refused with a reason and a way out', () => {
    const rfb = buildNetwork(defaultChoice('rfb320'), 2, [3, 2, 2, 3]);
    expect(exportProblem(rfb, 'torchvision')).toBe('torchvision has no RFB-320.');
    expect(exportProblem(ssd300, 'mmdetection')).toMatch(/not written as MMDetection/);
    const narrow = buildNetwork({ ...defaultChoice('ssd300'), widthMultiplier: 0.5 }, 21, [4, 6, 6, 6, 4, 4]);
    expect(exportProblem(narrow, 'amdegroot')).toMatch(/full width/);
    expect(exportProblem(narrow, 'studio')).toBeNull();
    expect(() => exportNames(rfb, 'torchvision')).toThrow(
      expect.objectContaining({ code: 'bad-request', advice: expect.stringContaining('SSD Studio') as string }),
    );
  });
});

describeWith("the reference's own names", [keyFile('torchvision_ssd300_91cls')], () => {
  it("are those of torchvision's SSD300, shape by shape", () => {
    const network = buildNetwork(defaultChoice('ssd300'), 91, [4, 6, 6, 6, 4, 4]);
    const names = exportNames(network, 'torchvision');
    const ours = parameters(network).map(({ name, shape }) => `${names.get(name)} ${shape.join('x')}`);
    const theirs = readKeys('torchvision_ssd300_91cls').map(({ name, shape }) => `${name} ${shape.join('x')}`);
    expect(ours.sort()).toEqual(theirs.sort());
  });
});
