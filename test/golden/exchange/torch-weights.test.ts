/** Weight files against PyTorch: what it writes we read, what we write it reads. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWeightFile, type WeightFile } from '../../../src-main/exchange/weight-file';
import { writePyTorchZip } from '../../../src-main/exchange/pytorch-writer';
import { writeSafetensors } from '../../../src-main/exchange/safetensors-writer';
import type { WrittenTensor } from '../../../src-main/engine/safetensors-file';
import { describeWithPython, runPython } from '../../support/python';

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssd-torch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function contents(file: WeightFile): Promise<Tensor[]> {
  const tensors: Tensor[] = [];
  for (const tensor of file.tensors) tensors.push({ ...tensor, values: [...(await file.read(tensor.name))] });
  await file.close();
  return tensors;
}

describeWithPython('weight files of PyTorch', ['torch', 'numpy'], () => {
  let files: Record<string, { metadata: Record<string, string>; tensors: Tensor[] }>;
  beforeAll(() => {
    files = runPython('torch_weights.py', { save: folder });
  });

  it('of every kind give the same names, shapes, types and numbers', async () => {
    expect(Object.keys(files).length).toBeGreaterThan(10);
    for (const [name, { metadata, tensors }] of Object.entries(files)) {
      const file = await openWeightFile(join(folder, name));
      expect(file.format, name).toBe(name.startsWith('legacy') ? 'pytorch-legacy' : 'pytorch-zip');
      expect(file.metadata, name).toEqual(metadata);
      const read = await contents(file);
      expect(read.length, name).toBeGreaterThan(4);
      expect(read, name).toEqual(tensors);
    }
  });

  it.each([
    ['whole-model.pt', /wants to run `torch\.nn\.modules\.container\.Sequential`; only weight tables are read/],
    ['whole-model-legacy.pt', /wants to run `torch\.nn\.modules\.container\.Sequential`/],
    ['complex.pt', /complex numbers/],
    ['uint16.pt', /type without a storage class/],
    ['sparse.pt', /sparse tensors/],
    ['list.pt', /holds a list, not a table/],
    ['tensor.pt', /holds a tensor, not a table/],
    ['script.pt', /TorchScript/],
  ])('that are no plain tables are refused: %s', async (name, message) => {
    await expect(openWeightFile(join(folder, name))).rejects.toThrow(message);
  });
});

describeWithPython('weight files that we write', ['torch', 'numpy'], () => {
  const tensors: WrittenTensor[] = [
    { name: 'features.0.weight', shape: [4, 3, 3, 3], values: Float32Array.from({ length: 108 }, (_, i) => i / 7) },
    { name: 'schön.bias', shape: [3], values: Float32Array.of(-0.5, 1e-40, 3e38) },
    { name: 'bn.num_batches_tracked', shape: [], values: Float32Array.of(0), dtype: 'I64' },
    { name: 'none', shape: [0, 2], values: new Float32Array(0) },
    ...Array.from({ length: 300 }, (_, i) => ({ name: `layer.${i}`, shape: [1, 1], values: Float32Array.of(i) })),
  ];
  const expected = tensors.map(({ name, shape, values, dtype = 'F32' }) => ({
    name,
    shape,
    dtype,
    values: [...values],
  }));
  const byName = (all: readonly Tensor[]) => [...all].sort((a, b) => (a.name < b.name ? -1 : 1));

  it('as a zip archive are opened by torch.load with weights_only', async () => {
    const path = join(folder, 'ours.pth');
    expect(await writePyTorchZip(path, tensors)).toBe(readFileSync(path).length);
    expect(runPython('torch_weights.py', { load: path })).toEqual(expected);
    expect(await contents(await openWeightFile(path))).toEqual(expected);
  });

  it('as safetensors are read by another reader', async () => {
    const path = join(folder, 'ours.safetensors');
    await writeSafetensors(path, tensors, { format: 'pt' });
    expect(byName(runPython('torch_weights.py', { loadSafetensors: path }))).toEqual(byName(expected));
  });
});
