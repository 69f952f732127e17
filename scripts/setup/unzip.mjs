import { spawnSync } from 'node:child_process';
import { has } from './run.mjs';
import { SetUpError } from './say.mjs';

/** Unpacks a zip archive, or only the members whose names match one of `patterns` (shell wildcards), into a folder. */
export function unzip(archive, folder, patterns = []) {
  if (has('unzip', '-v')) return ended(archive, spawnSync('unzip', ['-q', '-o', archive, ...patterns, '-d', folder]));
  if (has('python3')) return ended(archive, spawnSync('python3', ['-c', pythonUnzip, archive, folder, ...patterns]));
  throw new SetUpError(`Nothing here can unpack ${archive}.`, 'Install unzip or python3 and run the command again.');
}

const pythonUnzip = `
import fnmatch, sys, zipfile
archive, folder, patterns = sys.argv[1], sys.argv[2], sys.argv[3:] or ['*']
with zipfile.ZipFile(archive) as z:
    z.extractall(folder, [n for n in z.namelist() if any(fnmatch.fnmatch(n, p) for p in patterns)])
`;

function ended(archive, { status, stderr }) {
  if (status !== 0) throw new SetUpError(`Could not unpack ${archive}: ${stderr}`, 'Is the disk full?');
}
