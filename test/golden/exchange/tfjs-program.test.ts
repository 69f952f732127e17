/** The JavaScript that the Export screen shows, run on a model that a server offers, finds what the studio finds. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sourceMaps } from '@core/network/shapes';
import { buildNetwork, defaultChoice } from '@core/network/zoo';
import { boxesPerCell } from '@core/priors/configuration';
import { CAFFE_RULES, selectDetections } from '@core/priors/detections';
import { generateDefaultBoxes } from '@core/priors/generate';
import { presetDefaultBoxes } from '@core/priors/presets';
import type { DetectorToExport } from '../../../src-main/exchange/detector';
import { predictWithStudio } from '../../../src-main/exchange/export-graph';
import { isTfjsFile, writeTfjs } from '../../../src-main/exchange/tfjs-writer';
import { writeFolder } from '../../../src-main/exchange/write-folder';
import { openEngine } from '../../../src-main/engine/engines';
import { tfjsSnippet } from '../../../src-renderer/features/export/snippet-tfjs';
import { livelyWeights, mildPixels } from '../../support/lively-network';

interface Found {
  readonly name: string;
  readonly score: number;
  /** x1, y1, x2, y2 as fractions of the picture. */
  readonly box: readonly [number, number, number, number];
}

const CLASSES = ['a', 'b', 'c'];

let folder: string;
const server = createServer((request, response) => {
  void readFile(join(folder, basename(request.url!))).then((bytes) => response.end(bytes));
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ssd-tfjs-'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** tfjs as a page has it, which the studio's own packages bring along. */
const pageTfjs = 'tfjs';

it('finds the same objects', async () => {
  const choice = defaultChoice('slim320');
  const configuration = presetDefaultBoxes(choice);
  const network = buildNetwork(choice, 4, configuration.sources.map(boxesPerCell));
  const defaultBoxes = generateDefaultBoxes(configuration, choice.input, sourceMaps(network)).centers;
  const weights = new Map(livelyWeights(network).map((weight) => [weight.name, weight]));
  const detector: DetectorToExport = {
    network,
    weights,
    configuration,
    defaultBoxes,
    classNames: CLASSES,
    detection: CAFFE_RULES,
    version: 'test',
  };
  await writeFolder(folder, writeTfjs(detector), isTfjsFile);
  const pixels = mildPixels(network).map((value) => Math.min(255, Math.max(0, Math.round(value))));
  const own = await predictWithStudio(detector, pixels);
  const { width, height } = choice.input;
  const likely = own.scores.filter((_, i) => i % 4 !== 0).sort();
  const least = (likely.at(-100)! + likely.at(-101)!) / 2;
  const rules = { ...CAFFE_RULES, scoreThreshold: least };
  const expected = selectDetections(own.scores, own.boxes, { width, height }, rules);
  expect(expected.length).toBeGreaterThan(5);

  await openEngine('wasm');
  const tf = createRequire(import.meta.url)(`@tensorflow/${pageTfjs}`) as object;
  const { port } = server.address() as AddressInfo;
  const shown = tfjsSnippet({
    folder: `http://127.0.0.1:${port}/parts-tfjs`,
    input: choice.input,
    classNames: CLASSES,
  });
  const program = shown.replace(/^import .*$/m, '').replace('export async function', 'async function');
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
    ...text: string[]
  ) => (tf: object) => Promise<(picture: object, least: number) => Promise<Found[]>>;
  const detect = await new AsyncFunction('tf', `${program}\nreturn detect;`)(tf);
  const data = new Uint8Array(width * height * 4).map((_, i) => (i % 4 === 3 ? 255 : pixels[(i >> 2) * 3 + (i % 4)]));
  const found = await detect({ data, width, height }, least);

  const inOrder = (a: Found, b: Found) => b.score - a.score;
  const wanted = expected.map(({ classIndex, score, box }): Found => {
    const corners = [box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height] as const;
    return { name: CLASSES[classIndex], score, box: corners };
  });
  expect(found.length).toBe(wanted.length);
  wanted.sort(inOrder);
  found.sort(inOrder).forEach(({ name, score, box }, i) => {
    expect(name).toBe(wanted[i].name);
    expect(score).toBeCloseTo(wanted[i].score, 4);
    box.forEach((side, k) => expect(Math.min(1, Math.max(0, side))).toBeCloseTo(wanted[i].box[k], 3));
  });
});
