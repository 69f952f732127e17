import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeBoxes } from '@core/priors/coder';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import { largestDifference, recordFidelity } from '../../support/fidelity';
import { DATA_DIR, describeWith } from '../../support/shared';

const outputs = join(DATA_DIR, 'rfb320-face/reference_outputs');

function readFloats(name: string): Float32Array {
  const bytes = readFileSync(join(outputs, name));
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}

describeWith('RFB-320 against its published model', [outputs], () => {
  it('decodes the offsets of all 4,420 default boxes to the boxes that the model itself gives', () => {
    const input = { width: 320, height: 240 };
    const configuration = presetDefaultBoxes({ architecture: 'rfb320', widthMultiplier: 1, input });
    const maps = [40, 20, 10, 5].map((width, k) => ({ width, height: [30, 15, 8, 4][k] }));
    const { centers } = generateDefaultBoxes(configuration, input, maps);
    const offsets = readFloats('version-RFB-320_without_postprocessing.boxes.f32');
    const expected = readFloats('version-RFB-320.boxes.f32');
    const decoded = decodeBoxes(offsets, centers, configuration.variances, new Float32Array(offsets.length));
    expect(decoded.length).toBe(4420 * 4);
    expect(expected.length).toBe(decoded.length);
    recordFidelity({
      table: 'Post-processing',
      subject: 'RFB-320',
      source: 'published ONNX model',
      what: '4,420 decoded boxes, unit coordinates (x1 of the first)',
      reference: expected[0],
      ours: decoded[0],
      largestDifference: largestDifference(decoded, expected),
      tolerance: 1e-5,
    });
  });
});
