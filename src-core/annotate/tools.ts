/**
 * The tools as one state machine: (state, pointer event, what it works on) -> (state, command). A drag changes nothing but the
 * preview until the pointer is released, so that a cancelled one leaves no trace.
 */
import type { CornerBox, ImagePx } from '../geometry/box';
import type { Command, LabellingDocument } from './document';
import { handleAt, objectsAt } from './hit';
import { type Handle, type Point, boxBetween, moveBox, resizeBox, sameBox } from './shape';

export type Tool = 'select' | 'draw' | 'pan';

type Gesture =
  | { readonly kind: 'idle' }
  /** The button is down and the pointer has not moved far enough to be a drag. `hits`: what lies under it, smallest first. */
  | { readonly kind: 'pressing'; readonly from: Point; readonly screen: Point; readonly hits: readonly string[] }
  | { readonly kind: 'drawing'; readonly from: Point }
  | { readonly kind: 'moving'; readonly from: Point; readonly objectId: string; readonly box: CornerBox<ImagePx> }
  | {
      readonly kind: 'resizing';
      readonly from: Point;
      readonly objectId: string;
      readonly handle: Handle;
      readonly box: CornerBox<ImagePx>;
    }
  | { readonly kind: 'panning'; readonly screen: Point };

export interface ToolState {
  readonly tool: Tool;
  readonly gesture: Gesture;
  readonly selected: string | null;
  /** The object, and for the selected one the handle, under the resting pointer. */
  readonly hovered: { readonly objectId: string; readonly handle: Handle | null } | null;
  /** A box that is being drawn (objectId null), moved or resized. */
  readonly preview: { readonly objectId: string | null; readonly box: CornerBox<ImagePx> } | null;
}

export interface ToolEvent {
  readonly kind: 'down' | 'move' | 'up' | 'cancel' | 'leave';
  /** In image pixels; may lie outside the picture. */
  readonly image: Point;
  /** In CSS pixels, for panning. */
  readonly screen: Point;
  /** CSS pixels per image pixel. */
  readonly scale: number;
}

export interface ToolContext {
  readonly document: LabellingDocument;
  /** What a new box is; null: nothing can be drawn. */
  readonly classId: number | null;
  /** A fresh UUID. */
  readonly newId: () => string;
}

export interface ToolStep {
  readonly state: ToolState;
  readonly command: Command | null;
  /** How far to move the view, in CSS pixels. */
  readonly pan: Point | null;
}

/** In CSS pixels: reach of a handle, and how far a press must move to be a drag. */
const REACH = 7;
const DRAG = 3;

const IDLE: Gesture = { kind: 'idle' };
export const START: ToolState = { tool: 'draw', gesture: IDLE, selected: null, hovered: null, preview: null };

/** Changes the tool; a gesture under way is cancelled. */
export const chooseTool = (state: ToolState, tool: Tool): ToolState => ({ ...rest(state), tool });
/** Selects an object or none; a gesture under way is cancelled. */
export const select = (state: ToolState, selected: string | null): ToolState => ({ ...rest(state), selected });

const rest = (state: ToolState): ToolState => ({ ...state, gesture: IDLE, preview: null });
const only = (state: ToolState): ToolStep => ({ state, command: null, pan: null });

export function step(state: ToolState, event: ToolEvent, context: ToolContext): ToolStep {
  switch (event.kind) {
    case 'down':
      return only(press(state, event, context));
    case 'move':
      return drag(state, event, context);
    case 'up':
      return release(state, event, context);
    case 'cancel':
      return only(rest(state));
    case 'leave':
      return only(state.gesture.kind === 'idle' ? { ...state, hovered: null } : state);
  }
}

const boxOf = (document: LabellingDocument, objectId: string | null) =>
  document.objects.find((object) => object.id === objectId)?.box ?? null;

