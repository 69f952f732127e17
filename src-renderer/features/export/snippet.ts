/** The lines that run an exported file where it runs; for ONNX in Python, true to the file's inputs and outputs. */
import type { ExportReport, OnnxExport } from '@core/contract/exports';
import { networkOf, type Run } from './contents';
import { tfjsSnippet } from './snippet-tfjs';
import { pytorchSnippet } from './snippet-pytorch';
import { safetensorsSnippet } from './snippet-weights';

export function snippetOf(report: ExportReport, run: Run): { title: string; text: string } {
  const { classNames, configuration } = run;
  const { input } = configuration.network;
  const fileName = report.path.split(/[\\/]/).pop() ?? report.path;
  switch (report.format) {
    case 'onnx':
      return { title: 'Run it with Python', text: pythonSnippet(snippetFacts(report, classNames, input)) };
    case 'tfjs':
      return { title: 'Run it with JavaScript', text: tfjsSnippet({ folder: fileName, input, classNames }) };
    case 'safetensors':
      return { title: 'Open it', text: safetensorsSnippet(fileName) };
    case 'pytorch':
      return {
        title: 'Load it with PyTorch',
        text: pytorchSnippet({
          fileName,
          names: report.names,
          network: networkOf(run),
          defaultBoxes: configuration.defaultBoxes,
        }),
      };
  }
}

export interface SnippetFacts {
  readonly fileName: string;
  readonly input: { readonly name: string; readonly width: number; readonly height: number };
  readonly boxes: string;
  readonly scores: string;
  /** Without background. */
  readonly classNames: readonly string[];
}

/** What the snippet needs to know, read from the report; input is [N, 3, H, W], the first output the boxes, the second the scores. */
export function snippetFacts(
  report: OnnxExport,
  classNames: readonly string[],
  input: { readonly width: number; readonly height: number },
): SnippetFacts {
  const boxes = report.outputs.find(
    (output) => output.shape[output.shape.length - 1] === 4 && output.name !== 'scores',
  );
  const scores = report.outputs.find((output) => output !== boxes);
  return {
    fileName: report.path.split(/[\\/]/).pop() ?? report.path,
    input: { name: report.inputs[0]?.name ?? 'image', ...input },
    boxes: boxes?.name ?? 'boxes',
    scores: scores?.name ?? 'scores',
    classNames,
  };
}

/** A text as a Python string literal. JSON's escapes are Python's too. */
const literal = (text: string): string => JSON.stringify(text);

export function pythonSnippet({ fileName, input, boxes, scores, classNames }: SnippetFacts): string {
  return `# pip install onnxruntime pillow numpy
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

CLASSES = [${classNames.map(literal).join(', ')}]

def nms(boxes, scores, overlap=0.45):
    keep, order = [], scores.argsort()[::-1]
    while order.size:
        i, rest = order[0], order[1:]
        keep.append(i)
        x1, y1 = np.maximum(boxes[i, :2], boxes[rest, :2]).T
        x2, y2 = np.minimum(boxes[i, 2:], boxes[rest, 2:]).T
        both = np.maximum(x2 - x1, 0) * np.maximum(y2 - y1, 0)
        area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
        order = rest[both / (area[i] + area[rest] - both) <= overlap]
    return keep

def resize(picture, width, height):
    # as the studio does it: blocks averaged where the picture is over twice as fine, then bilinear
    blocks = [int(a / b) if a > 2 * b else 1 for a, b in zip(picture.size, (width, height))]
    pixels = np.asarray(picture.reduce(tuple(blocks)), np.float32)
    for axis, count in enumerate((height, width)):
        size = pixels.shape[axis]
        at = np.clip((np.arange(count) + 0.5) * size / count - 0.5, 0, size - 1)
        low, share = at.astype(int), (at % 1).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        high = np.minimum(low + 1, size - 1)
        pixels = pixels.take(low, axis) * (1 - share) + pixels.take(high, axis) * share
    return pixels.astype(np.float32)

session = onnxruntime.InferenceSession(${literal(fileName)})
picture = ImageOps.exif_transpose(Image.open("picture.jpg")).convert("RGB")
# RGB, 0 to 255, [1, 3, height, width]; mean and scale are inside the file
pixels = resize(picture, ${input.width}, ${input.height})
boxes, scores = session.run([${literal(boxes)}, ${literal(scores)}], {${literal(input.name)}: pixels.transpose(2, 0, 1)[None]})
# boxes: x1, y1, x2, y2 as fractions of the picture; scores: column 0 is background
boxes = boxes[0] * np.array([picture.width, picture.height] * 2)
for index, name in enumerate(CLASSES, start=1):
    likely = scores[0, :, index] >= 0.5
    for i in nms(boxes[likely], scores[0, likely, index]):
        print(name, scores[0, likely, index][i].round(3), boxes[likely][i].round(1))
`;
}
