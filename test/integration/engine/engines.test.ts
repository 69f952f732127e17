import Module from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../../src-main/engine/engines-error';
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
