import { describe, expect, it } from 'vitest';
import {
  dict,
  floats,
  global,
  integer,
  legacyFile,
  opcode,
  pickle,
  plainTensor,
  sizes,
  tensor,
  text,
  tuple,
} from '../../support/pickle';
import { weightFolder } from '../../support/weight-folder';

const folder = weightFolder();
const table = dict([
  ['a', plainTensor('94', 3)],
  ['b', tensor({ key: '95', elements: 2, shape: [2, 2], strides: [0, 1] })],
]);
const storages = [
  ['95', floats(8, 9), 2],
  ['94', floats(1, 2, 3), 3],
] as const;

describe('a legacy file of torch.save', () => {
  it('gives its tensors, storages in any order', async () => {
    expect(await folder.values(legacyFile(table, storages))).toEqual({ a: [1, 2, 3], b: [8, 9, 8, 9] });
  });

  it('gives parts of storages, as PyTorch before 0.4 shares them', async () => {
    const part = tuple(text('96'), integer(2), integer(3));
    const shared = dict([
      ['part', tensor({ key: '1', elements: 6, shape: [2], strides: [1], offset: 1, view: part })],
      ['whole', tensor({ key: '1', elements: 6, shape: [6], strides: [1], view: pickle('N') })],
    ]);
    const file = legacyFile(shared, [['1', floats(0, 1, 2, 3, 4, 5), 6]]);
    expect(await folder.values(file)).toEqual({ part: [3, 4], whole: [0, 1, 2, 3, 4, 5] });
    const outside = tensor({
      key: '1',
      elements: 6,
      shape: [1],
      strides: [1],
      view: tuple(text('9'), integer(4), integer(3)),
    });
    expect(await folder.failure(legacyFile(dict([['x', outside]]), []))).toMatch(/part of a storage wrongly/);
  });

  it('gives what Python 2 wrote: byte strings, dictionaries of pairs, tensors of the first kind', async () => {
    const bytes = (content: string) => pickle('U', opcode(content.length), content);
    const first = pickle(
      global('torch._utils', '_rebuild_tensor'),
      tuple(
        pickle(
          tuple(bytes('storage'), global('torch', 'FloatStorage'), bytes('7'), bytes('cpu'), integer(2), pickle('N')),
          'Q',
        ),
        integer(0),
        sizes([2]),
        sizes([1]),
      ),
      'R',
    );
    const pairs = pickle('](', pickle('](', bytes('conv.weight'), first, 'e'), 'e');
    const object = pickle(global('collections', 'OrderedDict'), tuple(pairs), 'R');
    expect(await folder.values(legacyFile(object, [['7', floats(4, 5), 2]]))).toEqual({ 'conv.weight': [4, 5] });
  });

  it.each<[string, Buffer, RegExp]>([
    ['big-endian numbers', legacyFile(table, storages, { littleEndian: false }), /big-endian/],
    ['another number', legacyFile(table, storages, { protocol: 1002 }), /format is not number 1001/],
    ['a storage missing', legacyFile(table, storages.slice(0, 1)), /the storage 94 is missing/],
    ['a storage nobody uses', legacyFile(table, [...storages, ['3', floats(1), 1]]), /storage 3 is listed/],
    ['a storage twice', legacyFile(table, [...storages, storages[0]]), /storage 95 is listed/],
    ['another size', legacyFile(table, [['95', floats(1), 1], storages[1]]), /has 1 elements, where its table says 2/],
    ['a negative size', legacyFile(table, [['95', floats(1), -1], storages[1]]), /has -1 elements/],
    [
      'a storage described in two ways',
      legacyFile(
        dict([
          ['a', plainTensor('1', 2)],
          ['b', plainTensor('1', 3)],
        ]),
        [],
      ),
      /storage 1 is described in two ways/,
    ],
    [
      'a storage larger than the file',
      legacyFile(dict([['a', plainTensor('1', 2 ** 40)]]), [['1', floats(1), 2 ** 40]]),
      /ends before the end of the storage 1/,
    ],
  ])('with %s is refused', async (_, content, message) => {
    expect(await folder.failure(content)).toMatch(message);
  });

  it('is refused however it is cut', async () => {
    const whole = legacyFile(table, storages);
    for (let length = 0; length < whole.length; length += 5) await folder.failure(whole.subarray(0, length));
  });

  it('reads a table of contents longer than the first part that is read', async () => {
    const notes = dict([
      ['notes', text('x'.repeat(3 << 20))],
      ['a', plainTensor('1', 1)],
    ]);
    expect(await folder.values(legacyFile(notes, [['1', floats(6), 1]]))).toEqual({ a: [6] });
  });
});

describe('formats of other times and programs', () => {
  it.each<[string, Buffer, RegExp]>([
    [
      'PyTorch before 0.1.10',
      Buffer.concat([Buffer.alloc(257), Buffer.from('ustar\x0000'), Buffer.alloc(300)]),
      /tar archive.*0\.1\.10/,
    ],
    ['Keras', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /HDF5/],
  ])('of %s are named', async (_, content, message) => {
    expect(await folder.failure(content)).toMatch(message);
  });
});
