/**
 * Reference data beside the repository. Its place comes from the environment: SHARED_DIR (default ../shared), and
 * GOLDEN_DIR and SPEC_DIR inside it. A suite that needs an absent file is skipped, and its title says which file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');

export const SHARED_DIR = resolve(repository, process.env.SHARED_DIR ?? '../shared');
export const GOLDEN_DIR = resolve(repository, process.env.GOLDEN_DIR ?? join(SHARED_DIR, 'golden'));
export const SPEC_DIR = resolve(repository, process.env.SPEC_DIR ?? join(SHARED_DIR, 'spec'));
export const DATA_DIR = join(SHARED_DIR, 'data');

/** A suite over files or folders that may be absent. */
export function describeWith(title: string, paths: readonly string[], body: () => void): void {
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length === 0) describe(title, body);
  else describe.skip(`${title} (absent: ${missing.join(', ')})`, body);
}

/** Parsed JSON, typed by the caller, who knows the file. Call it inside a test or `beforeAll`: a skipped suite's body runs too. */
export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
