#!/usr/bin/env node
// usage: node scripts/setup.mjs app|test|cli|debian|pytorch
// Makes a fresh clone ready to run; a second run does nothing. Only Node itself may be used here: at the first run
// nothing is installed. `pytorch` prints the interpreter for SSD_STUDIO_PYTHON, or nothing where PyTorch cannot be had.
import { setUpOrExit } from './setup/all.mjs';
import { installDebianPackages } from './setup/debian.mjs';
import { pythonWithPyTorch } from './setup/pytorch.mjs';
import { orExit } from './setup/say.mjs';

const purpose = process.argv[2] ?? 'app';

if (purpose === 'debian') await orExit(() => installDebianPackages('test'));
else if (purpose === 'pytorch') console.log((await pythonWithPyTorch()) ?? '');
else await setUpOrExit(purpose);
