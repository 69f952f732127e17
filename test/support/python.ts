/**
 * Independent computations in Python (PyTorch): the interpreter comes from the environment variable SSD_STUDIO_PYTHON. A suite
 * that needs it is skipped where it is not set or lacks a module, and its title says so.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe } from 'vitest';

const interpreter = process.env.SSD_STUDIO_PYTHON ?? '';

/** Why Python with these modules cannot be had, or null. */
function problem(modules: readonly string[]): string | null {
  if (interpreter === '') return 'SSD_STUDIO_PYTHON is not set';
  const { status, error } = spawnSync(interpreter, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
  if (error) return `${interpreter} does not start`;
  return status === 0 ? null : `${interpreter} lacks one of ${modules.join(', ')}`;
}

/** A suite that runs Python programs which need these modules. */
export function describeWithPython(title: string, modules: readonly string[], body: () => void): void {
  const missing = problem(modules);
  if (missing === null) describe(title, body);
  else describe.skip(`${title} (${missing})`, body);
}

/** Runs a program of test/support with `input` as JSON on its standard input; its standard output is JSON. */
export function runPython<T>(program: string, input: unknown): T {
  const output = execFileSync(interpreter, ['-B', join(import.meta.dirname, program)], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return JSON.parse(output) as T;
}