function press(state: ToolState, { image, screen, scale }: ToolEvent, { document }: ToolContext): ToolState {
  if (state.tool === 'pan') return { ...rest(state), gesture: { kind: 'panning', screen } };
  const box = boxOf(document, state.selected);
  const handle = box && handleAt(box, image, REACH / scale);
  if (box && handle && state.selected) {
    return { ...rest(state), gesture: { kind: 'resizing', from: image, objectId: state.selected, handle, box } };
  }
  const hits = objectsAt(document.objects, image, DRAG / scale);
  return { ...rest(state), gesture: { kind: 'pressing', from: image, screen, hits } };
}

function drag(state: ToolState, event: ToolEvent, context: ToolContext): ToolStep {
  const { gesture } = state;
  const { document } = context;
  const { image, screen } = event;
  switch (gesture.kind) {
    case 'idle':
      return only({ ...state, hovered: hoverAt(state, event, document) });
    case 'panning':
      return {
        state: { ...state, gesture: { kind: 'panning', screen } },
        command: null,
        pan: { x: screen.x - gesture.screen.x, y: screen.y - gesture.screen.y },
      };
    case 'pressing': {
      if (Math.hypot(screen.x - gesture.screen.x, screen.y - gesture.screen.y) < DRAG) return only(state);
      const begun = beginDrag(state, gesture, context);
      return begun ? drag(begun, event, context) : only(state);
    }
    case 'drawing':
      return only({ ...state, preview: { objectId: null, box: boxBetween(gesture.from, image, document) } });
    case 'moving':
    case 'resizing': {
      const [dx, dy] = [image.x - gesture.from.x, image.y - gesture.from.y];
      const box =
        gesture.kind === 'moving'
          ? moveBox(gesture.box, dx, dy, document)
          : resizeBox(gesture.box, gesture.handle, dx, dy, document);
      return only({ ...state, preview: { objectId: gesture.objectId, box } });
    }
  }
}

/** Null: there is nothing to drag here. */
function beginDrag(
  state: ToolState,
  { from, hits }: Extract<Gesture, { kind: 'pressing' }>,
  { document, classId }: ToolContext,
): ToolState | null {
  if (state.tool === 'draw') return classId === null ? null : { ...state, gesture: { kind: 'drawing', from } };
  const objectId = state.selected && hits.includes(state.selected) ? state.selected : hits[0];
  const box = boxOf(document, objectId ?? null);
  return objectId && box ? { ...state, selected: objectId, gesture: { kind: 'moving', from, objectId, box } } : null;
}

function release(state: ToolState, event: ToolEvent, context: ToolContext): ToolStep {
  const { gesture } = state;
  if (gesture.kind === 'pressing') {
    // A click: the smallest object there, or the next one when it is selected already.
    const at = state.selected ? gesture.hits.indexOf(state.selected) : -1;
    return only(select(state, gesture.hits[(at + 1) % gesture.hits.length] ?? null));
  }
  const { preview } = drag(state, event, context).state;
  if (!preview) return only(rest(state));
  if (gesture.kind === 'drawing' && context.classId !== null) {
    const id = context.newId();
    const object = {
      id,
      classId: context.classId,
      box: preview.box,
      difficult: false,
      truncated: false,
      crowd: false,
    };
    return { state: select(state, id), command: { kind: 'add', object }, pan: null };
  }
  if (gesture.kind !== 'moving' && gesture.kind !== 'resizing') return only(rest(state));
  const command: Command = { kind: 'setBox', objectId: gesture.objectId, box: preview.box };
  return { state: rest(state), command: sameBox(preview.box, gesture.box) ? null : command, pan: null };
}

function hoverAt(
  { tool, selected }: ToolState,
  { image, scale }: ToolEvent,
  document: LabellingDocument,
): ToolState['hovered'] {
  if (tool === 'pan') return null;
  const box = boxOf(document, selected);
  const handle = box && handleAt(box, image, REACH / scale);
  if (handle && selected) return { objectId: selected, handle };
  const [objectId] = objectsAt(document.objects, image, DRAG / scale);
  return objectId ? { objectId, handle: null } : null;
}
