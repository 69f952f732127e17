/** Dropped or chosen files on their way to the detector: bytes with a name, in batches that a message can carry. */

/** The contract's limit for one picture. */
export const LARGEST_PICTURE_BYTES = 100_000_000;
const BATCH_BYTES = 64_000_000;
const BATCH_PICTURES = 64;

/** Why a file cannot be sent, or null. What is no picture at all is found by the decoder, which says more. */
export function refusal(file: Pick<File, 'name' | 'size'>): string | null {
  if (file.size === 0) return 'The file is empty.';
  if (file.size > LARGEST_PICTURE_BYTES)
    return `The file has ${Math.round(file.size / 1e6)} MB; at most ${LARGEST_PICTURE_BYTES / 1e6} MB can be read.`;
  return null;
}

/** The pictures in their order, in batches of at most 64 pictures and 64 MB (a larger picture goes alone). */
export function batches<T extends { readonly file: Pick<File, 'size'> }>(
  pictures: readonly T[],
): readonly (readonly T[])[] {
  const result: T[][] = [];
  let bytes = Infinity;
  for (const picture of pictures) {
    const last = result[result.length - 1];
    if (last === undefined || last.length >= BATCH_PICTURES || bytes + picture.file.size > BATCH_BYTES) {
      result.push([picture]);
      bytes = picture.file.size;
    } else {
      last.push(picture);
      bytes += picture.file.size;
    }
  }
  return result;
}

/** All files of a drop, those in dropped folders included, in order of their path. */
export async function filesOf(transfer: DataTransfer): Promise<readonly File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...transfer.files];
  return (await Promise.all(entries.map(filesUnder))).flat();
}

async function filesUnder(entry: FileSystemEntry): Promise<readonly File[]> {
  if (isFile(entry)) return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))];
  if (!isDirectory(entry)) return [];
  const reader = entry.createReader();
  const children: FileSystemEntry[] = [];
  // readEntries answers at most 100 entries at a time and an empty list at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    children.push(...some);
  }
  children.sort((a, b) => a.name.localeCompare(b.name));
  return (await Promise.all(children.map(filesUnder))).flat();
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
