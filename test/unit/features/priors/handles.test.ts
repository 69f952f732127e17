import { describe, expect, it } from 'vitest';
import { defaultChoice } from '@core/network/zoo';
import { cellBoxShapes } from '@core/priors/box-place';
import { sourceGrids } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { boxParts, dragHandle, type HandleDrag, nudgeHandle } from '../../../../src-renderer/features/priors/handles';

const network = defaultChoice('ssd300');
const preset = presetDefaultBoxes(network);
const maps = [38, 19, 10, 5, 3, 1].map((size) => ({ width: size, height: size }));

/** Width and height in pixels of the input, as the generator makes them. */
function shape(configuration: typeof preset, source: number, cellBox: number) {
  const [w, h] = sourceGrids(configuration, network.input, maps)[source].shapes.subarray(2 * cellBox, 2 * cellBox + 2);
  return { width: w * network.input.width, height: h * network.input.height };
}

const base = { source: 1, shift: false, snap: false } as const;
const corner = { x: 1, y: 1 } as const;
const right = { x: 1, y: 0 } as const;
const top = { x: 0, y: -1 } as const;
const drag = (change: Partial<HandleDrag> & Pick<HandleDrag, 'cellBox' | 'handle' | 'to'>) =>
  dragHandle(preset, { ...base, ...change });

describe('the parts of a cell', () => {
  it.each([preset, { ...preset, extraBoxLast: true }])('lie in the order that boxes are generated in', (boxes) => {
    const parts = boxParts(boxes.sources[1], boxes.extraBoxLast);
    const shapes = cellBoxShapes(boxes.sources[1], boxes.extraBoxLast);
    expect(parts.map(({ kind }) => kind === 'extra')).toEqual(shapes.map(({ extra }) => extra));
    parts.forEach((part, i) => {
      if (part.kind !== 'ratio') return;
      const ratio = boxes.sources[1].aspectRatios[part.ratio];
      expect(shapes[i].ratio).toBe(part.tall ? 1 / ratio : ratio);
    });
  });
});

describe('a dragged handle', () => {
  it('gives a square the size that the hand asks for, on its map alone', () => {
    const dragged = drag({ cellBox: 0, handle: right, to: { x: 40, y: 3 } });
    expect(shape(dragged, 1, 0)).toEqual({ width: 80, height: 80 });
    expect(dragged.sources.map((source, k) => source === preset.sources[k])).toEqual([
      true,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it('gives the extra square its size by the next size alone', () => {
    const dragged = drag({ cellBox: 1, handle: corner, to: { x: 45, y: 45 } });
    expect(shape(dragged, 1, 1).width).toBeCloseTo(90, 1);
    expect(dragged.sources[1].minSizes).toEqual(preset.sources[1].minSizes);
  });

  it('keeps a ratio at its corners and the corner under the hand where it is on the diagonal', () => {
    const before = shape(preset, 1, 2);
    const dragged = drag({ cellBox: 2, handle: corner, to: { x: 0.75 * before.width, y: 0.75 * before.height } });
    const after = shape(dragged, 1, 2);
    expect(after.width / before.width).toBeCloseTo(1.5, 3);
    expect(after.width / after.height).toBeCloseTo(2, 10);
  });

  it.each([2, 3])('changes a ratio at its edges, of the wide and the tall box, keeping the area (%i)', (cellBox) => {
    const before = shape(preset, 1, cellBox);
    const dragged = drag({ cellBox, handle: right, to: { x: 0.55 * before.width, y: 0 } });
    const after = shape(dragged, 1, cellBox);
    expect(after.width).toBeCloseTo(1.1 * before.width, 0);
    expect(after.width * after.height).toBeCloseTo(before.width * before.height, 6);
    const up = shape(drag({ cellBox, handle: top, to: { x: 0, y: -0.55 * before.height } }), 1, cellBox);
    expect(up.height).toBeCloseTo(1.1 * before.height, 0);
  });

  it('changes size and ratio at a corner with Shift, and only the size at an edge', () => {
    const both = shape(drag({ cellBox: 2, handle: corner, shift: true, to: { x: 60, y: 24 } }), 1, 2);
    expect(both.width).toBeCloseTo(120, 0);
    expect(both.height).toBeCloseTo(48, 0);
    const sized = shape(drag({ cellBox: 2, handle: right, shift: true, to: { x: 60, y: 0 } }), 1, 2);
    expect(sized.width).toBeCloseTo(120, 1);
    expect(sized.width / sized.height).toBeCloseTo(2, 10);
  });

  it('snaps to whole pixels, to sizes of other maps and to plain ratios', () => {
    expect(drag({ cellBox: 0, handle: right, to: { x: 40.2, y: 0 }, snap: true }).sources[1].minSizes).toEqual([80]);
    // Map 3 has squares of 111 pixels.
    expect(drag({ cellBox: 0, handle: right, to: { x: 56, y: 0 }, snap: true }).sources[1].minSizes).toEqual([111]);
    const before = shape(preset, 1, 2);
    const wide = drag({ cellBox: 2, handle: right, to: { x: (before.width / 2) * Math.sqrt(1.26), y: 0 }, snap: true });
    expect(wide.sources[1].aspectRatios).toEqual([2.5, 3]);
  });

  it('never makes two ratios of one, nor a box of no size', () => {
    const before = shape(preset, 1, 2);
    const onto = drag({ cellBox: 2, handle: right, to: { x: (before.width / 2) * Math.sqrt(1.5), y: 0 } });
    expect(onto).toBe(preset);
    expect(drag({ cellBox: 0, handle: corner, to: { x: 0, y: 0 } }).sources[1].minSizes).toEqual([1]);
    expect(drag({ cellBox: 2, handle: right, to: { x: 1, y: 0 } }).sources[1].aspectRatios[0]).toBe(1.05);
  });
});

describe('a focused handle', () => {
  const nudge = (cellBox: number, handle: HandleDrag['handle'], x: number, y: number) =>
    shape(nudgeHandle(preset, { source: 1, cellBox, handle }, shape(preset, 1, cellBox), { x, y }), 1, cellBox);

  it('moves by a pixel per key in its direction, and not across it', () => {
    expect(nudge(0, right, 1, 0).width).toBeCloseTo(61, 5);
    expect(nudge(0, { x: -1, y: 0 }, 1, 0).width).toBeCloseTo(59, 5);
    expect(nudge(0, right, 0, 1).width).toBeCloseTo(60, 5);
    expect(nudge(0, corner, 0, 10).width).toBeCloseTo(70, 5);
    const before = shape(preset, 1, 2);
    expect(nudge(2, corner, 10, 0).width).toBeCloseTo(before.width + 10, 1);
    expect(nudge(2, corner, 10, 0).height).toBeCloseTo(before.height + 5, 1);
    expect(nudge(2, right, 1, 0).width).toBeCloseTo(before.width + 1, 0);
    expect(nudge(2, right, 1, 0).height).toBeLessThan(before.height);
  });
});
