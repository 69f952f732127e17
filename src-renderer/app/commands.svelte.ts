/**
 * Every action that a key or the palette can start. A screen offers its commands while it is mounted (`offerCommands`);
 * keys may be changed by the person and are then kept by command id.
 */
import { SvelteMap } from 'svelte/reactivity';

export interface Command {
  /** Stable: changed keys are stored under it. */
  readonly id: string;
  /** A verb phrase in sentence case: "Draw a box". */
  readonly title: string;
  readonly section: string;
  /** In the form of `keyOf`: 'B', 'Ctrl+Shift+Z', 'ArrowLeft', '?'. */
  readonly keys?: readonly string[];
  readonly run: () => void;
  /** Absent: always. */
  readonly enabled?: () => boolean;
  /** Not worth a line in the palette (nudges, digits). */
  readonly quiet?: boolean;
}

const KEY = 'keys';

function storedKeys(): [string, readonly string[]][] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).filter(
      (entry): entry is [string, string[]] =>
        Array.isArray(entry[1]) && entry[1].every((key) => typeof key === 'string'),
    );
  } catch {
    return [];
  }
}

/** The name of a pressed key: modifiers, then the key; Shift is named for letters and named keys only, Command counts as Ctrl. */
export function keyOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const letterOrNamed = key.length > 1 || /[A-Z]/.test(key);
  return [
    event.ctrlKey || event.metaKey ? 'Ctrl' : null,
    event.altKey ? 'Alt' : null,
    event.shiftKey && letterOrNamed ? 'Shift' : null,
    key === ' ' ? 'Space' : key,
  ]
    .filter(Boolean)
    .join('+');
}

const SHOWN: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};
/** A key as it is written for people: "Ctrl ⇧ Z". */
export const showKey = (key: string): string =>
  key
    .split(/\+(?!$)/)
    .map((part) => SHOWN[part] ?? part)
    .join(' ');

class Commands {
  readonly #offers = new SvelteMap<symbol, () => readonly Command[]>();
  readonly #changed = new SvelteMap<string, readonly string[]>(storedKeys());

  /** Later offers come first: a screen's key wins over the frame's. */
  get all(): readonly Command[] {
    return [...this.#offers.values()].reverse().flatMap((offer) => offer());
  }

  offer(commands: () => readonly Command[]): () => void {
    const id = Symbol();
    this.#offers.set(id, commands);
    return () => this.#offers.delete(id);
  }

  keysOf(command: Command): readonly string[] {
    return this.#changed.get(command.id) ?? command.keys ?? [];
  }

  isChanged(command: Command): boolean {
    return this.#changed.has(command.id);
  }

  /** Null gives the command its own keys back. */
  changeKeys(id: string, keys: readonly string[] | null) {
    if (keys) this.#changed.set(id, keys);
    else this.#changed.delete(id);
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(this.#changed)));
  }

  /** Runs the command of this key; true when there was one. */
  press(key: string): boolean {
    const command = this.all.find((c) => this.keysOf(c).includes(key) && (c.enabled?.() ?? true));
    command?.run();
    return command !== undefined;
  }
}

export const commands = new Commands();

/** Offers commands while the calling component is mounted. Call it during the component's initialisation. */
export function offerCommands(list: () => readonly Command[]) {
  $effect(() => commands.offer(list));
}

/** Keys belong to what is being typed in; only Ctrl+K, F1 and Escape leave a text field. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const text =
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type));
  if (text) {
    const find = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
    const leave = event.key === 'Escape' && !(target instanceof HTMLInputElement && target.type === 'search');
    return !find && !leave && event.key !== 'F1';
  }
  const choosesByKey =
    target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === 'range');
  return choosesByKey && !event.ctrlKey && !event.metaKey;
}
