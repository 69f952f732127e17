import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabellingDocument } from '@core/annotate/document';
import { copyObjects, nudge } from '@core/annotate/edits';
import { type Labelling, begin, perform, undo } from '@core/annotate/history';
import { HANDLES, boxBetween, moveBox, resizeBox } from '@core/annotate/shape';
import { START, type Tool, type ToolState, chooseTool, select, step } from '@core/annotate/tools';
import type { LabelledObject } from '@core/dataset/model';

const object = (id: string, x1: number, y1: number, x2: number, y2: number): LabelledObject => ({
  id,
  classId: 1,
  box: { x1, y1, x2, y2 },
  difficult: false,
  truncated: false,
  crowd: false,
});
const page = (...objects: LabelledObject[]): LabellingDocument => ({ width: 200, height: 100, objects });

/** A person with a mouse, without a browser. */
class Hand {
  state: ToolState;
  labelling: Labelling;
  panned = { x: 0, y: 0 };
  #next = 1;

  constructor(
    document: LabellingDocument,
    tool: Tool,
    readonly scale = 1,
    readonly classId: number | null = 7,
  ) {
    this.labelling = begin(document);
    this.state = chooseTool(START, tool);
  }

  send(kind: 'down' | 'move' | 'up' | 'cancel', x: number, y: number) {
    const done = step(
      this.state,
      { kind, image: { x, y }, screen: { x: x * this.scale, y: y * this.scale }, scale: this.scale },
      { document: this.labelling.document, classId: this.classId, newId: () => `new-${this.#next++}` },
    );
    this.state = done.state;
    if (done.pan) this.panned = { x: this.panned.x + done.pan.x, y: this.panned.y + done.pan.y };
    if (done.command) this.labelling = perform(this.labelling, done.command).labelling;
  }
  drag(x1: number, y1: number, x2: number, y2: number) {
    this.send('down', x1, y1);
    this.send('move', (x1 + x2) / 2, (y1 + y2) / 2);
    this.send('move', x2, y2);
    this.send('up', x2, y2);
  }
  click(x: number, y: number) {
    this.send('down', x, y);
    this.send('up', x, y);
  }
  undo() {
    this.labelling = undo(this.labelling)?.labelling ?? this.labelling;
  }
  get objects() {
    return this.labelling.document.objects;
  }
}

describe('drawing', () => {
  it('adds a box of the active class on whole pixels and selects it', () => {
    const hand = new Hand(page(), 'draw');
    hand.drag(60.4, 50.2, 20.4, 10.7);
    expect(hand.objects).toEqual([{ ...object('new-1', 20, 11, 60, 50), classId: 7 }]);
    expect(hand.state.selected).toBe('new-1');
    hand.undo();
    expect(hand.objects).toEqual([]);
  });

  it('clips the box to the picture and keeps it a pixel wide', () => {
    const hand = new Hand(page(), 'draw');
    hand.drag(150, 50, 400, 400);
    hand.drag(-50, -10, -40, 40);
    expect(hand.objects.map((o) => o.box)).toEqual([
      { x1: 150, y1: 50, x2: 200, y2: 100 },
      { x1: 0, y1: 0, x2: 1, y2: 40 },
    ]);
  });

  it('changes nothing until the pointer is released, and nothing at all when cancelled', () => {
    const hand = new Hand(page(), 'draw');
    hand.send('down', 10, 10);
    hand.send('move', 50, 50);
    expect(hand.objects).toEqual([]);
    expect(hand.state.preview?.box).toEqual({ x1: 10, y1: 10, x2: 50, y2: 50 });
    hand.send('cancel', 50, 50);
    hand.send('up', 50, 50);
    expect(hand.objects).toEqual([]);
    expect(hand.state.preview).toBeNull();
  });

  it('draws nothing without a class', () => {
    const hand = new Hand(page(), 'draw', 1, null);
    hand.drag(10, 10, 50, 50);
    expect(hand.objects).toEqual([]);
  });

  it('selects with a click instead of drawing a speck', () => {
    const hand = new Hand(page(object('a', 10, 10, 50, 50)), 'draw');
    hand.click(30, 30);
    expect(hand.objects).toHaveLength(1);
    expect(hand.state.selected).toBe('a');
  });
});

