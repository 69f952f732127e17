import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { elements } from '@core/network/parameters';
import { onnxType } from '../../../src-main/exchange/onnx-graph';
import { openWeightFile } from '../../../src-main/exchange/weight-file';
import { DATA_DIR, describeWith } from '../../support/shared';

const models = join(DATA_DIR, 'rfb320-face/models');

interface Initializer {
  readonly name: string;
  readonly dims?: number[];
  readonly raw_data?: Uint8Array;
  readonly float_data?: number[];
  readonly int64_data?: number[];
}

/** The stored tensors of an ONNX file, by their names, which are PyTorch's. */
function initializers(file: string): Map<string, Initializer> {
  const type = onnxType('ModelProto');
  const model = type.toObject(type.decode(readFileSync(file)), { longs: Number }) as {
    graph: { initializer: Initializer[] };
  };
  return new Map(model.graph.initializer.map((initializer) => [initializer.name, initializer]));
}

describeWith('the .pth files of the face detectors', [models], () => {
  it.each([
    ['version-RFB-320', 244, 281_135],
    ['version-slim-320', 184, 264_757],
  ])('%s hold the same numbers as its ONNX file', async (name, tensors, numbers) => {
    const stored = initializers(join(models, `onnx/${name}.onnx`));
    const file = await openWeightFile(join(models, `pretrained/${name}.pth`));
    expect(file).toMatchObject({ format: 'pytorch-legacy', metadata: {} });
    expect(file.tensors).toHaveLength(tensors);
    expect(file.tensors.reduce((sum, { shape }) => sum + elements(shape), 0)).toBe(numbers);
    let compared = 0;
    for (const { name: tensor, shape, dtype } of file.tensors) {
      const values = await file.read(tensor);
      expect(values, tensor).toHaveLength(elements(shape));
      const { dims = [], raw_data: raw, float_data, int64_data } = stored.get(tensor)!;
      expect(dims, tensor).toEqual(shape);
      if (dtype === 'I64') {
        const count = raw?.length ? Buffer.from(raw).readBigInt64LE(0) : int64_data![0];
        expect(values[0], tensor).toBe(Number(count));
      } else {
        const expected = raw?.length ? Buffer.from(raw) : Buffer.from(Float32Array.from(float_data!).buffer);
        expect(Buffer.from(values.buffer).equals(expected), tensor).toBe(true);
      }
      compared++;
    }
    expect(compared).toBe(tensors);
    await file.close();
  });
});
