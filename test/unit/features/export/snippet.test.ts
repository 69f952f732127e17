import { describe, expect, it } from 'vitest';
import type { OnnxExport } from '@core/contract/exports';
import { pythonSnippet, snippetFacts } from '../../../../src-renderer/features/export/snippet';

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
