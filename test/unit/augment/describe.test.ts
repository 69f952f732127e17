import { expect, it } from 'vitest';
import { describePlan } from '@core/augment/describe';
import { slantOf } from '@core/augment/slant';
import { wholePicture } from '@core/augment/view';

const picture = { width: 400, height: 300 };

it('says nothing about the whole picture as it is', () => {
  expect(describePlan({ photometric: [], view: wholePicture(picture) }, picture)).toEqual([]);
});

it('says what was done in the order in which it is done', () => {
  const slant = slantOf({ shearX: -0.1, shearY: 0, degrees: 4 }, picture);
  const region = { x1: 10, y1: 10, x2: 10 + slant.canvas.width / 2, y2: 10 + slant.canvas.height / 2 };
  const plan = {
    photometric: [
      { kind: 'brightness', delta: -12.4 },
      { kind: 'contrast', factor: 1.2 },
      { kind: 'hue', degrees: 9 },
      { kind: 'channels', order: [2, 0, 1] },
    ],
    view: { slant, region, flipHorizontal: true, flipVertical: true },
  } as const;
  expect(describePlan(plan, picture)).toEqual([
    'brightness −12',
    'contrast × 1.20',
    'hue +9°',
    'colours as blue, red, green',
    'sheared sideways by −0.10',
    'turned by 4.0°',
    'zoomed in 2.00 times',
    'mirrored left to right',
    'mirrored top to bottom',
  ]);
});
