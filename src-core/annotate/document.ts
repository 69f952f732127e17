/**
 * The labelling document: one picture's objects as plain data. Every change is a command; applying one gives its inverse and
 * the changes to send to the database, so that undo is nothing but one more command.
 */
import type { ObjectChange } from '../contract/images';
import type { LabelledObject } from '../dataset/model';
import type { CornerBox, ImagePx } from '../geometry/box';

export interface LabellingDocument {
  /** Size of the picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** In the order of the list on screen; ids are unique. */
  readonly objects: readonly LabelledObject[];
}

export type ObjectFlags = Pick<LabelledObject, 'difficult' | 'truncated' | 'crowd'>;

export type Command =
  /** `at`: position in the list, the end when absent. */
  | { readonly kind: 'add'; readonly object: LabelledObject; readonly at?: number }
  | { readonly kind: 'remove'; readonly objectId: string }
  | { readonly kind: 'setBox'; readonly objectId: string; readonly box: CornerBox<ImagePx> }
  | { readonly kind: 'setClass'; readonly objectId: string; readonly classId: number }
  | { readonly kind: 'setFlags'; readonly objectId: string; readonly flags: Partial<ObjectFlags> }
  /** One step for the person: done in order, undone as a whole. */
  | { readonly kind: 'several'; readonly commands: readonly Command[] };

export interface Applied {
  readonly document: LabellingDocument;
  readonly inverse: Command;
  /** What brings a copy of the objects kept elsewhere from the old to the new document. */
  readonly changes: readonly ObjectChange[];
}

/** Applies a command. Throws RangeError when it names an object that is not there or adds one that is. */
export function apply(document: LabellingDocument, command: Command): Applied {
  switch (command.kind) {
    case 'add': {
      const { object } = command;
      if (document.objects.some((o) => o.id === object.id)) throw new RangeError(`object ${object.id} exists already`);
      const at = Math.min(document.objects.length, Math.max(0, command.at ?? document.objects.length));
      return {
        document: { ...document, objects: [...document.objects.slice(0, at), object, ...document.objects.slice(at)] },
        inverse: { kind: 'remove', objectId: object.id },
        changes: [{ kind: 'put', object }],
      };
    }
    case 'remove': {
      const { object, at } = find(document, command.objectId);
      return {
        document: { ...document, objects: document.objects.filter((o) => o !== object) },
        inverse: { kind: 'add', object, at },
        changes: [{ kind: 'remove', objectId: object.id }],
      };
    }
    case 'setBox': {
      const { box } = find(document, command.objectId).object;
      return put(document, command.objectId, { box: command.box }, { ...command, box });
    }
    case 'setClass': {
      const { classId } = find(document, command.objectId).object;
      return put(document, command.objectId, { classId: command.classId }, { ...command, classId });
    }
    case 'setFlags': {
      const { difficult, truncated, crowd } = find(document, command.objectId).object;
      return put(document, command.objectId, command.flags, { ...command, flags: { difficult, truncated, crowd } });
    }
    case 'several':
      return applySeveral(document, command.commands);
  }
}

function find(document: LabellingDocument, objectId: string) {
  const at = document.objects.findIndex((o) => o.id === objectId);
  const object = document.objects[at];
  if (!object) throw new RangeError(`object ${objectId} is not in the picture`);
  return { object, at };
}

function put(
  document: LabellingDocument,
  objectId: string,
  change: Partial<LabelledObject>,
  inverse: Command,
): Applied {
  const { object } = find(document, objectId);
  const changed = { ...object, ...change };
  return {
    document: { ...document, objects: document.objects.map((o) => (o === object ? changed : o)) },
    inverse,
    changes: [{ kind: 'put', object: changed }],
  };
}

function applySeveral(document: LabellingDocument, commands: readonly Command[]): Applied {
  const inverses: Command[] = [];
  const changes: ObjectChange[] = [];
  let current = document;
  for (const command of commands) {
    const applied = apply(current, command);
    current = applied.document;
    inverses.unshift(applied.inverse);
    changes.push(...applied.changes);
  }
  return { document: current, inverse: { kind: 'several', commands: inverses }, changes };
}
