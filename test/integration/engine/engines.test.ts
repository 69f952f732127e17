import Module from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineError, OpensElsewhere } from '../../../src-main/engine/engines-error';
import { listEngines, openEngine } from '../../../src-main/engine/engines';

const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
const load = loader._load;

/** Loading tfjs-node fails as it does where its native part was never built. */
function withoutTensorflow(error: Error): void {
  loader._load = (name, ...rest) => {
    if (name.startsWith('@tensorflow/tfjs-node')) throw error;
    return load.call(loader, name, ...rest);
  };
}

describe('engines', () => {
  afterEach(() => {
    loader._load = load;
  });

  it('without TensorFlow, wasm is chosen and the list says what is missing and what to do', async () => {
    withoutTensorflow(new Error('The Node.js native addon module (tfjs_binding.node) can not be found'));
    const statuses = await listEngines();
    expect(statuses.map(({ id, ready, chosen }) => [id, ready, chosen])).toEqual([
      ['cuda', false, false],
      ['webgpu', false, false],
      ['tensorflow', false, false],
      ['wasm', true, true],
    ]);
    expect(statuses[2].detail).toMatch(/not installed/);
    expect(statuses[2].help).toBe('npm run setup');
    await expect(openEngine('tensorflow')).rejects.toBeInstanceOf(EngineError);
    expect((await openEngine('auto')).id).toBe('wasm');
  });

  it('a TensorFlow that breaks while loading is not ready, and says why', async () => {
    withoutTensorflow(new Error('libtensorflow.so.2: file too short\nsecond line'));
    const [, , tensorflow] = await listEngines();
    expect(tensorflow).toMatchObject({ ready: false, detail: 'libtensorflow.so.2: file too short' });
  });

  it('auto is the first ready engine of the list', async () => {
    const statuses = await listEngines();
    const best = statuses.find(({ ready }) => ready);
    expect(best?.chosen).toBe(true);
    expect((await openEngine('auto')).id).toBe(best?.id);
  });
});

describe('WebGPU in another process, which can take over a job', () => {
  const report = { ready: true, name: 'Radeon', detail: 'Radeon, buffers up to 2.0 GB', software: false } as const;
  const cuda = async () => (await listEngines(report))[0].ready;

  it('is listed as that one says and taken by auto, which opens it there', async () => {
    const [, webgpu] = await listEngines(report);
    expect(webgpu).toMatchObject({ ready: true, detail: report.detail, help: null, chosen: !(await cuda()) });
    await expect(openEngine('webgpu', report)).rejects.toBeInstanceOf(OpensElsewhere);
    if (!(await cuda())) await expect(openEngine('auto', report)).rejects.toBeInstanceOf(OpensElsewhere);
  });

  it('is taken only by name when a program stands in for a GPU', async () => {
    const software = { ...report, name: 'SwiftShader', software: true };
    const [, webgpu] = await listEngines(software);
    expect(webgpu).toMatchObject({ ready: false, chosen: false });
    expect(webgpu.detail).toBe('the only GPU is a program (SwiftShader), which is slower than the processor');
    await expect(openEngine('webgpu', software)).rejects.toBeInstanceOf(OpensElsewhere);
    expect((await openEngine('auto', software)).id).not.toBe('webgpu');
  });

  it('is missing for the reason that it has there', async () => {
    const missing = { ready: false, detail: 'no GPU was found', help: 'Install its driver' } as const;
    const [, webgpu] = await listEngines(missing);
    expect(webgpu).toMatchObject({ ready: false, detail: missing.detail, help: missing.help });
    await expect(openEngine('webgpu', missing)).rejects.toMatchObject({ message: missing.detail, help: missing.help });
  });
});
