import { describe, expect, it } from 'vitest';
import { findArchitecture } from '@core/network/find-architecture';
import { ARCHITECTURE_IDS } from '@core/network/description';
import { ARCHITECTURES } from '@core/network/zoo';

describe('finding an architecture', () => {
  it('takes every id and every name', () => {
    for (const architecture of ARCHITECTURES) {
      expect(findArchitecture(architecture.id)).toBe(architecture);
      expect(findArchitecture(` ${architecture.name.toUpperCase()} `)).toBe(architecture);
    }
  });

  it.each([
    ['rfb300', 'rfbnet300'],
    ['RFB-512', 'rfbnet512'],
    ['RFBNet-E 300', 'rfbnet300-e'],
    ['RFB_E_vgg_512', 'rfbnet512-e'],
    ['RFB_mobile', 'rfbnet-mobile'],
    ['ssdlite320_mobilenet_v3_large', 'ssdlite320'],
    ['ssd300_vgg16', 'ssd300'],
    ['SSD-512', 'ssd512'],
    ['version-slim-320', 'slim320'],
    ['version-RFB-640', 'rfb640'],
  ])('takes %s for %s', (text, id) => {
    expect(findArchitecture(text)?.id).toBe(id);
  });

  it.each(['', 'ssd', 'rfb', 'yolo', 'ssd3000'])('takes "%s" for none', (text) => {
    expect(findArchitecture(text)).toBeNull();
  });
});

describe('the list of architectures', () => {
  it('has every id once, with families together', () => {
    expect(ARCHITECTURES.map(({ id }) => id)).toEqual(ARCHITECTURE_IDS);
    const families = ARCHITECTURES.map(({ family }) => family);
    const changes = families.filter((family, i) => family !== families[i - 1]).length;
    expect(changes).toBe(new Set(families).size);
  });
});
