/** Edits that come from keys and buttons rather than from the pointer. Null where there is nothing to change. */
import type { LabelledObject } from '../dataset/model';
import type { Command, LabellingDocument } from './document';
import { moveBox, sameBox } from './shape';

/** Moves an object by whole pixels inside the picture. */
export function nudge(document: LabellingDocument, objectId: string, dx: number, dy: number): Command | null {
  const object = document.objects.find((o) => o.id === objectId);
  if (!object) return null;
  const box = moveBox(object.box, dx, dy, document);
  return sameBox(box, object.box) ? null : { kind: 'setBox', objectId, box };
}

export function changeClass(document: LabellingDocument, objectId: string, classId: number): Command | null {
  const object = document.objects.find((o) => o.id === objectId);
  return object && object.classId !== classId ? { kind: 'setClass', objectId, classId } : null;
}

/** Objects of another picture with fresh ids, clipped to this picture; those that lie outside are left out. */
export function copyObjects(
  objects: readonly LabelledObject[],
  document: LabellingDocument,
  newId: () => string,
): Command | null {
  const commands = objects.flatMap((object): Command[] => {
    const box = {
      x1: Math.max(0, object.box.x1),
      y1: Math.max(0, object.box.y1),
      x2: Math.min(document.width, object.box.x2),
      y2: Math.min(document.height, object.box.y2),
    };
    const inside = box.x2 - box.x1 >= 1 && box.y2 - box.y1 >= 1;
    return inside ? [{ kind: 'add', object: { ...object, id: newId(), box } }] : [];
  });
  return commands.length ? { kind: 'several', commands } : null;
}
