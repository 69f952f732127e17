import { describe, expect, it } from 'vitest';
import type { PhotometricStep } from '@core/augment/photometric';
import { photometricOperation } from '../../../src-main/images/photometric';

const brightness = (delta: number): PhotometricStep => ({ kind: 'brightness', delta });
const contrast = (factor: number): PhotometricStep => ({ kind: 'contrast', factor });
const saturation = (factor: number): PhotometricStep => ({ kind: 'saturation', factor });
const hue = (degrees: number): PhotometricStep => ({ kind: 'hue', degrees });

function apply(steps: readonly PhotometricStep[], ...rgb: number[]): number[] {
  const pixels = Float32Array.from(rgb);
  photometricOperation(steps)?.(pixels, rgb.length / 3);
  return [...pixels].map((value) => Math.round(value * 100) / 100);
}

describe('photometric distortion', () => {
  it('is no operation at all when nothing was drawn', () => {
    expect(photometricOperation([])).toBeUndefined();
  });

  it('adds brightness and multiplies contrast, saturating at 0 and 255', () => {
    expect(apply([brightness(30)], 10, 100, 250)).toEqual([40, 130, 255]);
    expect(apply([brightness(-30)], 10, 100, 250)).toEqual([0, 70, 220]);
    expect(apply([contrast(1.5)], 10, 100, 250)).toEqual([15, 150, 255]);
    expect(apply([brightness(10), contrast(0.5)], 10, 100, 250)).toEqual([10, 55, 127.5]);
  });

  it('puts the channels in another order', () => {
    expect(apply([{ kind: 'channels', order: [2, 0, 1] }], 1, 2, 3, 10, 20, 30)).toEqual([3, 1, 2, 30, 10, 20]);
  });

  it('turns the hue around the circle, both ways, and wraps', () => {
    expect(apply([hue(120)], 255, 0, 0)).toEqual([0, 255, 0]);
    expect(apply([hue(-120)], 255, 0, 0)).toEqual([0, 0, 255]);
    expect(apply([hue(60)], 200, 50, 50)).toEqual([200, 200, 50]);
    expect(apply([hue(-30)], 200, 100, 100)).toEqual([200, 100, 150]);
    expect(apply([hue(360)], 12, 200, 90)).toEqual([12, 200, 90]);
  });

  it('scales the saturation of HSV: the maximum stays, grey stays grey, nothing goes below 0', () => {
    expect(apply([saturation(0.5)], 200, 100, 0)).toEqual([200, 150, 100]);
    expect(apply([saturation(2)], 200, 150, 120)).toEqual([200, 100, 40]);
    expect(apply([saturation(10)], 200, 150, 100)).toEqual([200, 100, 0]);
    expect(apply([saturation(2), hue(77)], 90, 90, 90)).toEqual([90, 90, 90]);
  });

  it('applies contrast before the colour or after it, as drawn', () => {
    expect(apply([contrast(2), saturation(0.5)], 200, 100, 0)).toEqual([255, 227.5, 127.5]);
    expect(apply([saturation(0.5), contrast(2)], 200, 100, 0)).toEqual([255, 255, 200]);
  });

  it('gives saturation and hue in one pass what they give one after the other', () => {
    const once = apply([saturation(0.7), hue(40)], 200, 100, 30);
    expect(apply([hue(40)], ...apply([saturation(0.7)], 200, 100, 30)).map(Math.round)).toEqual(once.map(Math.round));
  });
});
