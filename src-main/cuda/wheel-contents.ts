/**
 * What of a wheel is unpacked, and where to. The layout is what the loader looks for: the binding in lib/napi-v8 finds
 * libtensorflow in ../../deps/lib, and libtensorflow the NVIDIA libraries in ../nvidia from there. No LD_LIBRARY_PATH is needed.
 */
import { StudioFailure } from '@core/contract/failure';
import { type DirectoryEntry, readDirectory } from '../exchange/zip-directory';
import { WeightFileFault } from '../exchange/file-bytes';

export interface PlacedEntry extends DirectoryEntry {
  /** Below the installation's folder, with forward slashes. */
  readonly place: string;
}

type Bytes = Parameters<typeof readDirectory>[0];

/** Those entries of a wheel that the engine needs. Throws StudioFailure when it is no wheel or names places outside of it. */
export async function wheelContents(file: Bytes, wheel: string): Promise<PlacedEntry[]> {
  const entries = await wheelEntries(file, wheel);
  const placed = entries.flatMap((entry) => {
    const place = placeOf(entry.name);
    return place === null ? [] : [{ ...entry, place }];
  });
  if (new Set(placed.map(({ place }) => place)).size < placed.length) throw hostile(wheel, 'has a file twice');
  return placed;
}

export async function wheelEntries(file: Bytes, wheel: string): Promise<DirectoryEntry[]> {
  try {
    const { entries } = await readDirectory(file);
    for (const { name } of entries) if (!isInside(name)) throw hostile(wheel, `names the file ${JSON.stringify(name)}`);
    return entries;
  } catch (error) {
    if (!(error instanceof WeightFileFault)) throw error;
    throw new StudioFailure('unreadable', `${wheel} cannot be unpacked: ${error.message}.`, 'Try again.', {
      cause: error,
    });
  }
}

/** Names of printable characters, without a step upwards, a root, a drive or another system's separator. */
function isInside(name: string): boolean {
  const parts = name.replace(/\/$/, '').split('/');
  const plain = name.length < 1024 && /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(name) && !/[\\:]/.test(name);
  return plain && parts.every((part) => !['', '.', '..'].includes(part));
}

const hostile = (wheel: string, what: string): StudioFailure =>
  new StudioFailure('not-allowed', `${wheel} was not unpacked: it ${what}.`, 'Check where your packages come from.');

const PLACES: readonly [RegExp, string][] = [
  [/^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/, 'deps/lib/$1'],
  [/^(nvidia\/\w+\/lib\/[\w.+-]+\.so(?:\.[\d.]+)?)$/, 'deps/$1'],
  // Compiles kernels for GPUs newer than the libraries.
  [/^(nvidia\/cuda_nvcc\/bin\/ptxas|nvidia\/cuda_nvcc\/nvvm\/libdevice\/[\w.]+)$/, 'deps/$1'],
  [/^([\w.+-]+)\.dist-info\/(?:licenses?\/)?(licen[cs]e[\w.-]*)$/i, 'licences/$1-$2'],
];

function placeOf(name: string): string | null {
  const [pattern, place] = PLACES.find(([known]) => known.test(name)) ?? [];
  return pattern === undefined || place === undefined ? null : name.replace(pattern, place);
}
