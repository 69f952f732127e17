/** The command line, started as a person would start it. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';

export const PROGRAM = resolve(import.meta.dirname, '../../scripts/studio.mjs');

export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface CommandLine {
  readonly env: NodeJS.ProcessEnv;
  studio(...args: string[]): Promise<Ended>;
  /** The one JSON document on standard output of a command that must succeed. */
  json<T>(...args: string[]): Promise<T>;
}

/** For the person whose home this is; the application's data lies in it. */
export function commandLine(home: string): CommandLine {
  const env = { ...process.env, SSD_STUDIO_DATA: join(home, 'data') };
  const studio = (...args: string[]): Promise<Ended> =>
    new Promise((done) => {
      execFile(process.execPath, [PROGRAM, ...args], { env, maxBuffer: 1 << 28 }, (error, out, err) => {
        done({ status: error ? ((error.code as unknown as number) ?? -1) : 0, out, err });
      });
    });
  const json = async <T>(...args: string[]): Promise<T> => {
    const { status, out, err } = await studio(...args, '--json');
    expect(status, err).toBe(0);
    return JSON.parse(out) as T;
  };
  return { env, studio, json };
}
