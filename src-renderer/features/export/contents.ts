/** What an exported file of a run will hold, known before it is written. */
import type { ExportFormat, ExportReport } from '@core/contract/exports';
import type { RunConfiguration, RunSummary } from '@core/experiment/run';
import type { NetworkDescription } from '@core/network/description';
import { parameters } from '@core/network/parameters';
import { countBoxes } from '@core/network/shapes';
import { architecture, buildNetwork } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { exportLayouts, exportProblem, naturalLayout, type WrittenLayout } from '@core/weights/export-names';
import { layout } from '@core/weights/layouts';
import { formatBytes, formatCount } from '../../ui/format';

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

/** What a run says about its network. */
export type Run = Pick<RunSummary, 'configuration' | 'classNames'>;

export function networkOf({ configuration: { network, defaultBoxes }, classNames }: Run): NetworkDescription {
  return buildNetwork(network, classNames.length + 1, defaultBoxes.sources.map(boxesPerCell));
}

/** Whose parameter names the weights of a run can get. */
export function layoutChoices(
  run: Run,
): { id: WrittenLayout; name: string; problem: string | null; natural: boolean }[] {
  const network = networkOf(run);
  const natural = naturalLayout(network);
  return exportLayouts(network.architecture).map((id) => ({
    id,
    name: layout(id).name,
    problem: exportProblem(network, id),
    natural: id === natural,
  }));
}

export function contentsOf(run: Run): Contents {
  const choice = run.configuration.network;
  const network = networkOf(run);
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

/** Where a file of each format runs, in a line. */
export const RUNS_IN: Readonly<Record<ExportFormat, string>> = {
  onnx: 'One file for ONNX Runtime: Python, C++, C#, Java, phones and servers.',
  tfjs: 'A folder for TensorFlow.js: in the browser and in Node.',
  safetensors: 'The weights as one file for SSD Studio and the tools of Hugging Face.',
  pytorch: 'The weights as a state dict for torchvision and other PyTorch projects.',
};

/** What is done once a file is written. */
export const AFTERWARDS: Readonly<Record<ExportFormat, string>> = {
  onnx: compared('ONNX Runtime', 'a Python program'),
  tfjs: compared('TensorFlow.js', 'a JavaScript program'),
  safetensors: 'After writing, the studio reads the file again and compares every tensor bit for bit.',
  pytorch: 'After writing, the studio reads the file again and compares every tensor bit for bit.',
};

function compared(runtime: string, program: string): string {
  return (
    `After writing, it is opened again in ${runtime} and compared with the studio on a picture of yours. ` +
    `The differences and ${program} that runs it are shown here.`
  );
}

/** What a row of the table says: what, its value, a remark. */
export type ContentRow = readonly [what: string, value: string, remark: string];

/** What is inside a file of this format; exact where there is a report, and else what it will be. */
export function contentRows(contents: Contents, format: ExportFormat, report: ExportReport | null): ContentRow[] {
  const detector: ContentRow = ['Detector', contents.network, `${formatCount(contents.parameters)} parameters`];
  const size = report ? formatBytes(report.bytes) : `about ${formatBytes(contents.bytes)}`;
  const files = report?.format === 'tfjs' ? `${report.files} files` : format === 'tfjs' ? 'a folder' : 'one file';
  const last: ContentRow = ['Size', size, files];
  return format === 'onnx' || format === 'tfjs'
    ? [detector, ...graphRows(contents, format, report), last]
    : [detector, ...weightRows(contents, format), last];
}

function graphRows(contents: Contents, format: 'onnx' | 'tfjs', report: ExportReport | null): ContentRow[] {
  const { input, boxes, classes, preprocessing } = contents;
  const image =
    format === 'onnx' ? `[N, 3, ${input.height}, ${input.width}]` : `[N, ${input.height}, ${input.width}, 3]`;
  const opset: ContentRow[] = report?.format === 'onnx' ? [['Opset', String(report.opset), 'ONNX operators']] : [];
  return [
    ['Input image', image, 'float32, RGB, 0 to 255, resized'],
    ['Output boxes', `[N, ${boxes}, 4]`, 'x1, y1, x2, y2 as fractions of the picture'],
    ['Output scores', `[N, ${boxes}, ${classes}]`, 'probabilities; column 0 is background'],
    ['Preprocessing', 'inside', preprocessing],
    ['Decoding', 'inside', 'default boxes and variances; non-maximum suppression is left to you'],
    ...opset,
  ];
}

function weightRows({ preprocessing }: Contents, format: 'safetensors' | 'pytorch'): ContentRow[] {
  const place = format === 'safetensors' ? 'as metadata' : 'not inside';
  return [
    ['Tensors', 'weights alone', 'float32, row-major; kernels [out, in, height, width]; class 0 is background'],
    ['Preprocessing', place, preprocessing],
    [
      'Default boxes',
      place,
      format === 'safetensors' ? 'as JSON, with classes and detection rules' : 'a safetensors export has them',
    ],
  ];
}

const ENDINGS: Readonly<Record<ExportFormat, string>> = {
  onnx: '.onnx',
  tfjs: '-tfjs',
  safetensors: '.safetensors',
  pytorch: '.pth',
};

/** A name for the file or folder that every system takes: letters, digits, hyphens. */
export function suggestedFileName(project: string, run: string, format: ExportFormat): string {
  const plain = `${project}-${run}`
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 80);
  return `${plain || 'detector'}${ENDINGS[format]}`;
}
