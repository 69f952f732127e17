#!/usr/bin/env node
// usage: node scripts/setup.mjs app|test|cli|debian
// Makes a fresh clone ready to run; a second run does nothing. Only Node itself may be used here: at the first run
// nothing is installed.
import { setUp } from './setup/all.mjs';
import { installDebianPackages } from './setup/debian.mjs';
import { say, SetUpError } from './setup/say.mjs';

const purpose = process.argv[2] ?? 'app';

try {
  if (purpose === 'debian') installDebianPackages('test');
  else await setUp(purpose);
} catch (error) {
  say(error instanceof SetUpError ? error.message : error.stack);
  process.exit(1);
}
