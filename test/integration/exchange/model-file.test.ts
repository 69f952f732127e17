import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { NetworkChoice } from '@core/network/description';
import { elements, parameters } from '@core/network/parameters';
import { CAFFE_RULES } from '@core/priors/detections';
import { presetDefaultBoxes } from '@core/priors/presets';
import { modelMetadata, parseModelMetadata } from '@core/weights/model-metadata';
import { describeRunNetwork } from '../../../src-main/engine/run-network';
import { encodeTensorFile, type TensorFile } from '../../../src-main/engine/safetensors-file';
import { readModelFile, writeModelFile, type ModelFile } from '../../../src-main/exchange/model-file';

const folder = mkdtempSync(join(tmpdir(), 'ssd-model-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const network: NetworkChoice = { architecture: 'slim320', widthMultiplier: 1, input: { width: 128, height: 96 } };
const information = {
  network,
  defaultBoxes: presetDefaultBoxes(network),
  classNames: ['red blood cell', 'Zelle é'],
  detection: { ...CAFFE_RULES, iouThreshold: 0.3 },
  source: { name: 'slim-320, run 1', step: 12, layout: null },
};
const model: ModelFile = {
  ...information,
  weights: parameters(describeRunNetwork(information, information.classNames)).map(({ name, shape }, k) => ({
    name,
    shape,
    values: Float32Array.from({ length: elements(shape) }, (_, i) => Math.fround(Math.sin(k + i))),
  })),
};

/** A file with the model's content changed. */
function file(name: string, change: (content: TensorFile) => TensorFile): string {
  const path = join(folder, name);
  const content = change({ tensors: model.weights, metadata: modelMetadata(model) });
  writeFileSync(path, Buffer.concat(encodeTensorFile(content)));
  return path;
}

describe('a model file', () => {
  it('comes back as it was written, whole', async () => {
    const path = join(folder, 'new folder', 'model.safetensors');
    expect(await writeModelFile(path, model)).toBe(readFileSync(path).length);
    expect(await readModelFile(path)).toEqual(model);
    expect(readdirSync(join(folder, 'new folder'))).toEqual(['model.safetensors']);
  });

  it('that is not whole is refused by name, with the place and what to do', async () => {
    const whole = readFileSync(file('whole.safetensors', (content) => content));
    const cut = join(folder, 'cut.safetensors');
    const [first, ...others] = model.weights;
    const faults: readonly (readonly [string, RegExp])[] = [
      [join(folder, 'gone.safetensors'), /no such file/],
      [file('less.safetensors', (c) => ({ ...c, tensors: others })), /the weight base_net\.0\.0\.weight is missing/],
      [
        file('other.safetensors', (c) => ({ ...c, tensors: [{ ...first, shape: [first.values.length] }, ...others] })),
        /base_net\.0\.0\.weight has the shape \[\d+\], the network needs \[16, 3, 3, 3\]/,
      ],
      [
        file('nan.safetensors', (c) => ({
          ...c,
          tensors: [{ ...first, values: first.values.map((v, i) => (i === 5 ? NaN : v)) }, ...others],
        })),
        /base_net\.0\.0\.weight holds a value that is no finite number/,
      ],
      [file('foreign.safetensors', (c) => ({ ...c, metadata: { format: 'pt' } })), /no model of SSD Studio/],
      [file('later.safetensors', (c) => ({ ...c, metadata: { format: 'ssd-studio model 2' } })), /reads "ssd-studio/],
      [
        file('boxes.safetensors', ({ tensors, metadata: { default_boxes, ...rest } }) => ({
          tensors,
          metadata: default_boxes === '' ? {} : rest,
        })),
        /no "default_boxes"/,
      ],
      [
        file('network.safetensors', (c) => ({ ...c, metadata: { ...c.metadata, network: '{"architecture":"ssd9"}' } })),
        /wrong at network\.architecture/,
      ],
      [cut, /./],
    ];
    for (const length of [0, 7, 100, whole.length - 1]) {
      writeFileSync(cut, whole.subarray(0, length));
      await expect(readModelFile(cut), `${length} bytes`).rejects.toMatchObject({ code: 'unreadable' });
    }
    for (const [path, message] of faults) {
      const refused = expect(readModelFile(path), path).rejects;
      await refused.toMatchObject({ code: 'unreadable', advice: expect.stringContaining('weights import') as string });
      await expect(readModelFile(path)).rejects.toThrow(message);
      await expect(readModelFile(path)).rejects.toThrow(path);
    }
  });

  it('of nobody is no model, and its metadata is not trusted', () => {
    expect(parseModelMetadata({})).toBeNull();
    expect(parseModelMetadata({ format: 'pt' })).toBeNull();
    expect(() => parseModelMetadata({ ...modelMetadata(model), classes: '[""]' })).toThrow(/classNames/);
    expect(() => parseModelMetadata({ ...modelMetadata(model), detection: '{' })).toThrow(/not JSON/);
  });
});
