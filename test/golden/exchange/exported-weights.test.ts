/** Exported weights, opened by the programs that the Export screen shows for them: torchvision's models, safetensors' reader. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExportFormat } from '@core/contract/exports';
import type { RunConfiguration } from '@core/experiment/run';
import type { ArchitectureId } from '@core/network/description';
import { sourceMaps } from '@core/network/shapes';
import { architecture as architectureOf, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { CAFFE_RULES } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { publishedDefaultBoxes } from '@core/priors/presets';
import { exportNames } from '@core/weights/export-names';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import { exportRun } from '../../../src-main/exchange/export-run';
import { type ModelFile, writeModelFile } from '../../../src-main/exchange/model-file';
import { snippetOf } from '../../../src-renderer/features/export/snippet';
import { largestDifference, recordFidelity } from '../../support/fidelity';
import { livelyWeights, mildPixels } from '../../support/lively-network';
import { describeWithPython, runPython } from '../../support/python';

const classNames = ['a', 'b', 'c'];
const OF_TORCHVISION = { table: 'Exports', source: 'torchvision, loaded strictly', relative: true } as const;

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'ssd-exported-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function someModel(architecture: ArchitectureId) {
  const network = defaultChoice(architecture);
  const defaultBoxes = { ...publishedDefaultBoxes(network, { dataset: 'coco' }), clip: 'size' as const };
  const description = buildNetwork(network, classNames.length + 1, defaultBoxes.sources.map(boxesPerCell));
  const source = { name: 'some run', step: 3, layout: null };
  const weights = livelyWeights(description);
  const model: ModelFile = { network, defaultBoxes, classNames, detection: CAFFE_RULES, source, weights };
  return { model, description };
}

/** Writes the model, exports it as `format`, runs the program shown for it; returns the hash of every tensor it has then. */
async function openedInPython(model: ModelFile, format: ExportFormat, size: readonly number[] | null) {
  const modelFile = join(folder, 'model.safetensors');
  await writeModelFile(modelFile, model);
  const path = join(folder, format === 'pytorch' ? 'exported.pth' : 'exported.safetensors');
  const job = { kind: 'export', runName: '', names: null, path, verifyWith: null } as const;
  const report = await exportRun({ ...job, detector: { modelFile }, format }, () => {});
  expect(report.verification).toMatchObject({ passed: true, tensors: model.weights.length, different: [] });
  const configuration = model as unknown as RunConfiguration;
  const { text: program } = snippetOf(report, { classNames, configuration });
  return runPython<Record<string, string>>('exported_weights.py', { folder, program, size });
}

const sha256 = (values: Float32Array) =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

const floats = (name: string) => new Float32Array(new Uint8Array(readFileSync(join(folder, `${name}.f32`))).buffer);

/** The largest difference as a part of the largest number. */
function compare(ours: Float32Array, theirs: Float32Array) {
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { ours: ours[0], reference: theirs[0], largestDifference: largestDifference(ours, theirs) / largest };
}

describeWithPython('weights exported for torchvision', ['torch', 'torchvision', 'numpy'], () => {
  it.each(['ssd300', 'ssdlite320'] as const)('%s loads strictly there and answers as here', async (architecture) => {
    const { model, description } = someModel(architecture);
    const { width, height } = description.input;
    const { mean, std } = description.preprocessing;
    const input = mildPixels(description).map((value, i) => (value - mean[i % 3]) / std[i % 3]);
    writeFileSync(join(folder, 'input.f32'), input);
    const there = await openedInPython(model, 'pytorch', [height, width]);

    const nameThere = exportNames(description, 'torchvision');
    for (const { name, values } of model.weights) expect(there[nameThere.get(name)!], name).toBe(sha256(values));

    const engine = await openEngine('auto');
    const ours = new Model(engine, description, { weights: model.weights });
    const { localisation, confidence } = ours.predict(
      tf.tensor(input, [1, height, width, 3], 'float32') as tf.Tensor4D,
    );
    const offsets = compare(localisation.dataSync<'float32'>(), floats('regression'));
    const scores = compare(confidence.dataSync<'float32'>(), floats('classification'));
    ours.dispose();
    const { corners } = generateDefaultBoxes(model.defaultBoxes, description.input, sourceMaps(description));
    const boxes = compare(
      Float32Array.from(corners, (value, i) => value * (i % 2 === 0 ? width : height)),
      floats('anchors'),
    );
    const compared = {
      ...OF_TORCHVISION,
      subject: `${architectureOf(architecture).name}, 4 classes, exported state dict`,
      engine,
    } as const;
    recordFidelity({ ...compared, ...offsets, what: 'offsets (the first)', tolerance: 1e-4 });
    recordFidelity({ ...compared, ...scores, what: 'class scores (the first)', tolerance: 1e-4 });
    recordFidelity({ ...compared, ...boxes, what: 'default boxes of the shown program (the first)', tolerance: 1e-5 });
  });
});

describeWithPython('weights exported as safetensors', ['torch', 'safetensors', 'numpy'], () => {
  it("have every bit in Hugging Face's own reader", async () => {
    const { model } = someModel('rfb320');
    const there = await openedInPython(model, 'safetensors', null);
    expect(there).toEqual(Object.fromEntries(model.weights.map(({ name, values }) => [name, sha256(values)])));
  });
});
