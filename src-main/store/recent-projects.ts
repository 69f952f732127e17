/** The list of projects opened last: a small JSON file that a damaged or missing copy never stands in the way of. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { RecentProjects } from '../services/ports';

const MAX_PROJECTS = 24;
const listSchema = z.array(z.object({ directory: z.string().min(1), openedAt: z.string() }));
type RecentEntry = z.output<typeof listSchema>[number];

/** `file` is in the user's data folder, which is made if need be. */
export function recentProjectsIn(file: string, now: () => Date = () => new Date()): RecentProjects {
  let last: Promise<unknown> = Promise.resolve();

  async function list(): Promise<readonly RecentEntry[]> {
    try {
      return listSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch {
      return [];
    }
  }

  /** One change after another, each to a temporary file that then takes the name. */
  function change(edit: (entries: readonly RecentEntry[]) => readonly RecentEntry[]): Promise<void> {
    const next = last.then(async () => {
      const unfinished = `${file}.${process.pid}.tmp`;
      await mkdir(dirname(file), { recursive: true });
      try {
        await writeFile(unfinished, `${JSON.stringify(edit(await list()), null, 2)}\n`);
        await rename(unfinished, file);
      } finally {
        await rm(unfinished, { force: true });
      }
    });
    last = next.catch(() => {});
    return next;
  }

  const without = (entries: readonly RecentEntry[], directory: string) =>
    entries.filter((entry) => entry.directory !== directory);
  return {
    list,
    add: (directory) =>
      change((entries) =>
        [{ directory, openedAt: now().toISOString() }, ...without(entries, directory)].slice(0, MAX_PROJECTS),
      ),
    forget: (directory) => change((entries) => without(entries, directory)),
  };
}
