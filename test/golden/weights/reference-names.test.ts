import { expect, it } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { architecture as architectureOf } from '@core/network/zoo';
import type { ImportPlan } from '@core/weights/import-plan';
import { suggestArchitecture } from '@core/weights/suggest-architecture';
import type { FileTensor } from '@core/weights/weight-file';
import { recordFidelity } from '../../support/fidelity';
import { expectWhole, plan } from '../../support/import-plans';
import { FACE_TENSORS, keyFile, readFaceTensors, readKeys } from '../../support/key-lists';
import { describeWith } from '../../support/shared';

const SOURCES = {
  amdegroot: 'amdegroot/ssd.pytorch 5b0b77f',
  torchvision: 'torchvision 0.29',
  rfbnet: 'RFBNet 88d5850',
} as const;

/** Counters of batch norms, which no network computes with, are not counted. */
function record(
  architecture: ArchitectureId,
  source: string,
  tensors: readonly FileTensor[],
  found: ImportPlan,
  classes: number,
): void {
  const there = tensors.filter(({ name }) => !name.endsWith('num_batches_tracked')).length;
  recordFidelity({
    table: 'Weight files',
    subject: `${architectureOf(architecture).name}, ${classes} classes`,
    source,
    what: 'tensors that find their parameter, by name and shape',
    reference: there,
    ours: found.matched.length,
    largestDifference: Math.abs(there - found.matched.length),
    tolerance: 0,
  });
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
      const tensors = readKeys(keys);
      const found = plan(architecture, tensors);
      expect(found).toMatchObject({ layout, prefix: '' });
      expectWhole(found, classes);
      record(architecture, SOURCES[layout], tensors, found, classes);
    });

    it.each(REFERENCES)('%s is recognised as %s from its names and shapes', (keys, architecture, layout) => {
      const found = suggestArchitecture(readKeys(keys), {});
      expect(found).toMatchObject({ architecture, layout });
      expect(found?.matched).toBe(found?.total);
    });
  },
);

describeWith("Ultra-Light's own files", [FACE_TENSORS], () => {
  it.each([
    ['version-RFB-320.pth', 'rfb320', 'rfb640'],
    ['version-slim-320.pth', 'slim320', 'slim640'],
  ] as const)('%s fills %s, and %s as well', (file, small, large) => {
    const tensors = readFaceTensors(file);
    for (const architecture of [small, large]) {
      const found = plan(architecture, tensors);
      expect(found.layout).toBe('ultralight');
      expectWhole(found, 2);
      record(architecture, `${file} as published`, tensors, found, 2);
    }
    expect(suggestArchitecture(tensors, {})?.architecture).toBe(small);
  });
});
