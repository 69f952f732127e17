/** Weight files as other projects write them, of small networks and with numbers of ours. */
import { writeFileSync } from 'node:fs';
import type { ArchitectureId } from '@core/network/description';
import { elements, parameters } from '@core/network/parameters';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { Random } from '@core/random/random';
import type { NamedTensor } from '../../src-main/engine/executor-parameters';
import { encodeTensorFile } from '../../src-main/engine/safetensors-file';

/** Every parameter of an architecture at its default size; variances above 0. */
export function foreignWeights(architecture: ArchitectureId, classNames: readonly string[], seed = 1): NamedTensor[] {
  const choice = defaultChoice(architecture);
  const perCell = presetDefaultBoxes(choice).sources.map(boxesPerCell);
  const random = Random.seeded(seed);
  return parameters(buildNetwork(choice, classNames.length + 1, perCell)).map(({ name, shape, kind }) => ({
    name,
    shape,
    values: Float32Array.from({ length: elements(shape) }, () =>
      kind === 'runningVariance' ? random.uniform(0.5, 1.5) : random.uniform(-0.05, 0.05),
    ),
  }));
}

export function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): string {
  writeFileSync(path, Buffer.concat(encodeTensorFile({ tensors, metadata })));
  return path;
}

/**
 * A pickle (protocol 2) that would make an empty file at `trace` if a reader ran what it holds, as a .pth file may.
 * `posix.system` called with "touch TRACE".
 */
export function writeHostilePickle(path: string, trace: string): string {
  const command = Buffer.from(`touch ${trace}`);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(command.length);
  const parts = [Buffer.from('\x80\x02cposix\nsystem\nX', 'latin1'), length, command, Buffer.from('\x85R.', 'latin1')];
  writeFileSync(path, Buffer.concat(parts));
  return path;
}
