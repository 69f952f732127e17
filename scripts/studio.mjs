#!/usr/bin/env node
// usage: npm run -s studio -- COMMAND ...   (or the ssd-studio bin)
// The command line. Set-up and build speak on standard error; standard output belongs to the command.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setUp } from './setup/all.mjs';
import { root } from './setup/places.mjs';
import { say, SetUpError } from './setup/say.mjs';

const program = join(root, 'out/main/cli.mjs');
try {
  await setUp('cli');
  const { buildMain } = await import('./build/main.mjs');
  await buildMain();
} catch (error) {
  say(error instanceof SetUpError ? error.message : error.stack);
  process.exit(1);
}
process.argv[1] = program;
await import(pathToFileURL(program).href);
