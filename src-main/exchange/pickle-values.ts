/** What a pickle can hold here: plain data. Nothing of it ever runs. */

/** Python's None, bool, int (bigint where it does not fit), float, str, bytes, and the objects below. */
export type PickleValue = null | boolean | number | bigint | string | Uint8Array | PickleObject;

export abstract class PickleObject {
  /** For messages: "a list". */
  abstract readonly title: string;
}

export class PickleTuple extends PickleObject {
  readonly title = 'a tuple';
  constructor(readonly items: readonly PickleValue[]) {
    super();
  }
}

export class PickleList extends PickleObject {
  readonly title = 'a list';
  readonly items: PickleValue[] = [];
}

/** A dict or an OrderedDict. Keys are equal when JavaScript says so, which holds for texts and numbers. */
export class PickleDict extends PickleObject {
  readonly title = 'a dictionary';
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** The name of a function or class; it stands for itself and cannot be called by the machine. */
export class PickleGlobal extends PickleObject {
  readonly title: string;
  constructor(readonly key: string) {
    super();
    this.title = `\`${key}\``;
  }
}

/** Something harmless whose content nobody asks for: a set, a device, a number of numpy. */
export class PickleOpaque extends PickleObject {
  constructor(readonly title: string) {
    super();
  }
}
