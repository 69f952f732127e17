import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addEvaluateFilesCommand } from '../../../src-main/cli/commands/evaluate-files';
import { UsageError } from '../../../src-main/cli/output';
import { DATA_DIR, describeWith } from '../../support/shared';

interface Answer {
  // What --json prints, typed by the test that reads it.
  readonly value: Record<string, unknown>;
  readonly text: string;
  readonly messages: readonly string[];
}

/** Runs the command with its output caught; what it throws is thrown. */
async function evaluateFiles(...args: string[]): Promise<Answer> {
  const messages: string[] = [];
  let answer: Omit<Answer, 'messages'> | null = null;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addEvaluateFilesCommand(program, (body) => async (...given) => {
    const output = {
      json: false,
      result: (value: unknown, text: string | (() => string)) => {
        answer = { value: value as Answer['value'], text: typeof text === 'string' ? text : text() };
      },
      message: (text: string) => void messages.push(text),
      progress: () => {},
    };
    const context = { output, interrupted: new AbortController().signal, studio: undefined as never };
    await body(context, [], given.at(-2));
  });
  await program.parseAsync(['node', 'ssd-studio', 'evaluate-files', ...args]);
  if (answer === null) throw new Error('the command gave no result');
  return { ...(answer as Omit<Answer, 'messages'>), messages };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evaluate-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('evaluate-files', () => {
  // Sides of 99 + 1 and 49 + 1 pixels: an IoU of exactly one half with the +1, less without.
  const truth = {
    images: [{ id: 1, file_name: 'a.jpg' }],
    categories: [{ id: 1, name: 'nut' }],
    annotations: [
      { id: 1, image_id: 1, category_id: 1, bbox: [1, 1, 99, 99], area: 9801, iscrowd: 0 },
      { id: 2, image_id: 1, category_id: 1, bbox: [300, 1, 99, 99], area: 9801, iscrowd: 0, difficult: 1 },
    ],
  };
  const found = [{ image_id: 1, category_id: 1, bbox: [1, 1, 99, 49], score: 0.9 }];
  const voc = async (...options: string[]) => {
    const paths = ['--truth', await file('truth.json', truth), '--detections', await file('found.json', found)];
    return (await evaluateFiles(...paths, '--metric', 'voc', ...options)).value.meanAveragePrecision;
  };

  it('has the options in which the tools differ', async () => {
    expect(await voc()).toBe(1);
    expect(await voc('--pixel', '0')).toBe(0);
    expect(await voc('--strict')).toBe(0);
    expect(await voc('--count-difficult')).toBe(0.5);
    expect(await voc('--iou', '0.51')).toBe(0);
  });

  it('reads recalls at the exact tenths on demand', async () => {
    // Hits 1,0,1,1,0,1 of five objects: .659091 with numpy's thresholds, .666667 with exact ones (SPEC.md 11.1).
    const bboxes = [0, 9, 1, 2, 8, 3].map((place) => [place * 200, 0, 100, 100]);
    const place = { image_id: 1, category_id: 1 };
    const annotations = [0, 1, 2, 3, 4].map((i) => ({ ...place, id: i + 1, bbox: [i * 200, 0, 100, 100], area: 1 }));
    const paths = [
      '--truth',
      await file('five.json', { ...truth, annotations }),
      '--detections',
      await file(
        'six.json',
        bboxes.map((bbox, i) => ({ ...place, bbox, score: 1 - i / 10 })),
      ),
    ];
    const score = async (...options: string[]) =>
      (await evaluateFiles(...paths, '--metric', 'voc07', ...options)).value.meanAveragePrecision;
    expect(await score()).toBeCloseTo(0.659091, 6);
    expect(await score('--tenths')).toBeCloseTo(0.666667, 6);
  });

  it('reports what it leaves out beside the result', async () => {
    const unknown = await file('unknown.json', [...found, { ...found[0], image_id: 7 }]);
    const answer = await evaluateFiles('--truth', await file('truth.json', truth), '--detections', unknown);
    expect(answer.messages).toEqual(['1 detections were left out: the ground truth has no pictures 7.']);
    expect(answer.value.notes).toEqual(answer.messages);
    expect(answer.text).toContain('AP50');
  });

  it('names the file and the entry that it cannot read', async () => {
    const path = await file('broken.json', [...found, { ...found[0], bbox: [1, 2, 3] }]);
    const run = evaluateFiles('--truth', await file('truth.json', truth), '--detections', path);
    await expect(run).rejects.toThrow(`${path}: detections[1], bbox`);
    const missing = join(folder, 'missing.json');
    await expect(evaluateFiles('--truth', missing, '--detections', path)).rejects.toThrow(missing);
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const nothing = evaluateFiles('--truth', empty, '--detections', path);
    await expect(nothing).rejects.toThrow('There is no ground truth of a known format');
    const nothingFound = evaluateFiles('--truth', await file('truth.json', truth), '--detections', empty);
    await expect(nothingFound).rejects.toThrow('There are no .txt files and no .json file');
  });

  it.each([
    [['--metric', 'mAP']],
    [['--metric', 'voc', '--pixel', '2']],
    [['--metric', 'voc', '--iou', '0']],
    [['--metric', 'voc', '--tenths']],
    [['--metric', 'coco', '--strict']],
    [['--truth-format', 'paper']],
    [['--detections-format', 'cvat']],
  ])('refuses %j as wrong usage', async (options) => {
    await expect(evaluateFiles('--truth', 'a', '--detections', 'b', ...options)).rejects.toThrow(UsageError);
  });
});

const fakebbox = join(DATA_DIR, 'coco-eval-fakebbox100');

describeWith('evaluate-files on the official fake detections', [fakebbox], () => {
  it('prints the twelve numbers', async () => {
    const { value, text, messages } = await evaluateFiles(
      '--truth',
      join(fakebbox, 'instances_val2014_100.json'),
      '--detections',
      join(fakebbox, 'instances_val2014_fakebbox100_results.json'),
    );
    expect(value.summary).toMatchObject({
      AP: expect.closeTo(0.5045806987249628, 9),
      AR1: expect.closeTo(0.38681277964578054, 9),
    });
    expect(text).toMatch(/AP50 .* 0\.697\n/);
    expect(messages).toEqual([]);
  });
});

const padilla = join(DATA_DIR, 'padilla-ap/review');

describeWith('evaluate-files on review_object_detection_metrics', [padilla], () => {
  // From data/padilla-ap/README.txt: IoU threshold, 11-point, every point.
  it.each([
    ['0.1', 0.3333333333, 0.3371980676],
    ['0.3', 0.2683982683, 0.2456866804],
    ['0.5', 0.0303030303, 0.0222222222],
    ['0.75', 0, 0],
  ])('folders of text at IoU %s', async (iou, elevenPoint, everyPoint) => {
    const paths = [
      '--truth',
      join(padilla, 'tests/test_case_1/gts'),
      '--detections',
      join(padilla, 'tests/test_case_1/dets'),
    ];
    const score = async (metric: string) =>
      (await evaluateFiles(...paths, '--metric', metric, '--iou', iou)).value.meanAveragePrecision;
    expect(await score('voc07')).toBeCloseTo(elevenPoint, 9);
    expect(await score('voc')).toBeCloseTo(everyPoint, 9);
  });

  it('the same pictures as VOC XML and as COCO JSON, the same detections as text and as JSON', async () => {
    const toy = join(padilla, 'toyexample');
    const score = async (truth: string, detections: string) => {
      const paths = ['--truth', join(toy, truth), '--detections', join(toy, detections)];
      return (await evaluateFiles(...paths, '--metric', 'voc')).value.meanAveragePrecision;
    };
    const fromXml = await score('gts_vocpascal_format', 'dets_classname_abs_xywh');
    expect(fromXml).toBeCloseTo(0.8958333333, 9);
    expect(await score('gts_coco_format/toy_example_coco.JSON', 'dets_classname_abs_xywh')).toBe(fromXml);
    expect(await score('gts_coco_format/toy_example_coco.JSON', 'dets_coco_format/coco_dets.json')).toBe(fromXml);
  });
});

describeWith('evaluate-files on the toy example in every format of its detections', [padilla], () => {
  const toy = join(padilla, 'toyexample');
  it.each([
    ['dets_classname_abs_xyx2y2', 'text-xyxy'],
    ['dets_classid_abs_xywh', 'text'],
    ['dets_classid_abs_xyx2y2', 'text-xyxy'],
    ['dets_classname_rel_xcycwh', 'text-relative'],
    ['dets_classid_rel_xcycwh', 'text-relative'],
  ])('%s', async (detections, format) => {
    const paths = ['--truth', join(toy, 'gts_vocpascal_format'), '--detections', join(toy, detections)];
    const options = ['--detections-format', format, '--names', join(toy, 'voc.names'), '--metric', 'voc'];
    const { value, messages } = await evaluateFiles(...paths, ...options);
    expect(value.meanAveragePrecision).toBeCloseTo(0.8958333333, 9);
    expect(messages).toEqual([]);
  });
});

const formats = join(DATA_DIR, 'voc100-multiformat');

describeWith('evaluate-files on a hundred pictures of VOC in many formats', [formats], () => {
  const images = join(formats, 'images');
  /** Fractions of the picture are rounded: an IoU that equals a threshold may come to lie beside it. */
  const [EXACT, ROUNDED] = [1e-12, 2e-3];
  const score = async (truth: string, detections: string, ...options: string[]) => {
    const paths = ['--truth', join(formats, 'gts', truth), '--detections', join(formats, 'dets', detections)];
    const { value, messages } = await evaluateFiles(...paths, '--names', join(formats, 'voc.names'), ...options);
    expect(messages).toEqual([]);
    return value;
  };
  const voc = async (truth: string, detections: string, ...options: string[]) =>
    (await score(truth, detections, '--metric', 'voc', ...options)).meanAveragePrecision;
  const coco = async (truth: string, ...options: string[]) =>
    Object.values((await score(truth, 'abs_xywh', ...options)).summary as Record<string, number>);

  it.each([
    ['coco_format_v1', EXACT, []],
    ['coco_format_v2', EXACT, []],
    ['cvat_format', EXACT, []],
    ['imagenet_format', EXACT, []],
    ['labelme_format', EXACT, []],
    ['openimages_format', ROUNDED, ['--images', images]],
    ['tfrecord_format', ROUNDED, []],
    ['yolo_format', ROUNDED, ['--images', images]],
  ])('the ground truth of %s gives the numbers of the VOC files', async (truth, tolerance, options) => {
    const expected = await voc('pascalvoc_format', 'abs_xywh', '--count-difficult');
    expect(expected).toBeCloseTo(0.610912907479439, 9);
    expect(await voc(truth, 'abs_xywh', ...options)).toBeCloseTo(expected as number, 6);
    const [own, reference] = [await coco(truth, ...options), await coco('pascalvoc_format')];
    expect(Math.max(...own.map((value, i) => Math.abs(value - reference[i])))).toBeLessThan(tolerance);
  });

  it.each([
    ['abs_xyx2y2', ['--detections-format', 'text-xyxy']],
    ['rel_xywh', ['--detections-format', 'text-relative']],
    ['coco_format', []],
  ])('the detections of %s give the numbers of left, top, width, height', async (detections, options) => {
    const expected = (await voc('pascalvoc_format', 'abs_xywh')) as number;
    expect(await voc('pascalvoc_format', detections, ...options)).toBeCloseTo(expected, 6);
    expect(await voc('coco_format_v2', detections, ...options)).toBeCloseTo(0.610912907479439, 6);
  });
});
