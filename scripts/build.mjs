#!/usr/bin/env node
// usage: node scripts/build.mjs [main|renderer]
// src-* -> out/; only what has changed since the last build.
import { buildMain } from './build/main.mjs';
import { buildRenderer } from './build/renderer.mjs';
import { setUpOrExit } from './setup/all.mjs';

await setUpOrExit('cli');
const only = process.argv[2];
const started = Date.now();
const built = [
  only !== 'renderer' && (await buildMain()) && 'main',
  only !== 'main' && (await buildRenderer()) && 'renderer',
].filter(Boolean);
if (built.length)
  process.stderr.write(`[build] ${built.join(' and ')} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
