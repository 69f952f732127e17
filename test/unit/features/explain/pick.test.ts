import { describe, expect, it } from 'vitest';
import { boxAt, neighbour } from '../../../../src-renderer/features/explain/pick';

const box = (id: string, x1: number, y1: number, x2: number, y2: number) => ({ id, box: { x1, y1, x2, y2 } });
const boxes = [box('large', 0, 0, 100, 100), box('small', 40, 40, 60, 60), box('same', 40, 40, 60, 60)];

describe('choosing a box of a picture', () => {
  it('by pointer takes the smallest, and of equals the one drawn last', () => {
    expect(boxAt(boxes, { x: 50, y: 50 })?.id).toBe('same');
    expect(boxAt(boxes, { x: 10, y: 50 })?.id).toBe('large');
    expect(boxAt(boxes, { x: 101, y: 50 })).toBeNull();
  });

  it('by key goes around, and begins at either end', () => {
    expect(neighbour(boxes, null, 1)?.id).toBe('large');
    expect(neighbour(boxes, null, -1)?.id).toBe('same');
    expect(neighbour(boxes, 'same', 1)?.id).toBe('large');
    expect(neighbour(boxes, 'large', -1)?.id).toBe('same');
    expect(neighbour(boxes, 'gone', 1)?.id).toBe('large');
    expect(neighbour([], null, 1)).toBeNull();
  });
});
