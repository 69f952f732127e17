import { describe, expect, it } from 'vitest';
import type { OnnxExport } from '@core/contract/exports';
import type { RunConfiguration } from '@core/experiment/run';
import { defaultChoice } from '@core/network/zoo';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { pythonSnippet, snippetFacts, snippetOf } from '../../../../src-renderer/features/export/snippet';
import { tfjsSnippet } from '../../../../src-renderer/features/export/snippet-tfjs';

const verification = { tensors: 71, different: [], passed: true };

const report: OnnxExport = {
  path: 'C:\\models\\cells "v2".onnx',
  bytes: 1,
  format: 'onnx',
  opset: 17,
  inputs: [{ name: 'image', shape: ['N', 3, 240, 320] }],
  outputs: [
    { name: 'boxes', shape: ['N', 4420, 4] },
    { name: 'scores', shape: ['N', 4420, 4] },
  ],
  verification: {
    picture: 'a.jpg',
    runtime: 'onnxruntime',
    largestBoxDifference: 0,
    largestScoreDifference: 0,
    boxTolerance: 1e-3,
    scoreTolerance: 1e-4,
    passed: true,
  },
};

describe('the program for torchvision', () => {
  const network = defaultChoice('ssd300');
  const program = (defaultBoxes: DefaultBoxConfiguration) =>
    snippetOf(
      { format: 'pytorch', path: '/models/x.pth', bytes: 1, names: 'torchvision', verification },
      { classNames: ['a', 'b'], configuration: { network, defaultBoxes } as RunConfiguration },
    ).text;

  it("makes this run's default boxes where torchvision can", () => {
    const text = program(presetDefaultBoxes(network));
    expect(text).toContain('model = ssd300_vgg16(weights=None, weights_backbone=None, num_classes=3)');
    expect(text).toContain('steps=[8, 16, 32, 64, 100, 300], clip=False)');
  });

  it('says so where it cannot', () => {
    const text = program({ ...presetDefaultBoxes(network), extraBoxLast: true });
    expect(text).not.toContain('model.anchor_generator');
    expect(text).toContain("# DefaultBoxGenerator cannot make this run's default boxes");
  });
});

describe('the program for TensorFlow.js', () => {
  it('names the folder, the input size and the classes', () => {
    const text = tfjsSnippet({ folder: 'my "cells"-tfjs', input: { width: 320, height: 240 }, classNames: ['a "b"'] });
    expect(text).toContain('tf.loadGraphModel("my \\"cells\\"-tfjs/model.json")');
    expect(text).toContain('resize(pixels, 320, 240)');
    expect(text).toContain('const CLASSES = ["a \\"b\\""]');
  });
});

describe('the Python snippet', () => {
  const text = pythonSnippet(snippetFacts(report, ['RBC', 'white "cell"', 'Plättchen'], { width: 320, height: 240 }));

  it('names the file, the input and the outputs of the report', () => {
    expect(text).toContain('InferenceSession("cells \\"v2\\".onnx")');
    expect(text).toContain('session.run(["boxes", "scores"], {"image": pixels');
    expect(text).toContain('resize(picture, 320, 240)');
  });

  it('tells boxes from scores when there are three classes and background', () => {
    expect(snippetFacts(report, ['a', 'b', 'c'], { width: 1, height: 1 })).toMatchObject({
      boxes: 'boxes',
      scores: 'scores',
    });
  });

  it('quotes class names so that Python reads them', () => {
    expect(text).toContain('CLASSES = ["RBC", "white \\"cell\\"", "Plättchen"]');
  });
});
