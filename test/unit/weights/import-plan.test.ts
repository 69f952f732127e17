import { expect, it } from 'vitest';
import { planImport } from '@core/weights/import-plan';
import { keyFile, readKeys } from '../../support/key-lists';
import { describeWith } from '../../support/shared';

const COUNTERS = 'statistics counter';

describeWith("reference models' weight files", [keyFile('amdegroot_ssd300_21cls')], () => {
  it.each([
    ['amdegroot_ssd300_21cls', 'ssd300', 'amdegroot', 21],
    ['torchvision_ssd300_91cls', 'ssd300', 'torchvision', 91],
  ] as const)('%s fills every parameter of %s', (keys, architecture, layout, classes) => {
    const plan = planImport({ architecture, tensors: readKeys(keys), metadata: {} });
    expect(plan).toMatchObject({ layout, prefix: '', fileClasses: classes, classes, transfer: false, problems: [] });
    expect(plan.left.filter(({ reason }) => reason !== COUNTERS)).toEqual([]);
    expect(plan.wrongShape).toEqual([]);
    expect(plan.missing).toEqual([]);
  });
});
