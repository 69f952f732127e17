import { describe, expect, it } from 'vitest';
import { photometricOperation, type PhotometricDraw } from '../../../src-main/images/photometric';

const NOTHING: PhotometricDraw = {
  brightness: null,
  contrast: null,
  saturation: null,
  hueDegrees: null,
  contrastLast: false,
};

function apply(draw: Partial<PhotometricDraw>, ...rgb: number[]): number[] {
  const pixels = Float32Array.from(rgb);
  photometricOperation({ ...NOTHING, ...draw })?.(pixels, rgb.length / 3);
  return [...pixels].map((value) => Math.round(value * 100) / 100);
}

describe('photometric distortion', () => {
  it('is no operation at all when nothing was drawn', () => {
    expect(photometricOperation(NOTHING)).toBeUndefined();
  });

  it('adds brightness and multiplies contrast, saturating at 0 and 255', () => {
    expect(apply({ brightness: 30 }, 10, 100, 250)).toEqual([40, 130, 255]);
    expect(apply({ brightness: -30 }, 10, 100, 250)).toEqual([0, 70, 220]);
    expect(apply({ contrast: 1.5 }, 10, 100, 250)).toEqual([15, 150, 255]);
    expect(apply({ brightness: 10, contrast: 0.5 }, 10, 100, 250)).toEqual([10, 55, 127.5]);
  });

  it('turns the hue around the circle, both ways, and wraps', () => {
    expect(apply({ hueDegrees: 120 }, 255, 0, 0)).toEqual([0, 255, 0]);
    expect(apply({ hueDegrees: -120 }, 255, 0, 0)).toEqual([0, 0, 255]);
    expect(apply({ hueDegrees: 60 }, 200, 50, 50)).toEqual([200, 200, 50]);
    expect(apply({ hueDegrees: -30 }, 200, 100, 100)).toEqual([200, 100, 150]);
    expect(apply({ hueDegrees: 360 }, 12, 200, 90)).toEqual([12, 200, 90]);
  });

  it('scales the saturation of HSV: the maximum stays, grey stays grey, nothing goes below 0', () => {
    expect(apply({ saturation: 0.5 }, 200, 100, 0)).toEqual([200, 150, 100]);
    expect(apply({ saturation: 2 }, 200, 150, 120)).toEqual([200, 100, 40]);
    expect(apply({ saturation: 10 }, 200, 150, 100)).toEqual([200, 100, 0]);
    expect(apply({ saturation: 2, hueDegrees: 77 }, 90, 90, 90)).toEqual([90, 90, 90]);
  });

  it('applies contrast before the colour or after it, as drawn', () => {
    const draw = { contrast: 2, saturation: 0.5 };
    expect(apply({ ...draw, contrastLast: false }, 200, 100, 0)).toEqual([255, 227.5, 127.5]);
    expect(apply({ ...draw, contrastLast: true }, 200, 100, 0)).toEqual([255, 255, 200]);
  });
});
