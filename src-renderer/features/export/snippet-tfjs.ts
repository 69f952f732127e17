/** The JavaScript lines that run an exported folder with TensorFlow.js, true to its input and outputs. */

export interface TfjsFacts {
  readonly folder: string;
  readonly input: { readonly width: number; readonly height: number };
  /** Without background. */
  readonly classNames: readonly string[];
}

export function tfjsSnippet({ folder, input: { width, height }, classNames }: TfjsFacts): string {
  const names = classNames.map((name) => JSON.stringify(name)).join(', ');
  return `// npm install @tensorflow/tfjs
import * as tf from '@tensorflow/tfjs';

const CLASSES = [${names}];
// the folder as your server offers it; in Node, tfjs-node opens 'file://...'
const model = await tf.loadGraphModel(${JSON.stringify(`${folder}/model.json`)});

// RGB, 0 to 255, [1, height, width, 3]; mean and scale are inside the model
function resize(pixels, width, height) {
  // averaged where the picture is at least twice as fine, so that nothing small is missed
  const down = Math.max(1, Math.floor(pixels.shape[0] / height));
  const across = Math.max(1, Math.floor(pixels.shape[1] / width));
  const fine = tf.image.resizeBilinear(pixels.toFloat(), [down * height, across * width], false, true);
  return tf.avgPool(fine, [down, across], [down, across], 'valid').expandDims();
}

// picture: an <img>, <video> or <canvas>, or ImageData
export async function detect(picture, least = 0.5) {
  const { boxes, scores } = tf.tidy(() => {
    const pixels = tf.browser.fromPixels(picture);
    const { boxes, scores } = model.predict({ image: resize(pixels, ${width}, ${height}) });
    // boxes: x1, y1, x2, y2 as fractions of the picture; scores: column 0 is background
    return { boxes: boxes.squeeze([0]), scores: scores.squeeze([0]) };
  });
  const corners = await boxes.array();
  const found = [];
  for (const [index, name] of CLASSES.entries()) {
    const likely = tf.tidy(() => scores.slice([0, index + 1], [-1, 1]).squeeze([1]));
    const kept = await tf.image.nonMaxSuppressionAsync(boxes, likely, 200, 0.45, least);
    const values = await likely.data();
    for (const i of await kept.data()) found.push({ name, score: values[i], box: corners[i] });
    tf.dispose([likely, kept]);
  }
  tf.dispose([boxes, scores]);
  return found;
}
`;
}
