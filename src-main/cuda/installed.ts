/** The CUDA libraries in the user's data folder: cuda/ is complete, cuda.part/ is being made. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { diskFault, sha256OfFile } from './download';

export interface CudaPlaces {
  /** Complete, or not there. */
  readonly installed: string;
  /** What becomes `installed`, with archives that are being fetched. */
  readonly unfinished: string;
  readonly tree: string;
  readonly archives: string;
}

export function cudaPlaces(userData: string): CudaPlaces {
  const installed = join(userData, 'engines', 'cuda');
  const unfinished = `${installed}.part`;
  return { installed, unfinished, tree: join(unfinished, 'tree'), archives: join(unfinished, 'archives') };
}

/** What a compute process is told, so that the engine finds the libraries that are installed when it starts. */
export const computeEnvironment = (userData: string): Record<string, string> => ({
  SSD_STUDIO_CUDA: cudaPlaces(userData).installed,
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const place = z.string().regex(/^(?!.*\.\.)[\w.+-]+(\/[\w.+-]+)*$/);
const manifestSchema = z.object({
  format: z.literal('ssd-studio cuda 1'),
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      /** Of the wheel. */
      sha256,
      files: z.array(z.object({ place, bytes: z.number().int().nonnegative(), sha256 })),
    }),
  ),
});

/** What was unpacked from which wheel. */
export type CudaManifest = z.infer<typeof manifestSchema>;
export type InstalledPackage = CudaManifest['packages'][number];

const FILE = 'manifest.json';

/** Null when there is none or it cannot be read: then nothing beside it is trusted. */
export async function readManifest(folder: string): Promise<CudaManifest | null> {
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export async function writeManifest(folder: string, packages: readonly InstalledPackage[]): Promise<void> {
  const path = join(folder, FILE);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.new`, JSON.stringify({ format: 'ssd-studio cuda 1', packages }, null, 1), { flush: true });
    await rename(`${path}.new`, path);
  } catch (error) {
    throw diskFault(error, path);
  }
}

/** A file that is missing or of another size than when it came, or null. Reads no contents. */
export async function missingFile(folder: string, packages: readonly InstalledPackage[]): Promise<string | null> {
  for (const { files } of packages) {
    for (const file of files) {
      const found = await stat(join(folder, file.place)).catch(() => null);
      if (!found?.isFile() || found.size !== file.bytes) return file.place;
    }
  }
  return null;
}

/** Whether every file of a package has the bytes it came with. */
export async function isWhole(folder: string, one: InstalledPackage, signal: AbortSignal): Promise<boolean> {
  if ((await missingFile(folder, [one])) !== null) return false;
  for (const { place, sha256 } of one.files) {
    if ((await sha256OfFile(join(folder, place), signal)) !== sha256) return false;
  }
  return true;
}

export const bytesOf = ({ files }: InstalledPackage): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
