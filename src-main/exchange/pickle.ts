/**
 * A stack machine for Python's pickles, protocols 0 to 5, that builds plain data and calls nothing: what a pickle would
 * import or call is handed as a name to `PickleHost`, which answers with data or refuses. Time and memory are bounded by a
 * budget, and no step recurses, so cycles and depth do no harm. Opcodes as in Python's pickletools.
 */
import type { PickleCursor } from './pickle-cursor';
import { code, LITERALS } from './pickle-literals';
import { PickleDict, PickleList, PickleObject, PickleOpaque, PickleTuple, type PickleValue } from './pickle-values';

export interface PickleHost {
  /** The object of a module, by name; throws for all that it does not know. */
  global(module: string, name: string): PickleValue;
  /** callee(*args), or the class `callee` made with these arguments. */
  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue;
  /** object.__setstate__(state) */
  build(object: PickleValue, state: PickleValue): void;
  /** The object outside the pickle that `id` names. */
  persistent(id: PickleValue): PickleValue;
}

/** Steps, of which a made container counts as ten. A state dict takes about 100 per tensor. */
const BUDGET = 3_000_000;
const CONTAINER = 10;
const HIGHEST_PROTOCOL = 5;

/** Reads one pickle and leaves the cursor after it. Throws WeightFileFault, or PickleCutShort when the bytes end first. */
export function unpickle(cursor: PickleCursor, host: PickleHost): PickleValue {
  return new Machine(cursor, host).run();
}

class Machine {
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack where marks lie. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private left = BUDGET;

  constructor(
    private readonly cursor: PickleCursor,
    private readonly host: PickleHost,
  ) {}

  run(): PickleValue {
    for (;;) {
      this.spend(1);
      const opcode = this.cursor.byte();
      if (opcode === code('.')) return this.pop();
      const literal = LITERALS[opcode];
      if (literal) this.stack.push(literal(this.cursor));
      else if (!this.containers(opcode) && !this.memory(opcode) && !this.names(opcode)) {
        this.cursor.fail(`it has the unknown opcode 0x${opcode.toString(16).padStart(2, '0')}`);
      }
    }
  }

  private containers(opcode: number): boolean {
    switch (opcode) {
      case code('('):
        this.marks.push(this.stack.length);
        return true;
      case code(')'):
        return this.make(new PickleTuple([]));
      case code('t'):
        return this.make(new PickleTuple(this.popToMark()));
      case 0x85:
      case 0x86:
      case 0x87:
        return this.make(new PickleTuple(this.popSome(opcode - 0x84)));
      case code(']'):
        return this.make(new PickleList());
      case code('l'): {
        const items = this.popToMark();
        return this.make(new PickleList()) && this.extend(items);
      }
      case code('a'):
        return this.extend(this.popSome(1));
      case code('e'):
        return this.extend(this.popToMark());
      case code('}'):
        return this.make(new PickleDict());
      case code('d'): {
        const items = this.popToMark();
        return this.make(new PickleDict()) && this.update(items);
      }
      case code('s'):
        return this.update(this.popSome(2));
      case code('u'):
        return this.update(this.popToMark());
      case 0x8f:
        return this.make(new PickleOpaque('a set'));
      case 0x90:
        this.popToMark();
        if (!(this.top() instanceof PickleOpaque)) this.cursor.fail('it adds to what is no set');
        return true;
      case 0x91:
        this.popToMark();
        return this.make(new PickleOpaque('a set'));
      default:
        return false;
    }
  }

  private memory(opcode: number): boolean {
    switch (opcode) {
      case code('p'):
        return this.remember(this.index());
      case code('q'):
        return this.remember(this.cursor.byte());
      case code('r'):
        return this.remember(this.cursor.uint32());
      case 0x94:
        return this.remember(this.memo.size);
      case code('g'):
        return this.recall(this.index());
      case code('h'):
        return this.recall(this.cursor.byte());
      case code('j'):
        return this.recall(this.cursor.uint32());
      case code('0'):
        // Python drops a mark when one is on top.
        if (this.marks[this.marks.length - 1] === this.stack.length && this.marks.length > 0) this.marks.pop();
        else this.pop();
        return true;
      case code('1'):
        this.popToMark();
        return true;
      case code('2'):
        this.stack.push(this.top());
        return true;
      case 0x80:
        if (this.cursor.byte() > HIGHEST_PROTOCOL) this.cursor.fail('its pickle protocol is newer than 5');
        return true;
      case 0x95: // A frame: how many bytes may be read at once.
        this.cursor.uint64();
        return true;
      default:
        return false;
    }
  }

