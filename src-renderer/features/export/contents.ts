/** What an exported file of a run will hold, known before it is written. */
import type { RunConfiguration, RunSummary } from '@core/experiment/run';
import { parameters } from '@core/network/parameters';
import { countBoxes } from '@core/network/shapes';
import { architecture, buildNetwork } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';

export interface Contents {
  readonly network: string;
  readonly input: RunConfiguration['network']['input'];
  /** P and C of the outputs' shapes. */
  readonly boxes: number;
  readonly classes: number;
  readonly parameters: number;
  /** Of the weights alone, four bytes each; the file has a little more. */
  readonly bytes: number;
  /** In words: what the file itself does to the pixels. */
  readonly preprocessing: string;
}

export function contentsOf({ configuration, classNames }: Pick<RunSummary, 'configuration' | 'classNames'>): Contents {
  const { network: choice, defaultBoxes } = configuration;
  const network = buildNetwork(choice, classNames.length + 1, defaultBoxes.sources.map(boxesPerCell));
  const count = parameters(network).reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  const { channelOrder, mean, std } = network.preprocessing;
  const same = (values: readonly number[]) => values.every((value) => value === values[0]);
  const list = (values: readonly number[]) => (same(values) ? String(values[0]) : values.join(', '));
  const divided = same(std) && std[0] === 1 ? '' : `, divided by ${list(std)}`;
  const width = choice.widthMultiplier === 1 ? '' : ` × ${choice.widthMultiplier}`;
  return {
    network: `${architecture(choice.architecture).name}${width}`,
    input: choice.input,
    boxes: countBoxes(network),
    classes: network.classes,
    parameters: count,
    bytes: 4 * count,
    preprocessing: `${channelOrder === 'bgr' ? 'RGB turned to BGR, ' : ''}mean ${list(mean)} subtracted${divided}`,
  };
}

/** A file name that every system takes: letters, digits, hyphens. */
export function suggestedFileName(project: string, run: string): string {
  const plain = `${project}-${run}`
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 80);
  return `${plain || 'detector'}.onnx`;
}
