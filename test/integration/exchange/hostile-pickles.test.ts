/** Pickles that want something done. Nothing of a file is ever run; here every way to ask is refused by name. */
import { describe, expect, it } from 'vitest';
import { openWeightFile } from '../../../src-main/exchange/weight-file';
import {
  dict,
  floats,
  global,
  integer,
  legacyFile,
  opcode,
  orderedDict,
  pickle,
  plainTensor,
  text,
  tuple,
} from '../../support/pickle';
import { torchZip } from '../../support/zip';
import { weightFolder } from '../../support/weight-folder';

const folder = weightFolder();
/** The failure of an object, as a zip archive and as a legacy file, which is the same. */
async function refusal(object: Buffer): Promise<string> {
  const told = async (file: Buffer) => (await folder.failure(file)).replace(/^.*?cannot be read: /, '');
  const message = await told(torchZip(object));
  const placeless = (sentence: string) => sentence.replace(/byte \d+/, 'byte');
  expect(placeless(await told(legacyFile(object, [])))).toBe(placeless(message));
  return message;
}

const command = text('touch /tmp/owned');

describe('a pickle that wants to run something is refused, whatever way it asks', () => {
  const short = (content: string) => pickle(opcode(0x8c, content.length), content);
  it.each<[string, Buffer, string]>([
    ['GLOBAL and REDUCE', pickle(global('os', 'system'), tuple(command), 'R'), 'os.system'],
    ['GLOBAL alone', global('posix', 'system'), 'posix.system'],
    ['STACK_GLOBAL', pickle(short('nt'), short('system'), opcode(0x93), tuple(command), 'R'), 'nt.system'],
    [
      'STACK_GLOBAL with names from the memo',
      pickle(short('system'), opcode(0x94), short('os'), opcode(0x94), 'h\x01', 'h\x00', opcode(0x93)),
      'os.system',
    ],
    ['INST', pickle('(', command, 'ios\nsystem\n'), 'os.system'],
    ['OBJ', pickle('(', global('os', 'system'), command, 'o'), 'os.system'],
    ['NEWOBJ', pickle(global('subprocess', 'Popen'), tuple(command), opcode(0x81)), 'subprocess.Popen'],
    ['NEWOBJ_EX', pickle(global('subprocess', 'Popen'), tuple(command), '}', opcode(0x92)), 'subprocess.Popen'],
    ['a builtin', pickle(global('builtins', 'eval'), tuple(command), 'R'), 'builtins.eval'],
    ['a builtin of Python 2', global('__builtin__', 'eval'), '__builtin__.eval'],
    ['a name with dots', global('collections', 'OrderedDict.fromkeys'), 'collections.OrderedDict.fromkeys'],
    ['a module within torch', global('torch.storage', '_load_from_bytes'), 'torch.storage._load_from_bytes'],
    ['a name every object has', global('torch', 'constructor'), 'torch.constructor'],
    ['a name beside the known ones', global('__proto__', 'toString'), '__proto__.toString'],
    ['a model of its own class', global('models.ssd', 'SSD'), 'models.ssd.SSD'],
    ['inside a table', dict([['x', pickle(global('os', 'system'), tuple(command), 'R')]]), 'os.system'],
  ])('%s', async (_, object, name) => {
    expect(await refusal(object)).toBe(`it wants to run \`${name}\`; only weight tables are read.`);
  });

  it.each<[string, Buffer, RegExp]>([
    ['the extension registry (EXT1)', opcode(0x82, 1), /extension registry/],
    ['the extension registry (EXT2)', opcode(0x83, 1, 0), /extension registry/],
    ['the extension registry (EXT4)', opcode(0x84, 1, 0, 0, 0), /extension registry/],
    ['a call of a text', pickle(text('os.system'), tuple(command), 'R'), /calls a string/],
    [
      'a call of a storage class',
      pickle(global('torch', 'FloatStorage'), tuple(command), 'R'),
      /calls `torch\.FloatStorage`/,
    ],
    ['a class made of a list', pickle('(', ']', command, 'o'), /calls a list/],
    ['arguments that are no tuple', pickle(global('collections', 'OrderedDict'), ']R'), /arguments that are no tuple/],
    [
      'named arguments',
      pickle(global('collections', 'OrderedDict'), ')', dict([['a', command]]), opcode(0x92)),
      /named/,
    ],
    ['a state for a list', pickle(']', '}b'), /changes the state of a list/],
    ['a state for a tensor', pickle(plainTensor('0', 1), '}b'), /changes the state of a tensor/],
    ['a state for a class', pickle(global('collections', 'OrderedDict'), '}b'), /changes the state of `collections/],
    ['an import of what is no name', pickle(integer(1), integer(2), opcode(0x93)), /imports what is no name/],
    ['a persistent id in text', pickle('Psomewhere\n'), /names a storage wrongly/],
    ['a persistent id that is no storage', pickle(tuple(text('module'), command), 'Q'), /names a storage wrongly/],
    ['a buffer from outside', opcode(0x97), /buffer from outside/],
    [
      'pairs that are none',
      pickle(global('collections', 'OrderedDict'), tuple(pickle('](', integer(1), 'e')), 'R'),
      /no pairs/,
    ],
    [
      'a tensor over no storage',
      pickle(global('torch._utils', '_rebuild_tensor_v2'), tuple(command), 'R'),
      /no storage/,
    ],
    [
      'a parameter of no tensor',
      pickle(global('torch._utils', '_rebuild_parameter'), tuple(command), 'R'),
      /no tensor/,
    ],
  ])('%s', async (_, object, message) => {
    expect(await refusal(object)).toMatch(message);
  });

  it('runs nothing of what lies beside a table: a state of the table itself is not looked at', async () => {
    const object = pickle(orderedDict(), '(', text('w'), plainTensor('0', 2), 'u', dict([['_metadata', command]]), 'b');
    expect(await folder.values(torchZip(object, { 0: floats(1, 2) }))).toEqual({ w: [1, 2] });
  });
});

describe('a pickle that is broken, or made to exhaust, is refused in bounded time', () => {
  const many = (count: number, ...parts: (Buffer | string)[]) =>
    Buffer.alloc(count * pickle(...parts).length, pickle(...parts));
  it.each<[string, Buffer, RegExp]>([
    ['an unknown opcode', opcode(0xff), /unknown opcode 0xff \(byte 3/],
    ['an empty stack', pickle('0'), /stack is empty/],
    ['a value from below a mark', pickle('](', 'a'), /stack is empty/],
    ['no mark', pickle('t'), /no mark/],
    ['a memo that was not kept', pickle('h\x05'), /recalls the entry 5/],
    ['a text that is not UTF-8', pickle(opcode(0x8c, 2, 0xc3, 0x28)), /not UTF-8/],
    ['an entry without a value', pickle('}(', text('a'), 'u'), /no value/],
    ['an append to a dictionary', pickle('}', integer(1), 'a'), /no list/],
    ['an entry of a list', pickle(']', integer(1), integer(1), 's'), /no dictionary/],
    ['a newer protocol', opcode(0x80, 6), /newer than 5/],
    ['a huge integer', opcode(0x8b, 0xff, 0xff, 0xff, 0x7f), /integer has 2147483647 bytes/],
    ['an integer of many digits', pickle(`I${'9'.repeat(5000)}\n`), /integer is written wrongly/],
    ['an endless line', pickle('c', 'a'.repeat(100_000)), /line of text is too long/],
    ['deep nesting', many(400_000, ')', opcode(0x85)), /too many steps/],
    ['more lists than any table has', pickle('](', many(100_000, integer(1)), 'e0', many(400_000, ']')), /too many/],
    [
      'one long list given to call after call',
      pickle('](', many(20_000, tuple(text('a'), text('b'))), 'ep1\n0', many(50_000, 'c_codecs\nencode\n(g1\ntR0')),
      /too many steps/,
    ],
  ])('%s', async (_, object, message) => {
    expect(await refusal(object)).toMatch(message);
  });

  it('a text longer than the file', async () => {
    for (const object of [opcode(0x8d, 255, 255, 255, 255, 255, 255, 255, 127), opcode(0x58, 255, 255, 255, 255)]) {
      expect(await refusal(object)).toMatch(/ends in the middle of its table/);
    }
  });

  it('a dictionary that holds itself, and one that lies in many', async () => {
    const cyclic = pickle(
      '}q\x00(',
      text('self'),
      'h\x00',
      text('list'),
      ']q\x01(h\x01h\x00e',
      text('w'),
      plainTensor('0', 1),
      'u',
    );
    expect(await folder.values(torchZip(cyclic, { 0: floats(5) }))).toEqual({ w: [5] });
    // Sixty dictionaries, each twice in the next: 2^60 ways lead to the tensor.
    const doubled = Array.from({ length: 60 }, (_, i) => `}p${i + 1}\n(X\x01\0\0\0ag${i}\nX\x01\0\0\0bg${i}\nu`);
    const shared = pickle(dict([['w', plainTensor('0', 1)]]), 'p0\n', ...doubled);
    expect(await refusal(shared)).toMatch(/no tensors under names/);
  });

  it('what holds no tensors, or names of impossible length', async () => {
    expect(await refusal(dict([['a', integer(1)]]))).toMatch(/no tensors under names/);
    expect(await refusal(integer(5))).toMatch(/holds a number, not a table/);
    expect(await refusal(dict([['n'.repeat(501), plainTensor('0', 1)]]))).toMatch(/name of 501 characters/);
    const twice = dict([
      ['a.b', plainTensor('0', 1)],
      ['c', plainTensor('0', 1)],
      ['a', dict([['b', plainTensor('0', 1)]])],
    ]);
    expect(await refusal(twice)).toMatch(/names the tensor a\.b twice/);
  });
});

describe('a plain pickle', () => {
  it('that torch.save did not write is told from the rest', async () => {
    expect(await folder.failure(pickle(opcode(0x80, 2), dict([['a', integer(1)]]), '.'))).toMatch(
      /torch\.save did not write/,
    );
    await expect(openWeightFile(folder.place(Buffer.from('cos\nsystem\n(S"ls"\ntR.')))).rejects.toThrow(/neither/);
  });
});
