/** Which packages make up the CUDA build of TensorFlow, and how large they are, before any of them is fetched. */
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { StudioFailure } from '@core/contract/failure';
import { entryStart } from '../exchange/zip-archive';
import { newestWheel, type Wheel } from './package-index';
import { RemoteFile } from './remote-file';
import { requirementsOf } from './requirements';
import { wheelContents, wheelEntries } from './wheel-contents';

export interface PlannedWheel extends Wheel {
  readonly bytes: number;
  /** Of the files that are unpacked. */
  readonly unpackedBytes: number;
}

/**
 * The C interface of libtensorflow that the binding is built against; tfjs-node's own library may be older, which that
 * interface allows.
 */
export const TENSORFLOW_VERSION = '2.21.0';
const EXTRA = 'and-cuda';
const LARGEST_METADATA = 1 << 20;
const AT_ONCE = 4;

/** TensorFlow's wheel first, then the NVIDIA wheels that its METADATA names for the extra "and-cuda". */
export async function planWheels(
  index: string,
  signal: AbortSignal,
  progress: (done: number, total: number) => void,
): Promise<PlannedWheel[]> {
  progress(0, 0);
  const tensorflow = await newestWheel(index, { name: 'tensorflow', versions: `==${TENSORFLOW_VERSION}` }, signal);
  const file = await RemoteFile.open(tensorflow.url, signal);
  const requirements = requirementsOf(await metadataOf(file, tensorflow.name), EXTRA);
  if (requirements.length === 0) {
    throw new StudioFailure('unreadable', `The wheel of TensorFlow ${tensorflow.version} names no CUDA libraries.`);
  }
  const planned = [{ ...tensorflow, ...(await sizesOf(file, tensorflow.name)) }];
  const waiting = [...requirements.entries()];
  const others = new Array<PlannedWheel>(requirements.length);
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [position, requirement] = next;
      const wheel = await newestWheel(index, requirement, signal);
      others[position] = { ...wheel, ...(await sizesOf(await RemoteFile.open(wheel.url, signal), wheel.name)) };
      progress(Object.keys(others).length + 1, requirements.length + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...planned, ...others];
}

async function sizesOf(file: RemoteFile, wheel: string): Promise<{ bytes: number; unpackedBytes: number }> {
  const contents = await wheelContents(file, wheel);
  return { bytes: file.size, unpackedBytes: contents.reduce((sum, { size }) => sum + size, 0) };
}

async function metadataOf(file: RemoteFile, wheel: string): Promise<string> {
  const unreadable = (): StudioFailure => new StudioFailure('unreadable', `The METADATA of ${wheel} cannot be read.`);
  const entry = (await wheelEntries(file, wheel)).find(({ name }) => /^[^/]+\.dist-info\/METADATA$/.test(name));
  if (entry === undefined || entry.packed > LARGEST_METADATA || entry.size > LARGEST_METADATA) throw unreadable();
  const packed = await file.read(await entryStart(entry, file), entry.packed, 'METADATA');
  const bytes =
    entry.method === 0 ? packed : await inflate(packed, { maxOutputLength: LARGEST_METADATA }).catch(() => null);
  if (bytes === null) throw unreadable();
  return new TextDecoder().decode(bytes);
}

const inflate = promisify(inflateRaw) as (packed: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;
