/** Files and folders that a person asked for are complete or not there, and nothing of theirs is lost. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTfjsFile } from '../../../src-main/exchange/tfjs-writer';
import { writeFolder } from '../../../src-main/exchange/write-folder';
import { writeWhole } from '../../../src-main/exchange/write-whole';

let home = '';
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'write-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const FILES = [
  { name: 'model.json', bytes: bytes('{}') },
  { name: 'group1-shard1of1.bin', bytes: bytes('1234') },
];

describe('a folder', () => {
  it('appears with all its files, folders above it made, and says its size', async () => {
    const path = join(home, 'models', 'parts-tfjs');
    expect(await writeFolder(path, FILES, isTfjsFile)).toBe(6);
    expect(readdirSync(path).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
    expect(readdirSync(join(home, 'models'))).toEqual(['parts-tfjs']);
  });

  it('replaces an earlier export whole', async () => {
    const path = join(home, 'parts-tfjs');
    mkdirSync(path);
    for (const name of ['model.json', 'group1-shard1of2.bin', 'group1-shard2of2.bin'])
      writeFileSync(join(path, name), 'x');
    await writeFolder(path, FILES, isTfjsFile);
    expect(readdirSync(path).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
    expect(readFileSync(join(path, 'model.json'), 'utf8')).toBe('{}');
    expect(readdirSync(home)).toEqual(['parts-tfjs']);
  });

  it('never replaces one with other files, a file, or what a link leads to', async () => {
    const path = join(home, 'photos');
    mkdirSync(path);
    writeFileSync(join(path, 'holiday.jpg'), 'x');
    const foreign = await writeFolder(path, FILES, isTfjsFile).catch((error: unknown) => error);
    expect(foreign).toMatchObject({ code: 'already-exists', message: expect.stringContaining('holiday.jpg') });
    writeFileSync(join(home, 'file'), 'x');
    await expect(writeFolder(join(home, 'file'), FILES, isTfjsFile)).rejects.toMatchObject({ code: 'already-exists' });
    mkdirSync(join(home, 'empty'));
    symlinkSync(join(home, 'empty'), join(home, 'link'));
    await expect(writeFolder(join(home, 'link'), FILES, isTfjsFile)).rejects.toMatchObject({ code: 'already-exists' });
    expect(readdirSync(home).sort()).toEqual(['empty', 'file', 'link', 'photos']);
    expect(readdirSync(path)).toEqual(['holiday.jpg']);
  });

  it('leaves the earlier one and no trace when a file of it cannot be written', async () => {
    const path = join(home, 'parts-tfjs');
    await writeFolder(path, FILES, isTfjsFile);
    const broken = [FILES[0], { name: join('nowhere', 'group1-shard1of1.bin'), bytes: bytes('1') }];
    await expect(writeFolder(path, broken, isTfjsFile)).rejects.toMatchObject({ code: 'not-allowed' });
    expect(readdirSync(home)).toEqual(['parts-tfjs']);
    expect(readdirSync(path)).toHaveLength(2);
  });

  it('below a file is refused with its name', async () => {
    writeFileSync(join(home, 'file'), 'x');
    const path = join(home, 'file', 'parts-tfjs');
    const refused = await writeFolder(path, FILES, isTfjsFile).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'not-allowed', message: expect.stringContaining(path) });
  });
});

describe('a file', () => {
  it('keeps its earlier content, and nothing lies beside it, when writing ends half-way', async () => {
    const path = join(home, 'parts.onnx');
    await writeWhole(path, [bytes('earlier')]);
    function* parts() {
      yield bytes('half');
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    }
    const failed = await writeWhole(path, parts()).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'disk-full', message: expect.stringContaining(path) });
    expect(readFileSync(path, 'utf8')).toBe('earlier');
    expect(readdirSync(home)).toEqual(['parts.onnx']);
    expect(existsSync(`${path}.part-${process.pid}`)).toBe(false);
  });
});
