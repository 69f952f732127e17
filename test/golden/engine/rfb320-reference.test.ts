import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import protobuf from 'protobufjs';
import { expect, it } from 'vitest';
import { decodeBoxes } from '@core/priors/coder';
import { CAFFE_RULES } from '@core/priors/detections';
import { presetDefaultBoxes } from '@core/priors/presets';
import type { ArchitectureId } from '@core/network/description';
import { parameters } from '@core/network/parameters';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { readNewestCheckpoint } from '../../../src-main/engine/checkpoint';
import { openEngine } from '../../../src-main/engine/engines';
import { Model } from '../../../src-main/engine/executor';
import type { NamedTensor } from '../../../src-main/engine/executor-parameters';
import { predictRaw } from '../../../src-main/engine/executor-prediction';
import type { LoadedDetector } from '../../../src-main/engine/predict-job';
import { defaultBoxesOf, describeRunNetwork } from '../../../src-main/engine/run-network';
import { importWeights } from '../../../src-main/exchange/import-weights';
import { isReady } from '../../support/engines-available';
import { largestDifference, recordFidelity } from '../../support/fidelity';
import { DATA_DIR, describeWith } from '../../support/shared';

const folder = join(DATA_DIR, 'rfb320-face');
const onnxProto = resolve(import.meta.dirname, '../../../resources/onnx.proto');

interface OnnxModel {
  readonly graph: {
    readonly initializer: readonly {
      readonly name: string;
      readonly dims: readonly number[];
      readonly rawData: Uint8Array;
    }[];
  };
}

/** The weights of a published ONNX file by name; only `num_batches_tracked` is no float32. */
function readOnnxWeights(path: string): NamedTensor[] {
  const type = protobuf.loadSync(onnxProto).lookupType('onnx.ModelProto');
  const { graph } = type.decode(readFileSync(path)) as unknown as OnnxModel;
  return graph.initializer
    .filter(({ name }) => !name.endsWith('num_batches_tracked'))
    .map(({ name, dims, rawData }) => ({
      name,
      shape: dims.map(Number),
      values: new Float32Array(Uint8Array.from(rawData).buffer),
    }));
}

const floats = (path: string) => new Float32Array(Uint8Array.from(readFileSync(path)).buffer);

/** The reference's input, NCHW, as NHWC. */
function referenceInput(height: number, width: number): Float32Array {
  const input = new Float32Array(height * width * 3);
  for (let c = 0; c < 3; c++) {
    for (let p = 0; p < height * width; p++) {
      const i = c * height * width + p;
      input[p * 3 + c] = ((((i * 2654435761) >>> 0) % 2001) - 1000) / 1000;
    }
  }
  return input;
}

/** The weights and what belongs to them as an import from the published .pth leaves them in a run's folder. */
async function importPth(path: string): Promise<LoadedDetector> {
  const runDirectory = mkdtempSync(join(tmpdir(), 'ssd-face-'));
  try {
    const { report } = await importWeights({ path }, { kind: 'checkpoint', runDirectory }, () => {});
    const { network, classNames, conventions } = report;
    const { weights } = (await readNewestCheckpoint(runDirectory))!;
    return { network, classNames, weights, ...conventions };
  } finally {
    rmSync(runDirectory, { recursive: true, force: true });
  }
}

function fromOnnx(architecture: ArchitectureId, path: string): LoadedDetector {
  const network = defaultChoice(architecture);
  const description = buildNetwork(network, 2, [3, 2, 2, 3]);
  const wanted = new Set(parameters(description).map((parameter) => parameter.name));
  const weights = readOnnxWeights(path).filter((weight) => wanted.has(weight.name));
  const defaultBoxes = presetDefaultBoxes(network);
  return { network, classNames: ['face'], weights, defaultBoxes, detection: CAFFE_RULES };
}

describeWith('the published face detectors', [folder], () => {
  const cases = (['rfb320', 'slim320'] as const).flatMap((architecture) =>
    (['tensorflow', 'wasm'] as const)
      .filter(isReady)
      .flatMap((engine) => (['onnx', 'pth'] as const).map((file) => ({ architecture, engine, file }))),
  );
  it.each(cases)('$architecture from its .$file on $engine gives what onnxruntime gave', async (each) => {
    const { architecture, engine, file } = each;
    const name = architecture === 'rfb320' ? 'version-RFB-320' : 'version-slim-320';
    const detector =
      file === 'onnx'
        ? fromOnnx(architecture, join(folder, 'models/onnx', `${name}.onnx`))
        : await importPth(join(folder, 'models/pretrained', `${name}.pth`));
    expect(detector.network).toEqual(defaultChoice(architecture));
    const description = describeRunNetwork(detector, detector.classNames);
    const opened = await openEngine(engine);
    const model = new Model(opened, description, { weights: detector.weights });
    const raw = await predictRaw(model, referenceInput(240, 320));
    model.dispose();
    expect(raw.boxes).toBe(4420);

    const title = architecture === 'rfb320' ? 'RFB-320, 2 classes' : 'slim-320, 2 classes';
    const compared = {
      table: 'Forward passes',
      subject: file === 'onnx' ? title : `${title}, imported from its .pth`,
      source: 'published ONNX model in onnxruntime',
      engine: opened,
      tolerance: 1e-4,
    } as const;
    const scores = floats(join(folder, 'reference_outputs', `${name}.scores.f32`));
    recordFidelity({
      ...compared,
      what: 'all 8,840 class confidences (the first)',
      reference: scores[0],
      ours: raw.scores[0],
      largestDifference: largestDifference(raw.scores, scores),
    });

    const defaultBoxes = defaultBoxesOf(detector, description);
    const corners = new Float32Array(raw.offsets.length);
    decodeBoxes(raw.offsets, defaultBoxes.centers, detector.defaultBoxes.variances, corners);
    const boxes = floats(join(folder, 'reference_outputs', `${name}.boxes.f32`));
    recordFidelity({
      ...compared,
      what: 'all 4,420 boxes, unit coordinates (x1 of the first)',
      reference: boxes[0],
      ours: corners[0],
      largestDifference: largestDifference(corners, boxes),
    });
  });
});
