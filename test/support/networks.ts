/** Networks for tests of what computes them: each of the zoo, made small, and one that has every kind of layer. */
import type { ArchitectureId, NetworkChoice, NetworkDescription } from '@core/network/description';
import { LayerList } from '@core/network/layers';
import { sourceMaps } from '@core/network/shapes';
import { ARCHITECTURES, buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';

/** Input and width small where the architecture lets them be, so that a step takes a second. */
export function smallChoice(id: ArchitectureId): NetworkChoice {
  const choice = defaultChoice(id);
  const scalable = ARCHITECTURES.find((architecture) => architecture.id === id)?.scalable ?? false;
  return scalable ? { ...choice, widthMultiplier: 0.125 } : choice;
}

export function smallNetwork(id: ArchitectureId, classes = 3): NetworkDescription {
  const choice = smallChoice(id);
  return buildNetwork(choice, classes, presetDefaultBoxes(choice).sources.map(boxesPerCell));
}

/** Default boxes of each source. */
export function boxesOfSources(description: NetworkDescription): number[] {
  const maps = sourceMaps(description);
  return description.sources.map(({ boxesPerCell }, i) => boxesPerCell * maps[i].height * maps[i].width);
}

export function networksOfTheZoo(): Readonly<Record<string, NetworkDescription>> {
  return Object.fromEntries(ARCHITECTURES.map(({ id }) => [id, smallNetwork(id)]));
}

/**
 * Every kind of layer, and of the convolutions and pools every geometry that an architecture uses: kernels 1x3, 3x1, 1x7, 7x1
 * with the padding of one axis, strides on them, dilations 2 to 7 full and depthwise, a padded 4x4, a pool that rounds up.
 */
export function everyLayer(): NetworkDescription {
  const list = new LayerList();
  const plain = { bias: false } as const;
  let x = list.convolution('stem', 'input', 12, { kernel: 3, stride: 2, padding: 1 });
  x = list.batchNorm('stem.bn', x, 0.03, 1e-3);
  x = list.activation('stem.relu6', x, 'relu6');
  x = list.maxPool('pool', x, 2, 2, 0, true);
  const early = list.l2Norm('norm', x, 20);

  const branches = [2, 3, 5, 7].map((dilation) => {
    const at = `branch${dilation}`;
    const [rows, columns] = dilation < 4 ? [3, 1] : [1, 7];
    const padding = [(rows - 1) / 2, (columns - 1) / 2] as const;
    const y = list.convolution(`${at}.0`, x, 6, { ...plain, kernel: [rows, columns], padding });
    return list.convolution(`${at}.1`, y, 6, { ...plain, kernel: 3, padding: dilation, dilation });
  });
  const light = [2, 3, 5].map((dilation) =>
    list.depthwise(`light${dilation}`, x, 12, { ...plain, kernel: 3, padding: dilation, dilation }),
  );
  x = list.convolution('linear', list.concat('concat', [...branches, ...light]), 12);
  x = list.activation('block.relu', list.scaledAdd('block', x, early, 0.1));
  x = list.maxPool('pool3', x, 3, 1, 1, false);

  const gate = list.convolution('squeeze.1', list.globalAveragePool('squeeze', x), 8);
  const excite = list.convolution('squeeze.2', list.activation('squeeze.relu', gate), 12);
  const first = list.activation(
    'swish',
    list.multiply('gated', x, list.activation('sigmoid', excite, 'hardSigmoid')),
    'hardSwish',
  );

  x = list.convolution('down.0', first, 12, { kernel: [7, 1], stride: 2, padding: [3, 0] });
  x = list.convolution('down.1', x, 12, { kernel: [1, 3], padding: [0, 1] });
  x = list.depthwise('down.2', x, 12, { kernel: 3, stride: 2, padding: 1 });
  const last = list.activation('down.relu', list.convolution('down.3', x, 12, { kernel: 4, padding: 1 }));
  list.layers.push({ op: 'resize', name: 'wide', input: last, like: first });
  const sources = [list.concat('joined', ['wide', first]), last].map((feature, i) => ({
    feature,
    localisation: list.convolution(`loc.${i}`, feature, 8, { kernel: 3, padding: 1 }),
    confidence: list.convolution(`conf.${i}`, feature, 6, { kernel: 3, padding: 1 }),
    boxesPerCell: 2,
  }));
  return {
    architecture: 'ssd300',
    input: { width: 50, height: 46 },
    classes: 3,
    preprocessing: { channelOrder: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] },
    layers: list.layers,
    sources,
  };
}
