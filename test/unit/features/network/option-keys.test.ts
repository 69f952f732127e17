import { describe, expect, it } from 'vitest';
import { optionAfter } from '../../../../src-renderer/features/network/option-keys';

const NAMES = ['RFB-320', 'slim-320', 'SSD300', 'SSD512'];

describe('keys in a list of options', () => {
  it('move by one and stop at the ends', () => {
    expect(optionAfter('ArrowDown', 0, NAMES)).toBe(1);
    expect(optionAfter('ArrowDown', 3, NAMES)).toBe(3);
    expect(optionAfter('ArrowUp', 0, NAMES)).toBe(0);
    expect(optionAfter('Home', 2, NAMES)).toBe(0);
    expect(optionAfter('End', 0, NAMES)).toBe(3);
  });

  it('find the next name that begins with a letter, from the start again after the last', () => {
    expect(optionAfter('s', 0, NAMES)).toBe(1);
    expect(optionAfter('S', 2, NAMES)).toBe(3);
    expect(optionAfter('s', 3, NAMES)).toBe(1);
    expect(optionAfter('x', 0, NAMES)).toBeNull();
  });

  it('are left to others when they mean nothing here', () => {
    for (const key of ['Tab', 'Escape', 'F5', ' ']) expect(optionAfter(key, 0, NAMES), key).toBeNull();
  });
});
