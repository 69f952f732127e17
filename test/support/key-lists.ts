/** Names and shapes of reference models (shared/spec/keys_*.txt), and lists of our own making, as tensors of a weight file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchitectureId, NetworkChoice } from '@core/network/description';
import { parameters } from '@core/network/parameters';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import type { FileTensor } from '@core/weights/weight-file';
import { DATA_DIR, SPEC_DIR } from './shared';

export const keyFile = (name: string): string => join(SPEC_DIR, `keys_${name}.txt`);

/** Lines of `name (2, 3)`. */
export function readKeys(name: string): FileTensor[] {
  const lines = readFileSync(keyFile(name), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, tensor, sizes] = /^(\S+) \((.*)\)$/.exec(line)!;
    return fileTensor(tensor, (sizes.match(/\d+/g) ?? []).map(Number));
  });
}

/** The tensors of Ultra-Light's own .pth files, file by file after a line `# version-RFB-320.pth ...`. */
export const FACE_TENSORS = join(DATA_DIR, 'rfb320-face', 'TENSORS.txt');

export function readFaceTensors(file: string): FileTensor[] {
  const [, ...parts] = readFileSync(FACE_TENSORS, 'utf8').split(/^# /m);
  const [, ...lines] = parts
    .find((part) => part.startsWith(file))!
    .trim()
    .split('\n');
  return lines.map((line) => {
    const [, tensor, sizes] = /^(\S+) \[(.*)\]/.exec(line)!;
    return fileTensor(tensor, (sizes.match(/\d+/g) ?? []).map(Number));
  });
}

export function fileTensor(name: string, shape: readonly number[]): FileTensor {
  return { name, shape, dtype: shape.length === 0 ? 'I64' : 'F32' };
}

/** A file of our own names, as amdegroot, RFBNet and Ultra-Light write them. */
export function ownFile(
  architecture: ArchitectureId,
  classes: number,
  own: Pick<NetworkChoice, 'rfbBranches' | 'batchNorm'> = {},
): FileTensor[] {
  const choice = { ...defaultChoice(architecture), ...own };
  const network = buildNetwork(choice, classes, presetDefaultBoxes(choice).sources.map(boxesPerCell));
  return parameters(network).map(({ name, shape }) => fileTensor(name, shape));
}

export const renamed = (tensors: readonly FileTensor[], rename: (name: string) => string): FileTensor[] =>
  tensors.map((tensor) => ({ ...tensor, name: rename(tensor.name) }));
