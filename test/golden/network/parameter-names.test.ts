import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ArchitectureId } from '@core/network/description';
import { parameters } from '@core/network/parameters';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { describeWith, SPEC_DIR } from '../../support/shared';

const CASES: readonly (readonly [ArchitectureId, number, string])[] = [
  ['ssd300', 21, 'keys_amdegroot_ssd300_21cls.txt'],
  ['rfbnet300', 21, 'keys_rfb_vgg_300_21cls.txt'],
  ['rfbnet512', 21, 'keys_rfb_vgg_512_21cls.txt'],
  ['rfbnet300-e', 81, 'keys_rfb_E_300_81cls.txt'],
  ['rfbnet512-e', 81, 'keys_rfb_E_512_81cls.txt'],
  ['rfbnet-mobile', 81, 'keys_rfb_mobile_300_81cls.txt'],
  ['ssdlite320', 91, 'keys_torchvision_ssdlite320_91cls.txt'],
];

/** "name (1, 2, 3)" per line; the count of batches that PyTorch's batch norms keep is no parameter of ours. */
function keysOf(file: string): string[] {
  return readFileSync(join(SPEC_DIR, file), 'utf8')
    .split('\n')
    .map((line) => /^(\S+) \((.*?),?\)$/.exec(line.trim()))
    .filter((match) => match !== null)
    .filter(([, name]) => !name.endsWith('.num_batches_tracked'))
    .map(([, name, shape]) => `${name} (${shape})`)
    .sort();
}

describeWith(
  "Parameter names and shapes are those of the reference's weight files",
  CASES.map(([, , file]) => join(SPEC_DIR, file)),
  () => {
    it.each(CASES)('%s for %i classes: %s', (id, classes, file) => {
      const choice = defaultChoice(id);
      const network = buildNetwork(choice, classes, presetDefaultBoxes(choice).sources.map(boxesPerCell));
      const ours = parameters(network).map(({ name, shape }) => `${name} (${shape.join(', ')})`);
      const keys = keysOf(file);
      expect(keys.length).toBeGreaterThan(70);
      expect(ours.sort()).toEqual(keys);
    });
  },
);
