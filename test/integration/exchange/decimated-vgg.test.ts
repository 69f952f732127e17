/** A training that begins from a VGG-16 that classifies pictures, read from a real file of small widths. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { elements, parameters } from '@core/network/parameters';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { presetDefaultBoxes } from '@core/priors/presets';
import { vggFeatureNames } from '@core/weights/layout-names';
import { sourceShape } from '@core/weights/transforms';
import type { NamedTensor } from '../../../src-main/engine/executor-parameters';
import { importWeights } from '../../../src-main/exchange/import-weights';
import { writeSafetensors } from '../../support/weight-files';

const home = mkdtempSync(join(tmpdir(), 'ssd-decimated-vgg-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const network = { ...defaultChoice('ssd300'), widthMultiplier: 0.0625 };
const defaultBoxes = presetDefaultBoxes(network);
const classNames = ['cat', 'dog'];

/** As torchvision's VGG-16 names its tensors, each full of one value. */
function vggFile(name: string, valueOf: (tensor: string) => number): string {
  const all = parameters(buildNetwork(network, 3, defaultBoxes.sources.map(boxesPerCell)));
  const tensors = all.flatMap((parameter): NamedTensor[] => {
    const [spelling] = vggFeatureNames(parameter.name);
    if (!spelling) return [];
    const shape = sourceShape(spelling.transform, parameter.shape);
    return [{ name: spelling.name, shape, values: new Float32Array(elements(shape)).fill(valueOf(spelling.name)) }];
  });
  return writeSafetensors(join(home, name), tensors);
}

const start = (path: string, decimate: boolean) =>
  importWeights(
    { path, decimate },
    { kind: 'start', runDirectory: home, start: { network, defaultBoxes, classNames } },
    () => undefined,
  );

describe('a VGG-16 whose fully connected layers are NaN', () => {
  const file = vggFile('nan.safetensors', (name) => (name.startsWith('classifier') ? NaN : 0.5));

  it('gives its convolutions and keeps the rest to itself', async () => {
    const { report } = await start(file, false);
    expect(report.matched).toHaveLength(26);
    expect(report.left).toHaveLength(4);
  });

  it('cannot give fc6, and says which option asked for it', async () => {
    await expect(start(file, true)).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('classifier.0.weight holds NaN') as string,
      advice: expect.stringContaining('--decimate') as string,
    });
  });
});

describe('a VGG-16 that is whole', () => {
  it('gives fc6 and fc7 where asked to', async () => {
    const { report } = await start(
      vggFile('whole.safetensors', () => 0.5),
      true,
    );
    expect(report.matched).toHaveLength(30);
    expect(report.left).toEqual([]);
    expect(report.summary[0]).toMatch(/^30 of 71 parameters of SSD300 come from the file/);
  });
});
