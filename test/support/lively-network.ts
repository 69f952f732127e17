/** Networks whose every number matters, for comparisons between runtimes. */
import type { NetworkDescription } from '@core/network/description';
import type { NamedTensor } from '../../src-main/engine/executor-parameters';
import { HostParameters } from '../../src-main/engine/executor-parameters-host';

/** Drawn from a seed; biases, scales and running statistics as no fresh network has them, so that a lost one shows. */
export function livelyWeights(network: NetworkDescription): NamedTensor[] {
  return new HostParameters(network, 1).read().map(({ name, shape, values }) => {
    if (shape.length > 1) return { name, shape, values };
    return { name, shape, values: values.map((value, i) => value + 0.2 * Math.sin(i + 1)) };
  });
}

/** Noise within two standard deviations of the mean: random weights make large numbers of anything louder. [H, W, 3], RGB. */
export function mildPixels({ input, preprocessing: { mean, std, channelOrder } }: NetworkDescription): Float32Array {
  const noise = (i: number) => (((i * 2654435761) >>> 0) % 4001) / 1000 - 2;
  return Float32Array.from({ length: input.width * input.height * 3 }, (_, i) => {
    const c = channelOrder === 'rgb' ? i % 3 : 2 - (i % 3);
    return mean[c] + noise(i) * std[c];
  });
}
