/** What is done to a tensor of a file on its way into the network. */

/**
 * `copy`: nothing. `backgroundFirst`: a class predictor whose background is its last class is turned so that it is the first.
 * The others make fc6 and fc7 of VGG-16's fully connected layers (SPEC.md 1.5): every 4th output (and input of fc7), taps 0, 3, 6.
 */
export type TensorTransform = 'copy' | 'backgroundFirst' | 'decimateFc6' | 'decimateFc7' | 'decimateBias';

const OUTPUT_STRIDE = 4;
const FC6_SIDE = 7;
const FC6_TAPS = [0, 3, 6];

/** The shape that the file's tensor must have so that the transform yields `shape`. */
export function sourceShape(transform: TensorTransform, shape: readonly number[]): readonly number[] {
  switch (transform) {
    case 'copy':
    case 'backgroundFirst':
      return shape;
    case 'decimateFc6':
      return [shape[0] * OUTPUT_STRIDE, shape[1] * FC6_SIDE * FC6_SIDE];
    case 'decimateFc7':
      return [shape[0] * OUTPUT_STRIDE, shape[1] * OUTPUT_STRIDE];
    case 'decimateBias':
      return [shape[0] * OUTPUT_STRIDE];
  }
}

/**
 * The values of a parameter of `shape`, from those of the file's tensor, which has `sourceShape(transform, shape)`, row-major.
 * @param classes including background; only `backgroundFirst` asks
 * @throws RangeError when there are more or fewer values than that shape has
 */
export function transformValues(
  transform: TensorTransform,
  values: Float32Array,
  shape: readonly number[],
  classes: number,
): Float32Array {
  const expected = sourceShape(transform, shape).reduce((product, size) => product * size, 1);
  if (values.length !== expected) throw new RangeError(`${values.length} values where ${expected} are needed`);
  switch (transform) {
    case 'copy':
      return values;
    case 'backgroundFirst':
      return backgroundFirst(values, shape[0], classes);
    case 'decimateFc6':
      return decimateFc6(values, shape);
    case 'decimateFc7':
      return Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => {
        const [output, input] = [Math.floor(i / shape[1]), i % shape[1]];
        return values[(output * shape[1] * OUTPUT_STRIDE + input) * OUTPUT_STRIDE];
      });
    case 'decimateBias':
      return Float32Array.from({ length: shape[0] }, (_, i) => values[i * OUTPUT_STRIDE]);
  }
}

/** Channels are box-major, then class (SPEC.md 2.3); the last class of each box becomes its first. */
function backgroundFirst(values: Float32Array, channels: number, classes: number): Float32Array {
  if (channels % classes !== 0) throw new RangeError(`${channels} channels are not a multiple of ${classes} classes`);
  const size = values.length / channels;
  const turned = new Float32Array(values.length);
  for (let channel = 0; channel < channels; channel++) {
    const box = channel - (channel % classes);
    const from = box + (((channel % classes) + classes - 1) % classes);
    turned.set(values.subarray(from * size, (from + 1) * size), channel * size);
  }
  return turned;
}

function decimateFc6(values: Float32Array, [outputs, inputs]: readonly number[]): Float32Array {
  const taken = new Float32Array(outputs * inputs * FC6_TAPS.length ** 2);
  let at = 0;
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const kernel = (output * OUTPUT_STRIDE * inputs + input) * FC6_SIDE * FC6_SIDE;
      for (const row of FC6_TAPS) for (const column of FC6_TAPS) taken[at++] = values[kernel + row * FC6_SIDE + column];
    }
  }
  return taken;
}