  private names(opcode: number): boolean {
    switch (opcode) {
      case code('c'):
        return this.push(this.host.global(this.cursor.line(), this.cursor.line()));
      case 0x93: {
        const [module, name] = this.popSome(2);
        if (typeof module !== 'string' || typeof name !== 'string') this.cursor.fail('it imports what is no name');
        return this.push(this.host.global(module, name));
      }
      case code('R'):
      case 0x81: {
        const [callee, args] = this.popSome(2);
        return this.call(callee, this.itemsOf(args));
      }
      case 0x92: {
        const [callee, args, named] = this.popSome(3);
        if (!(named instanceof PickleDict) || named.entries.size > 0) this.cursor.fail('it calls with named arguments');
        return this.call(callee, this.itemsOf(args));
      }
      case code('o'): {
        const [callee, ...args] = this.popToMark();
        if (callee === undefined) this.cursor.fail('it makes an object of no class');
        return this.call(callee, args);
      }
      case code('i'): {
        const callee = this.host.global(this.cursor.line(), this.cursor.line());
        return this.call(callee, this.popToMark());
      }
      case code('b'): {
        const state = this.pop();
        this.host.build(this.top(), state);
        return true;
      }
      case code('Q'):
        return this.push(this.host.persistent(this.pop()));
      case code('P'):
        return this.push(this.host.persistent(this.cursor.line()));
      case 0x82:
      case 0x83:
      case 0x84:
        return this.cursor.fail('it imports by a number of the extension registry');
      case 0x97:
      case 0x98:
        return this.cursor.fail('it needs a buffer from outside');
      default:
        return false;
    }
  }

  private call(callee: PickleValue, args: readonly PickleValue[]): true {
    // What is called with a long list may copy it, and the same list can be given again and again.
    for (const argument of args) if (argument instanceof PickleList) this.spend(argument.items.length);
    this.spend(CONTAINER);
    return this.push(this.host.call(callee, args));
  }

  private make(object: PickleObject): true {
    this.spend(CONTAINER);
    return this.push(object);
  }

  private push(value: PickleValue): true {
    this.stack.push(value);
    return true;
  }

  private extend(items: readonly PickleValue[]): true {
    const list = this.top();
    if (!(list instanceof PickleList)) this.cursor.fail('it appends to what is no list');
    for (const item of items) list.items.push(item);
    return true;
  }

  private update(items: readonly PickleValue[]): true {
    const dict = this.top();
    if (!(dict instanceof PickleDict)) this.cursor.fail('it sets an entry of what is no dictionary');
    if (items.length % 2 === 1) this.cursor.fail('an entry of a dictionary has no value');
    for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1]);
    return true;
  }

  private itemsOf(args: PickleValue): readonly PickleValue[] {
    if (!(args instanceof PickleTuple)) this.cursor.fail('it calls with arguments that are no tuple');
    return args.items;
  }

  private remember(index: number): true {
    this.memo.set(index, this.top());
    return true;
  }

  private recall(index: number): true {
    const value = this.memo.get(index);
    if (value === undefined) this.cursor.fail(`it recalls the entry ${index}, which it has not kept`);
    return this.push(value);
  }

  private index(): number {
    const line = this.cursor.line();
    if (!/^\d{1,10}$/.test(line)) this.cursor.fail('an index is written wrongly');
    return Number(line);
  }

  private top(): PickleValue {
    if (this.stack.length <= this.floor()) this.cursor.fail('its stack is empty');
    return this.stack[this.stack.length - 1];
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popSome(count: number): PickleValue[] {
    if (this.stack.length - count < this.floor()) this.cursor.fail('its stack is empty');
    return this.stack.splice(this.stack.length - count);
  }

  private popToMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) this.cursor.fail('its stack has no mark');
    return this.stack.splice(mark);
  }

  /** Nothing below the last mark may be taken. */
  private floor(): number {
    return this.marks[this.marks.length - 1] ?? 0;
  }

  private spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) this.cursor.fail('it takes too many steps');
  }
}
