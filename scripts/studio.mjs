#!/usr/bin/env node
// usage: npm run -s studio -- COMMAND ...   (or the ssd-studio bin)
// The command line. Set-up and build speak on standard error; standard output belongs to the command.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildMain } from './build/main.mjs';
import { setUpOrExit } from './setup/all.mjs';
import { root } from './setup/places.mjs';
import { orExit } from './setup/say.mjs';

const program = join(root, 'out/main/cli.mjs');
await setUpOrExit('cli');
await orExit(buildMain);
process.argv[1] = program;
await import(pathToFileURL(program).href);
