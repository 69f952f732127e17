import type { Tool } from '@core/annotate/tools';
import type { LabelClass } from '@core/dataset/model';
import type { Command } from '../../app/commands.svelte';
import { classDigit } from '../../ui/palette';

/** What the keys, the palette and the toolbar of the Label screen can do. */
export interface LabelActions {
  tool(tool: Tool): void;
  undo(): void;
  redo(): void;
  remove(): void;
  escape(): void;
  /** Pictures forward or, negative, back. */
  walk(by: number): void;
  nextUnlabelled(): void;
  copyPrevious(): void;
  selectNext(by: number): void;
  nudge(dx: number, dy: number): void;
  setClass(id: number): void;
  fit(): void;
  zoom(factor: number): void;
  toggleNames(): void;
  toggleKeepView(): void;
}

export interface LabelState {
  readonly selected: boolean;
  /** A drag is under way. */
  readonly gesture: boolean;
  readonly undoable: boolean;
  readonly redoable: boolean;
  readonly first: boolean;
  readonly last: boolean;
}

const ARROWS = [
  ['ArrowLeft', 'left', -1, 0],
  ['ArrowRight', 'right', 1, 0],
  ['ArrowUp', 'up', 0, -1],
  ['ArrowDown', 'down', 0, 1],
] as const;

export const ZOOM_STEP = 1.5;

export function labelCommands(
  act: LabelActions,
  state: LabelState,
  classes: readonly LabelClass[],
): readonly Command[] {
  const section = 'Label';
  const still = () => !state.gesture;
  const selected = () => state.selected && still();
  const command = (
    id: string,
    title: string,
    keys: readonly string[],
    run: () => void,
    more: Partial<Command> = {},
  ): Command => ({
    id: `label.${id}`,
    title,
    section,
    keys,
    run,
    ...more,
  });
  return [
    command('draw', 'Draw boxes', ['B'], () => act.tool('draw')),
    command('select', 'Select and change boxes', ['V'], () => act.tool('select')),
    command('pan', 'Move the picture', ['H'], () => act.tool('pan')),
    command('undo', 'Undo', ['Ctrl+Z'], act.undo, { enabled: () => state.undoable && still() }),
    command('redo', 'Redo', ['Ctrl+Shift+Z', 'Ctrl+Y'], act.redo, { enabled: () => state.redoable && still() }),
    command('remove', 'Delete the box', ['Delete', 'Backspace'], act.remove, { enabled: selected }),
    command('escape', 'Cancel the drag, or select none', ['Escape'], act.escape, { quiet: true }),
    command('previous', 'Previous picture', ['A'], () => act.walk(-1), { enabled: () => !state.first && still() }),
    command('next', 'Next picture', ['D'], () => act.walk(1), { enabled: () => !state.last && still() }),
    command('unlabelled', 'Next picture without boxes', ['N'], act.nextUnlabelled, { enabled: still }),
    command('copy', 'Copy the boxes of the previous picture', ['C'], act.copyPrevious, {
      enabled: () => !state.first && still(),
    }),
    command('nextObject', 'Select the next box', [']'], () => act.selectNext(1), { enabled: still }),
    command('previousObject', 'Select the previous box', ['['], () => act.selectNext(-1), { enabled: still }),
    command('fit', 'Fit the picture', ['F'], act.fit),
    command('zoomIn', 'Zoom in', ['+', '='], () => act.zoom(ZOOM_STEP)),
    command('zoomOut', 'Zoom out', ['-'], () => act.zoom(1 / ZOOM_STEP)),
    command('names', 'Show names or digits', ['L'], act.toggleNames),
    command('keepView', 'Keep the zoom between pictures', ['K'], act.toggleKeepView),
    ...ARROWS.flatMap(([key, way, dx, dy]) => [
      command(`nudge.${way}`, `Move the box ${way} by 1 px`, [key], () => act.nudge(dx, dy), {
        enabled: selected,
        quiet: true,
      }),
      command(`nudge10.${way}`, `Move the box ${way} by 10 px`, [`Shift+${key}`], () => act.nudge(10 * dx, 10 * dy), {
        enabled: selected,
        quiet: true,
      }),
    ]),
    ...classes.flatMap(({ id, name, order }) => {
      const digit = classDigit(order);
      return digit
        ? [command(`class.${digit}`, `Class ${digit}: ${name}`, [digit], () => act.setClass(id), { enabled: still })]
        : [];
    }),
  ];
}