describe('selecting', () => {
  const large = object('large', 0, 0, 100, 100);
  const small = object('small', 40, 40, 60, 60);

  it('takes the smallest box first and cycles through overlapping ones', () => {
    const hand = new Hand(page(small, large), 'select');
    const seen = [1, 2, 3].map(() => {
      hand.click(50, 50);
      return hand.state.selected;
    });
    expect(seen).toEqual(['small', 'large', 'small']);
    hand.click(150, 50);
    expect(hand.state.selected).toBeNull();
  });

  it('moves what is dragged and can take it back', () => {
    const hand = new Hand(page(large, small), 'select');
    hand.drag(50, 50, 60, 45);
    expect(hand.objects[1]?.box).toEqual({ x1: 50, y1: 35, x2: 70, y2: 55 });
    hand.undo();
    expect(hand.objects[1]?.box).toEqual(small.box);
  });

  it('prefers the selected box when dragging where boxes overlap', () => {
    const hand = new Hand(page(large, small), 'select');
    hand.state = select(hand.state, 'large');
    hand.drag(50, 50, 70, 50);
    expect(hand.objects.map((o) => o.box.x1)).toEqual([20, 40]);
  });

  it('resizes by each of the eight handles of the selected box', () => {
    const box = { x1: 40, y1: 30, x2: 90, y2: 70 };
    for (const handle of HANDLES) {
      const hand = new Hand(page(object('a', 40, 30, 90, 70)), 'select');
      hand.state = select(hand.state, 'a');
      const x = handle.includes('w') ? 40 : handle.includes('e') ? 90 : 65;
      const y = handle.includes('n') ? 30 : handle.includes('s') ? 70 : 50;
      hand.drag(x, y, x + 10, y + 5);
      expect(hand.objects[0]?.box, handle).toEqual({
        x1: box.x1 + (handle.includes('w') ? 10 : 0),
        y1: box.y1 + (handle.includes('n') ? 5 : 0),
        x2: box.x2 + (handle.includes('e') ? 10 : 0),
        y2: box.y2 + (handle.includes('s') ? 5 : 0),
      });
    }
  });

  it('sends no command for a drag that comes back', () => {
    const hand = new Hand(page(large), 'select');
    hand.send('down', 50, 50);
    hand.send('move', 80, 50);
    hand.send('move', 50, 50);
    hand.send('up', 50, 50);
    expect(hand.labelling.done).toEqual([]);
  });

  it('reaches a handle from the same distance on screen at any zoom', () => {
    const hand = new Hand(page(object('a', 40, 30, 90, 70)), 'select', 20);
    hand.state = select(hand.state, 'a');
    hand.send('move', 90.3, 70.3);
    expect(hand.state.hovered).toEqual({ objectId: 'a', handle: 'se' });
    hand.send('move', 91, 71);
    expect(hand.state.hovered).toBeNull();
  });
});

describe('panning', () => {
  it('moves the view by screen pixels and leaves the objects alone', () => {
    const hand = new Hand(page(object('a', 0, 0, 50, 50)), 'pan', 4);
    hand.drag(10, 10, 15, 8);
    expect(hand.panned).toEqual({ x: 20, y: -8 });
    expect(hand.labelling.done).toEqual([]);
  });
});

describe('boxes on the grid', () => {
  const size = { width: 120, height: 90 };
  const coordinate = fc.double({ min: -300, max: 300, noNaN: true });
  const inside = (b: { x1: number; y1: number; x2: number; y2: number }) =>
    b.x1 >= 0 && b.y1 >= 0 && b.x2 <= size.width && b.y2 <= size.height && b.x2 - b.x1 >= 1 && b.y2 - b.y1 >= 1;

  it('stay inside the picture with an area, however they are drawn and resized; moving keeps their size', () => {
    fc.assert(
      fc.property(
        fc.array(coordinate, { minLength: 6, maxLength: 6 }),
        fc.constantFrom(...HANDLES),
        ([ax = 0, ay = 0, bx = 0, by = 0, dx = 0, dy = 0], handle) => {
          const drawn = boxBetween({ x: ax, y: ay }, { x: bx, y: by }, size);
          const moved = moveBox(drawn, dx, dy, size);
          expect([drawn, resizeBox(drawn, handle, dx, dy, size), moved].every(inside)).toBe(true);
          expect([moved.x2 - moved.x1, moved.y2 - moved.y1]).toEqual([drawn.x2 - drawn.x1, drawn.y2 - drawn.y1]);
        },
      ),
    );
  });
});

describe('edits by key', () => {
  it('nudge inside the picture, and say when nothing moves', () => {
    const document = page(object('a', 0, 10, 50, 50));
    expect(nudge(document, 'a', 10, 1)).toEqual({
      kind: 'setBox',
      objectId: 'a',
      box: { x1: 10, y1: 11, x2: 60, y2: 51 },
    });
    expect(nudge(document, 'a', -1, 0)).toBeNull();
  });

  it('copy objects with fresh ids, clipped to a smaller picture', () => {
    const copied = copyObjects([object('a', 150, 50, 300, 300), object('b', 250, 0, 260, 10)], page(), () => 'fresh');
    expect(copied).toEqual({
      kind: 'several',
      commands: [{ kind: 'add', object: object('fresh', 150, 50, 200, 100) }],
    });
  });
});
