import { join } from 'node:path';
import { cached } from './cache.mjs';
import { run, tail } from './run.mjs';
import { say } from './say.mjs';

/** What the reference checks of the tests import; the versions they were written with. */
const packages = ['torch==2.15.0', 'torchvision==0.29.2', 'numpy==2.4.6', 'safetensors==0.8.0'];

/**
 * A Python interpreter with PyTorch in a cached folder of its own, for tests that hold ours against it; null, with the reason
 * said, where it cannot be had. The program itself never needs it.
 */
export async function pythonWithPyTorch() {
  if (process.env.SSD_STUDIO_PYTHON) return process.env.SSD_STUDIO_PYTHON;
  try {
    const folder = await cached(`pytorch-${packages[0].split('==')[1]}`, async (unfinished) => {
      say('PyTorch: installing it for the tests that compare with it (about 3 GB, some minutes)');
      const made = await run('python3', ['-m', 'venv', unfinished], { seconds: 120 });
      if (!made.ok) throw new Error(`python3 -m venv: ${tail(made.log, 2)}`);
      const pip = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--only-binary=:all:', ...packages];
      const installed = await run(join(unfinished, 'bin/python'), pip, { env: { TMPDIR: unfinished }, seconds: 1500 });
      if (!installed.ok) throw new Error(`pip: ${tail(installed.log, 2)}`);
    });
    return join(folder, 'bin/python');
  } catch (error) {
    say(`PyTorch cannot be had (${error.message}); the tests that compare with it are skipped`);
    return null;
  }
}
