import { describe, expect, it } from 'vitest';
import { openWeightFile } from '../../../src-main/exchange/weight-file';
import { dict, floats, integer, plainTensor, tensor } from '../../support/pickle';
import { weightFolder } from '../../support/weight-folder';
import { torchMembers, torchZip, zipFile, type ZipMember } from '../../support/zip';

const folder = weightFolder();
const table = dict([
  ['a', plainTensor('0', 3)],
  ['b', tensor({ key: '1', elements: 6, shape: [3, 2], strides: [1, 3] })],
]);
const storages = { 0: floats(1, 2, 3), 1: floats(0, 1, 2, 3, 4, 5) };
const values = { a: [1, 2, 3], b: [0, 3, 1, 4, 2, 5] };
const members = torchMembers(table, storages);
/** The archive with one member changed. */
const changed = (name: string, change: Partial<ZipMember>): Buffer =>
  zipFile(members.map((member) => (member.name === `model/${name}` ? { ...member, ...change } : member)));

describe('a zip archive of torch.save', () => {
  it('is known by its content, whatever its name, and gives its tensors', async () => {
    const file = await openWeightFile(folder.place(torchZip(table, storages), 'picture.jpg'));
    expect(file.format).toBe('pytorch-zip');
    expect(file.tensors).toEqual([
      { name: 'a', shape: [3], dtype: 'F32' },
      { name: 'b', shape: [3, 2], dtype: 'F32' },
    ]);
    await file.close();
  });

  it.each<[string, Buffer]>([
    ['as torch.save writes it', torchZip(table, storages)],
    ['zipped again with compression', zipFile(members.map((member) => ({ ...member, deflated: true })))],
    ['with wide sizes (zip64)', zipFile(members, { wide: true })],
    ['without checksums', zipFile(members.map((member) => ({ ...member, crc: 0 })))],
    ['with a file beside', zipFile([...members, { name: 'model/notes.txt', data: Buffer.from('x') }])],
    ['without a byte order', zipFile(members.filter(({ name }) => !name.endsWith('byteorder')))],
  ])('reads the same %s', async (_, content) => {
    expect(await folder.values(content)).toEqual(values);
  });

  it('finds the table of a checkpoint and says what it left', async () => {
    const nested = dict([
      ['epoch', integer(3)],
      ['model', table],
      ['optimizer', dict([['state', dict([['x', plainTensor('0', 3)]])]])],
    ]);
    const file = await openWeightFile(folder.place(torchZip(nested, storages)));
    expect(file.tensors.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(file.metadata).toEqual({ container: 'model', ignored: 'epoch, optimizer' });
    await file.close();
  });

  it.each<[string, Buffer, RegExp]>([
    ['a storage that is missing', torchZip(table, { 0: storages[0] }), /the storage 1 is missing/],
    ['a storage too small', torchZip(table, { ...storages, 1: floats(1) }), /1 has 4 bytes, where its table says 24/],
    ['a wrong checksum', changed('data/1', { crc: 77 }), /checksum of model\/data\/1 is wrong/],
    ['a wrong checksum of the pickle', changed('data.pkl', { crc: 77 }), /checksum of model\/data\.pkl is wrong/],
    ['big-endian numbers', changed('byteorder', { data: Buffer.from('big') }), /byte order is big/],
    ['encryption', changed('data/0', { flags: 1 }), /model\/data\/0 is encrypted/],
    ['another compression', changed('data/0', { says: { method: 12 } }), /packed by method 12/],
    ['two sizes', changed('data/0', { says: { size: 8 } }), /data\/0 has two sizes/],
    ['entries over each other', changed('data/1', { says: { start: 0 } }), /overlaps/],
    ['an entry over the directory', changed('version', { says: { packed: 5000, size: 5000 } }), /overlaps/],
    ['an entry outside', changed('version', { says: { start: 0xfffffff0 } }), /lies outside the file/],
    ['a name twice', zipFile([...members, members[2]]), /two entries model\/data\/0/],
    ['two pickles', zipFile([...members, { ...members[0], name: 'b/data.pkl' }]), /2 entries data\.pkl/],
    ['no pickle', zipFile([{ name: 'word/document.xml', data: Buffer.from('<a/>') }]), /0 entries data\.pkl/],
    [
      'a program (constants)',
      zipFile([...members, { name: 'model/constants.pkl', data: Buffer.from('x') }]),
      /TorchScript/,
    ],
    ['a program (code)', zipFile([...members, { name: 'model/code/a.py', data: Buffer.from('x') }]), /TorchScript/],
    ['a storage of a bomb', bomb(2 ** 29), /unpacks to 536870912 bytes, more than/],
    ['a bomb that says it is small', bomb(12, 64 << 20), /does not unpack to the size it names/],
    ['a pickle of a bomb', changed('data.pkl', { data: Buffer.alloc(64 << 20), deflated: true }), /more than 33554432/],
    ['no end', torchZip(table, storages).subarray(0, -22), /without its end/],
  ])('with %s is refused', async (_, content, message) => {
    expect(await folder.failure(content)).toMatch(message);
  });

  it('is refused however it is cut', async () => {
    const whole = torchZip(table, storages);
    for (let length = 0; length < whole.length; length += 7) await folder.failure(whole.subarray(0, length));
  });

  /** A deflated storage of `says` bytes that unpacks to more. */
  function bomb(says: number, unpacked = 1 << 20): Buffer {
    const object = dict([['a', plainTensor('0', says / 4)]]);
    const [storage] = torchMembers(object, { 0: Buffer.alloc(unpacked) }).filter(({ name }) => name.endsWith('/0'));
    return zipFile([...torchMembers(object), { ...storage, deflated: true, says: { size: says } }]);
  }

  it.each<[string, Parameters<typeof tensor>[0], RegExp]>([
    ['beyond its storage', { key: '0', elements: 3, shape: [4], strides: [1] }, /reaches to element 4 of 3/],
    ['beyond it by its offset', { key: '0', elements: 3, shape: [1], strides: [1], offset: 3 }, /element 4 of 3/],
    ['beyond it by its stride', { key: '0', elements: 3, shape: [2], strides: [3] }, /element 4 of 3/],
    [
      'with a negative stride',
      { key: '0', elements: 3, shape: [2], strides: [-1] },
      /strides that is no tuple of counts/,
    ],
    ['with more sides than strides', { key: '0', elements: 3, shape: [1, 1], strides: [1] }, /impossible shape/],
    ['that says gigabytes', { key: '0', elements: 3, shape: [2 ** 33], strides: [0] }, /too many for a weight/],
    ['that repeats itself', { key: '0', elements: 3, shape: [2 ** 23, 3], strides: [0, 1] }, /too many for a weight/],
    ['of sides beyond counting', { key: '0', elements: 3, shape: [2 ** 50, 2 ** 50], strides: [0, 0] }, /too many/],
    [
      'of another type',
      { key: '0', elements: 3, shape: [3], strides: [1], type: 'DoubleStorage' },
      /12 bytes, where its table says 24/,
    ],
  ])('with a tensor %s is refused', async (_, described, message) => {
    expect(await folder.failure(torchZip(dict([['x', tensor(described)]]), { 0: floats(1, 2, 3) }))).toMatch(message);
  });
});
