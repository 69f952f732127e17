#!/usr/bin/env node
// usage: node scripts/setup.mjs app|test|cli|debian
// Makes a fresh clone ready to run; a second run does nothing. Only Node itself may be used here: at the first run
// nothing is installed.
import { setUpOrExit } from './setup/all.mjs';
import { installDebianPackages } from './setup/debian.mjs';
import { orExit } from './setup/say.mjs';

const purpose = process.argv[2] ?? 'app';

if (purpose === 'debian') await orExit(() => installDebianPackages('test'));
else await setUpOrExit(purpose);
