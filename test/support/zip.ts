/** Zip archives put together by hand, so that they can be wrong on purpose. */
import { crc32, deflateRawSync } from 'node:zlib';
import { pickle, opcode } from './pickle';

export interface ZipMember {
  readonly name: string;
  readonly data: Buffer;
  readonly deflated?: boolean;
  /** What the directory says instead of the truth. */
  readonly says?: {
    readonly size?: number;
    readonly packed?: number;
    readonly start?: number;
    readonly method?: number;
  };
  readonly flags?: number;
  /** 0 stands for unknown. */
  readonly crc?: number;
}

export function zipFile(members: readonly ZipMember[], { wide = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data, deflated = false, says = {}, flags = 0, crc = crc32(data) } of members) {
    const packed = deflated ? deflateRawSync(data) : data;
    const title = Buffer.from(name);
    const method = says.method ?? (deflated ? 8 : 0);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(title.length, 26);
    parts.push(local, title, packed);

    const numbers = [says.size ?? data.length, says.packed ?? packed.length, says.start ?? at];
    const extra = wide ? Buffer.alloc(28) : Buffer.alloc(0);
    if (wide) {
      extra.writeUInt16LE(1);
      extra.writeUInt16LE(24, 2);
      numbers.forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i));
    }
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50);
    header.writeUInt16LE(flags, 8);
    header.writeUInt16LE(method, 10);
    header.writeUInt32LE(crc, 16);
    [24, 20, 42].forEach((field, i) => header.writeUInt32LE(wide ? 0xffffffff : numbers[i], field));
    header.writeUInt16LE(title.length, 28);
    header.writeUInt16LE(extra.length, 30);
    directory.push(header, title, extra);
    at += 30 + title.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  return Buffer.concat([...parts, listed, ...(wide ? wideEnd(members.length, listed.length, at) : []), end()]);

  function end(): Buffer {
    const record = Buffer.alloc(22);
    record.writeUInt32LE(0x06054b50);
    record.writeUInt16LE(wide ? 0xffff : members.length, 10);
    record.writeUInt32LE(wide ? 0xffffffff : listed.length, 12);
    record.writeUInt32LE(wide ? 0xffffffff : at, 16);
    return record;
  }
}

function wideEnd(count: number, length: number, start: number): Buffer[] {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(length), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50);
  locator.writeBigUInt64LE(BigInt(start + length), 8);
  return [record, locator];
}

/** A file of torch.save around the pickle of an object (without its end) and storages by key. */
export function torchZip(object: Buffer, storages: Readonly<Record<string, Buffer>> = {}): Buffer {
  return zipFile(torchMembers(object, storages));
}

export function torchMembers(object: Buffer, storages: Readonly<Record<string, Buffer>> = {}): ZipMember[] {
  return [
    { name: 'model/data.pkl', data: pickle(opcode(0x80, 2), object, '.') },
    { name: 'model/byteorder', data: Buffer.from('little') },
    ...Object.entries(storages).map(([key, data]) => ({ name: `model/data/${key}`, data })),
    { name: 'model/version', data: Buffer.from('3\n') },
  ];
}
