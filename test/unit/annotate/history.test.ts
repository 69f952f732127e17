import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Command, type LabellingDocument, apply } from '@core/annotate/document';
import { type Labelling, begin, perform, redo, undo } from '@core/annotate/history';
import type { ObjectChange } from '@core/contract/images';
import type { LabelledObject } from '@core/dataset/model';

const object = (id: string, classId = 1): LabelledObject => ({
  id,
  classId,
  box: { x1: 10, y1: 10, x2: 20, y2: 30 },
  difficult: false,
  truncated: false,
  crowd: false,
});
const start: LabellingDocument = { width: 100, height: 80, objects: [object('a'), object('b', 2), object('c', 3)] };

/** Turns random numbers into a command that fits the document, so that long sequences stay valid. */
function commandFor(document: LabellingDocument, kind: number, pick: number, value: number, fresh: string): Command {
  const target = document.objects[pick % Math.max(1, document.objects.length)];
  if (!target || kind === 0) return { kind: 'add', object: object(fresh, value), at: pick };
  const objectId = target.id;
  if (kind === 1) return { kind: 'remove', objectId };
  if (kind === 2) return { kind: 'setBox', objectId, box: { x1: value, y1: 0, x2: value + 5, y2: 9 } };
  if (kind === 3) return { kind: 'setClass', objectId, classId: value };
  if (kind === 4) return { kind: 'setFlags', objectId, flags: { difficult: value % 2 === 0, crowd: true } };
  return {
    kind: 'several',
    commands: [
      { kind: 'setClass', objectId, classId: value },
      { kind: 'remove', objectId },
      { kind: 'add', object: object(fresh) },
    ],
  };
}

const steps = fc.array(fc.tuple(fc.nat(5), fc.nat(9), fc.nat(50)), { maxLength: 40 });

function performAll(
  numbers: readonly (readonly [number, number, number])[],
  seen?: (changes: readonly ObjectChange[]) => void,
) {
  return numbers.reduce<Labelling>((labelling, [kind, pick, value], index) => {
    const done = perform(labelling, commandFor(labelling.document, kind, pick, value, `new-${index}`));
    seen?.(done.changes);
    return done.labelling;
  }, begin(start));
}

function repeat(labelling: Labelling, move: typeof undo, seen?: (changes: readonly ObjectChange[]) => void): Labelling {
  for (let step = move(labelling); step; step = move(labelling)) {
    seen?.(step.changes);
    labelling = step.labelling;
  }
  return labelling;
}

describe('the history of a picture', () => {
  it('is back at the start after undoing everything, and at the end after redoing everything', () => {
    fc.assert(
      fc.property(steps, (numbers) => {
        const end = performAll(numbers);
        const undone = repeat(end, undo);
        expect(undone.document).toEqual(start);
        expect(repeat(undone, redo).document).toEqual(end.document);
      }),
    );
  });

  it('sends changes that keep a copy of the objects equal through commands, undo and redo', () => {
    fc.assert(
      fc.property(steps, (numbers) => {
        const copy = new Map(start.objects.map((o) => [o.id, o]));
        const follow = (changes: readonly ObjectChange[]) => {
          for (const change of changes) {
            if (change.kind === 'put') copy.set(change.object.id, change.object);
            else expect(copy.delete(change.objectId)).toBe(true);
          }
        };
        const same = (labelling: Labelling) =>
          expect(copy).toEqual(new Map(labelling.document.objects.map((o) => [o.id, o])));
        const end = performAll(numbers, follow);
        same(end);
        const undone = repeat(end, undo, follow);
        same(undone);
        same(repeat(undone, redo, follow));
      }),
    );
  });

  it('forgets what was undone once something new is done', () => {
    const first = perform(begin(start), { kind: 'remove', objectId: 'a' }).labelling;
    const back = undo(first)?.labelling ?? first;
    const other = perform(back, { kind: 'remove', objectId: 'b' }).labelling;
    expect(redo(other)).toBeNull();
    expect(other.document.objects.map((o) => o.id)).toEqual(['a', 'c']);
  });

  it('puts a removed object back at its place in the list', () => {
    const removed = perform(begin(start), { kind: 'remove', objectId: 'b' }).labelling;
    expect(undo(removed)?.labelling.document.objects.map((o) => o.id)).toEqual(['a', 'b', 'c']);
  });

  it('refuses a command about an object that is not there', () => {
    expect(() => apply(start, { kind: 'remove', objectId: 'z' })).toThrow(RangeError);
    expect(() => apply(start, { kind: 'add', object: object('a') })).toThrow(RangeError);
  });
});
