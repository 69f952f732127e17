import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { machine } from './places.mjs';
import { has, run, tail } from './run.mjs';
import { say } from './say.mjs';
import { unzip } from './unzip.mjs';

const version = '2.21.0';
const wheels = {
  'linux-x64': { name: 'tensorflow-cpu', version, platform: 'manylinux_2_27_x86_64' },
  'linux-arm64': { name: 'tensorflow', version, platform: 'manylinux_2_27_aarch64' },
};

/** The wheel that carries libtensorflow for this machine, or undefined. */
export const wheel = wheels[machine];

/** A cached folder with `lib/` (what the linker and the loader want) and `include/` (the C headers). */
export function libtensorflowFromWheel() {
  return cached(`libtensorflow-${wheel.version}-${machine}`, async (folder) => {
    say(`libtensorflow: its download is not reachable; taking it out of the Python wheel ${wheel.name} (about 270 MB)`);
    if (!has('python3', '-m', 'pip', '--version'))
      throw new Error('python3 with pip not found (Debian: apt-get install python3-pip)');
    // The C library does not depend on the Python version, so any Python may ask for the wheel of this one.
    const target = [
      '--platform',
      wheel.platform,
      '--python-version',
      '3.11',
      '--implementation',
      'cp',
      '--abi',
      'cp311',
    ];
    const asked = [
      'download',
      `${wheel.name}==${wheel.version}`,
      '--no-deps',
      '--only-binary=:all:',
      '--no-cache-dir',
      '--progress-bar',
      'off',
    ];
    const { ok, log } = await run('python3', ['-m', 'pip', ...asked, ...target, '--dest', folder], {
      cwd: folder,
      env: { TMPDIR: folder },
      seconds: 1800,
    });
    const file = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (!ok || !file) throw new Error(`pip could not fetch ${wheel.name} ${wheel.version}: ${tail(log, 3)}`);

    const headers = ['tensorflow/c', 'tensorflow/core/platform', 'tsl', 'xla/tsl', 'xla/c'].map(
      (part) => `tensorflow/include/${part}/*.h`,
    );
    const libraries = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];
    unzip(join(folder, file), folder, [...libraries, ...headers]);
    rmSync(join(folder, file));

    mkdirSync(join(folder, 'lib'));
    for (const library of libraries)
      renameSync(join(folder, library), join(folder, library.replace('tensorflow/', 'lib/')));
    if (has('strip')) await run('strip', ['--strip-unneeded', 'lib/libtensorflow_cc.so.2'], { cwd: folder }); // 200 MB of names
    symlinkSync('libtensorflow_cc.so.2', join(folder, 'lib/libtensorflow.so'));
    symlinkSync('libtensorflow_framework.so.2', join(folder, 'lib/libtensorflow_framework.so'));
    renameSync(join(folder, 'tensorflow/include'), join(folder, 'include'));
    rmSync(join(folder, 'tensorflow'), { recursive: true });
  });
}
