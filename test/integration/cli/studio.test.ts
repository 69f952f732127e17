/** The command line, started as a person would start it, on a project that it draws itself. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExportReport, TfjsExport, WeightsExport } from '@core/contract/exports';
import type { EvaluationReport } from '@core/evaluation/report';
import type { DefaultBoxConfiguration } from '@core/priors/configuration';
import type { ConfigurationDifference } from '@core/experiment/differences';
import type { RunPreviews } from '@core/experiment/preview';
import type { MetricRecord, RunSummary, ValidationRecord } from '@core/experiment/run';
import type { BoxSetting } from '@core/experiment/box-differences';
import type { ObjectGroup } from '@core/priors/coverage-report';
import type { ProjectCoverage } from '../../../src-main/cli/priors-report';
import type { NamedBoxes } from '@core/priors/named-boxes';
import type { DefaultBoxFit } from '@core/priors/fit-boxes';
import { commandLine, PROGRAM } from '../../support/command-line';

const home = mkdtempSync(join(tmpdir(), 'ssd-studio-cli-'));
const project = join(home, 'parts');
const { env, studio, json } = commandLine(home);

describe('the command line', () => {
  beforeAll(async () => {
    const { status, err } = await studio('project', 'sample', project, '--images', '24');
    expect(status, err).toBe(0);
  });

  it('tells what is in a project', async () => {
    const stats = await json<{ images: number; objects: number; classes: { name: string }[] }>('stats', project);
    expect(stats.images).toBe(24);
    expect(stats.objects).toBeGreaterThan(24);
    expect(stats.classes.map((c) => c.name).sort()).toEqual(['bolt', 'nut', 'washer']);
    expect(await json('check', project)).toEqual([]);
  });

  it('shows what a training step sees, as files and with what was dropped and why', async () => {
    const out = join(home, 'seen');
    const ask = [
      'augment',
      project,
      '--model',
      'rfb320',
      '--count',
      '5',
      '--step',
      '2',
      '--augment',
      'paper,shear=0.2',
    ];
    interface Seen {
      readonly pictures: readonly {
        readonly file: string | null;
        readonly objects?: unknown;
        readonly boxes: readonly { readonly className: string }[];
        readonly dropped: readonly { readonly reason: string }[];
        readonly changes: readonly string[];
      }[];
    }
    const { pictures } = await json<Seen>(...ask, '--out', out);
    expect(pictures).toHaveLength(5);
    expect(readdirSync(out).sort()).toEqual(pictures.map(({ file }) => basename(file ?? '')));
    expect(pictures.flatMap(({ boxes }) => boxes).every(({ className }) => /bolt|nut|washer/.test(className))).toBe(
      true,
    );
    expect(pictures.flatMap(({ changes }) => changes).join()).toMatch(/sheared/);
    // The same question has the same answer, another step or seed another.
    expect((await json<Seen>(...ask)).pictures).toEqual(pictures.map((picture) => ({ ...picture, file: null })));
    expect((await json<Seen>(...ask, '--seed', '8')).pictures[0].changes).not.toEqual(pictures[0].changes);
    const wrong = await studio('augment', project, '--model', 'rfb320', '--augment', 'shear=9');
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringMatching(/shear\.maxFactor/)]);
    expect((await studio('augment', project)).status).toBe(2);
  });

  it('counts the default boxes of every architecture', async () => {
    for (const [model, total] of [
      ['rfb320', 4420],
      ['slim-640', 17_640],
      ['SSDLite320_MobileNet_V3_Large', 3234],
      ['ssd300_vgg16', 8732],
      ['SSD500', 24_056],
      ['ssd512', 24_564],
      ['RFBNet-E 300', 11_620],
      ['rfb512', 32_756],
      ['rfbnet-mobile', 2990],
    ] as const) {
      expect((await json<{ total: number }>('priors', '--model', model)).total).toBe(total);
    }
  });

  it('lists the detectors with their figures, each once, the recommended first', async () => {
    interface Model {
      readonly id: string;
      readonly group: string;
      readonly boxes: number;
      readonly parameters: number;
      readonly flops: number;
    }
    const models = await json<Model[]>('models');
    expect(new Set(models.map(({ id }) => id)).size).toBe(13);
    expect(models[0].group).toBe('Recommended for this machine');
    expect(models.find(({ id }) => id === 'ssd512')).toMatchObject({ boxes: 24_564, group: 'SSD on VGG-16' });
    expect(models.every(({ parameters, flops }) => parameters > 1e5 && flops > 1e8)).toBe(true);
  });

  it('takes an input size of its own, and says which sizes a network cannot run at', async () => {
    expect((await json<{ total: number }>('priors', '--model', 'rfb320', '--input', '640x480')).total).toBe(17_640);
    const refused = await studio('priors', '--model', 'ssd300', '--input', '64x64');
    expect(refused.status).toBe(2);
    expect(refused.err).toMatch(/--input 64x64: SSD300 cannot run at 64 × 64/);
    expect((await studio('priors', '--model', 'ssd300', '--input', '300')).status).toBe(2);
    expect((await studio('priors', '--model', 'resnet')).err).toMatch(/known are rfb320 \| .* \| rfbnet-mobile/);
  });

  it('says how many objects the default boxes reach, and fewer when they are far too large', async () => {
    const share = async (...options: string[]): Promise<number> => {
      const { coverage } = await json<{ coverage: { matched: number; objects: number } }>(
        'priors',
        project,
        '--model',
        'rfb320',
        ...options,
      );
      return coverage.matched / coverage.objects;
    };
    expect(await share()).toBeGreaterThan(0.5);
    expect(await share('--smin', '0.8', '--smax', '0.95')).toBeLessThan(0.2);
  });

  it('analyses the fit by class, size and map, also as training would see the objects, and takes published formulas', async () => {
    interface Analysis {
      readonly configuration: { readonly sources: readonly { readonly minSizes: readonly number[] }[] };
      readonly coverage: ProjectCoverage;
    }
    const ssd = ['--model', 'ssd300'];
    const { coverage } = await json<Analysis>('priors', project, ...ssd, '--threshold', '0.6');
    expect(coverage).toMatchObject({ threshold: 0.6, pictures: 24, augmented: null });
    expect(coverage.classes.reduce((sum, group) => sum + group.objects, 0)).toBe(coverage.objects);
    expect(coverage.maps).toHaveLength(6);
    expect(coverage.all.curve[60]).toBe(coverage.matched / coverage.objects);
    const seen = (await json<Analysis>('priors', project, ...ssd, '--augmented')).coverage;
    expect(seen.augmented?.views).toBe(8 * 24);
    expect(seen.objects).toBeGreaterThan(4 * coverage.objects);
    const listed = (await json<Analysis>('priors', project, ...ssd, '--threshold', '0.8', '--missed', '3')).coverage;
    expect(listed.missed).toHaveLength(3);
    expect(listed.missed![0]).toMatchObject({
      bestIou: listed.worst[0].bestIou,
      need: expect.stringMatching(/^It needs .*and 0\.8 is needed/),
    });
    for (const { changes } of listed.missed!) expect(changes.every(({ iou }) => iou >= 0.8)).toBe(true);
    const paper = await json<Analysis>('priors', '--formula', 'paper', '--whole-pixels', ...ssd);
    expect(paper.configuration.sources.map(({ minSizes }) => minSizes[0])).toEqual([30, 60, 112, 165, 217, 270]);
    for (const wrong of [['--formula', 'own'], ['--threshold', '1'], ['--augmented'], ['--missed', '3']]) {
      expect((await studio('priors', ...ssd, ...wrong)).status, wrong.join(' ')).toBe(2);
    }
    expect((await studio('priors', '--model', 'rfb320', '--formula', 'caffe')).err).toMatch(/one size per map/);
    expect((await studio('priors', project)).status).toBe(2);
  });

  it('changes whatever the window can change about default boxes, and uses them from then on', async () => {
    interface Priors {
      readonly configuration: DefaultBoxConfiguration;
      readonly threshold: number;
      readonly maps: readonly { readonly receptiveField: { readonly width: number }; readonly branches: unknown[] }[];
    }
    const net = ['--model', 'rfbnet300', '--width', '0.25'];
    const placed = ['--clip', 'size', '--offset', '0.4', '--variances', '0.2,0.3', '--extra', 'last'];
    const sizes = [
      '--min-sizes',
      '20;50;100;150;200;250',
      '--max-sizes',
      '50;100;;;;',
      '--cell-steps',
      '8;16,15;32;64;100;300',
    ];
    const changed = await json<Priors>('priors', project, ...net, ...placed, ...sizes, '--threshold', '0.4', '--save');
    expect(changed.configuration).toMatchObject({
      clip: 'size',
      offset: 0.4,
      variances: [0.2, 0.3],
      extraBoxLast: true,
    });
    expect(changed.configuration.sources.map(({ minSizes, maxSizes, step }) => [minSizes, maxSizes, step])).toEqual([
      [[20], [50], [8, 8]],
      [[50], [100], [16, 15]],
      [[100], [], [32, 32]],
      [[150], [], [64, 64]],
      [[200], [], [100, 100]],
      [[250], [], [300, 300]],
    ]);
    expect(changed.maps.map(({ branches }) => branches.length)).toEqual([4, 3, 3, 3, 0, 0]);
    expect(await json('priors', project, ...net)).toMatchObject({
      configuration: changed.configuration,
      threshold: 0.4,
    });
    const file = join(home, 'changed.json');
    writeFileSync(file, JSON.stringify(changed.configuration));
    const even = await json<Priors>('priors', ...net, '--boxes', file, '--cell-steps', 'even', '--extra', 'second');
    expect(even.configuration).toEqual({
      sources: changed.configuration.sources.map((source) => ({ ...source, step: null })),
      clip: 'size',
      offset: 0.4,
      variances: [0.2, 0.3],
    });
    const wrong = [
      ['--clip', 'half'],
      ['--variances', '0.1'],
      ['--variances', '0,1'],
      ['--min-sizes', '10;20'],
      ['--min-sizes', '0;20;30;40;50;60'],
      ['--ratios', '30'],
      ['--extra', 'first'],
      ['--save'],
      ['--boxes', 'tiny'],
    ];
    for (const options of wrong) {
      expect((await studio('priors', ...net, ...options)).status, options.join(' ')).toBe(2);
    }
  });

  it('fits default boxes within a budget, and keeps them only when asked to', async () => {
    interface Fit extends DefaultBoxFit {
      readonly saved: boolean;
    }
    const ssd = ['--model', 'ssd300', '--width', '0.25'];
    const now = () => json<{ configuration: unknown }>('priors', project, ...ssd);
    const { configuration } = await now();
    const fit = await json<Fit>('priors', 'fit', project, ...ssd, '--budget', '5000');
    expect(fit).toMatchObject({ saved: false, budget: 5000, before: { boxes: 8732, configuration } });
    expect(fit.after.boxes).toBeLessThanOrEqual(5000);
    expect((await now()).configuration).toEqual(configuration);
    const kept = await json<Fit>('priors', 'fit', project, ...ssd, '--free-scales', '--save');
    expect(kept).toMatchObject({ saved: true, changed: true });
    expect(kept.after.fitted.matched).toBeGreaterThan(kept.before.fitted.matched);
    expect((await now()).configuration).toEqual(kept.after.configuration);
    const refused = await studio('priors', 'fit', project, ...ssd, '--budget', '10');
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.err).toMatch(/--budget: one box per cell and size are 1940 default boxes already/);
  });

  it('keeps default boxes under names, compares them, and trains with those that are named', async () => {
    const rfb = ['--model', 'rfb320'];
    const kept = await json<NamedBoxes>('priors', 'save', project, 'tiny', ...rfb, '--smin', '0.02', '--smax', '0.5');
    expect(kept).toMatchObject({ name: 'tiny', network: { architecture: 'rfb320' } });
    const taken = await studio('priors', 'save', project, 'Tiny', ...rfb);
    expect(taken).toMatchObject({ status: 1, out: '' });
    expect(taken.err).toMatch(/named “Tiny” already/);
    expect((await studio('priors', 'save', project, 'preset', ...rfb)).err).toMatch(/already has a meaning/);
    await json('priors', 'save', project, 'copy', ...rfb, '--boxes', 'tiny');
    await json('priors', 'rename', project, 'copy', 'second', ...rfb);
    const file = join(home, 'boxes.json');
    writeFileSync(file, (await studio('priors', '--model', 'rfb320', '--smin', '0.1', '--json')).out);
    await json('priors', 'save', project, 'second', ...rfb, '--boxes', file, '--replace');
    await json('priors', 'fit', project, ...rfb, '--save', 'fitted');
    interface Listed extends NamedBoxes {
      readonly boxes: number;
      readonly objects: number;
      readonly matched: number;
    }
    const listed = await json<Listed[]>('priors', 'list', project);
    expect(listed.map(({ name }) => name).sort()).toEqual(['fitted', 'second', 'tiny']);
    expect(await json('priors', 'list', project, '--model', 'ssd300')).toEqual([]);
    expect(listed.every(({ boxes, objects, matched }) => boxes > 1000 && objects > 0 && matched <= objects)).toBe(true);

    const run = await json<RunSummary>('train', project, ...rfb, '--boxes', 'tiny', '--steps', '1', '--batch', '2');
    expect(run.configuration).toMatchObject({ boxesName: 'tiny', defaultBoxes: kept.configuration });
    await json('priors', 'remove', project, 'tiny', ...rfb);
    const own = `run:${run.id}`;
    interface Comparison {
      readonly columns: readonly { readonly label: string; readonly all: ObjectGroup; readonly boxes: number }[];
      readonly settings: readonly BoxSetting[];
    }
    const compared = await json<Comparison>('priors', 'compare', project, ...rfb, 'preset', 'second', own);
    expect(compared.columns.map(({ label }) => label)).toEqual(['preset', 'second', own]);
    expect(compared.columns[1].all).toMatchObject({ matched: listed.find(({ name }) => name === 'second')?.matched });
    const smallest = compared.settings.find(({ setting }) => setting === 's_min');
    expect(smallest).toMatchObject({ differs: true, values: [expect.any(String), '0.1', '0.02'] });

    await json('priors', 'use', project, own, ...rfb);
    const present = await json<{ configuration: unknown }>('priors', project, ...rfb);
    expect(present.configuration).toEqual(kept.configuration);
    const unknown = await studio('train', project, ...rfb, '--boxes', 'tiny', '--steps', '1');
    expect(unknown).toMatchObject({ status: 1, out: '' });
    expect(unknown.err).toMatch(/no default boxes of that name/);
    expect((await studio('priors', 'use', project, own, '--model', 'ssd300')).status).toBe(2);
  });

  it('trains, evaluates, exports and detects with the run and with the file', async () => {
    const short = ['--batch', '4', '--evaluate-every', '0'];
    const first = await json<RunSummary>('train', project, '--model', 'rfb320', '--steps', '4', ...short);
    expect(first).toMatchObject({ state: 'finished', step: 4, checkpointStep: 4 });

    const run = String(first.id);
    const report = await json<EvaluationReport>('evaluate', project, '--run', run, '--metric', 'voc07');
    expect(report.classes).toHaveLength(3);
    expect(report.imageCount).toBeGreaterThan(0);
    const coco = await json<EvaluationReport>('evaluate', project, '--run', run, '--metric', 'coco');
    expect(coco).toMatchObject({
      metric: 'coco',
      imageCount: report.imageCount,
      coco: { AP: coco.meanAveragePrecision },
    });
    expect(coco.classes.every((own) => own.coco !== undefined && own.coco.AP === own.averagePrecision)).toBe(true);
    const strict = await json<EvaluationReport>('evaluate', project, '--run', run, '--iou', '0.9', '--pixel', '0');
    expect(strict).toMatchObject({ iouThreshold: 0.9, convention: { pixels: 'continuous', difficult: 'ignored' } });
    expect((await studio('evaluate', project, '--run', run, '--metric', 'coco', '--strict')).status).toBe(2);

    const file = join(home, 'parts.onnx');
    const exported = await json<ExportReport>('export', project, '--run', run, '--out', file);
    expect(exported.verification.passed).toBe(true);
    expect(statSync(file).size).toBe(exported.bytes);
    const folder = join(home, 'parts-tfjs');
    const graph = await json<TfjsExport>('export', project, '--run', run, '--format', 'tfjs', '--out', folder);
    expect(graph.verification).toMatchObject({ passed: true, runtime: expect.stringContaining('TensorFlow.js') });
    expect(readdirSync(folder)).toHaveLength(graph.files);
    const weights = join(home, 'parts.safetensors');
    const kept = await json<WeightsExport>(
      'export',
      project,
      '--run',
      run,
      '--format',
      'safetensors',
      '--out',
      weights,
    );
    expect(kept.verification).toMatchObject({ passed: true, different: [] });
    const dict = join(home, 'parts.pth');
    const named = await json<WeightsExport>('export', weights, '--format', 'pytorch', '--out', dict);
    expect(named).toMatchObject({ names: 'ultralight', verification: { passed: true, different: [] } });
    const wrong = ['export', weights, '--format', 'pytorch', '--names', 'torchvision', '--out', dict];
    expect(await studio(...wrong)).toMatchObject({
      status: 1,
      err: expect.stringContaining('torchvision has no RFB-320'),
    });
    const again = await json<ExportReport>('export', weights, '--out', join(home, 'again.onnx'));
    expect(again.verification).toMatchObject({ passed: true, picture: 'a drawn pattern' });
    expect(readFileSync(join(home, 'again.onnx'))).toEqual(readFileSync(file));

    const path = join(project, 'images', readdirSync(join(project, 'images'))[0]);
    type Found = { detections: { score: number; box: Record<string, number> }[] }[];
    const detect = (model: string): Promise<Found> =>
      json<Found>('detect', model, path, '--score', '0.02', '--out', home);
    const [byRun] = await detect(join(project, 'runs', run));
    const [byFile] = await detect(file);
    expect(byFile.detections.length).toBe(byRun.detections.length);
    // Not by rank: after so few steps scores lie so close that rounding swaps some.
    for (const { score, box } of byRun.detections.slice(0, 20)) {
      const same = byFile.detections.filter((d) =>
        ['x1', 'y1', 'x2', 'y2'].every((side) => Math.abs(d.box[side] - box[side]) < 0.7),
      );
      expect(same.some((d) => Math.abs(d.score - score) < 5e-4)).toBe(true);
    }
    expect(existsSync(join(home, `${basename(path, extname(path))}.detected.jpg`))).toBe(true);
  });

  it('gives the records of a run with those of each feature map, and what two runs were configured differently', async () => {
    const train = (...options: string[]) =>
      json<RunSummary>('train', project, '--model', 'slim320', '--batch', '4', '--steps', '3', ...options);
    const a = await train('--evaluate-every', '2');
    const b = await train('--evaluate-every', '0', '--alpha', '2', '--smin', '0.05');

    type Records = RunSummary & { metrics: MetricRecord[]; validations: ValidationRecord[]; previews?: RunPreviews };
    const records = await json<Records>('runs', project, '--run', String(a.id), '--previews');
    expect(records).toMatchObject({ id: a.id, state: 'finished' });
    expect(records.metrics.at(-1)).toMatchObject({ step: 3 });
    expect(records.metrics.at(-1)!.positivesPerSource).toHaveLength(4);
    expect(records.validations.map(({ step }) => step)).toEqual([2, 3]);
    expect(records.previews!.records.map(({ step }) => step)).toEqual([2, 3]);
    expect(records.previews!.pictures.length).toBeGreaterThan(0);
    const text = await studio('runs', project, '--run', String(a.id));
    expect(text.out).toMatch(/40 × 30 +\d/);
    expect((await json<Records>('runs', project, '--run', String(b.id))).previews).toBeUndefined();

    const compare = ['runs', project, '--compare', String(a.id), String(b.id)];
    const differences = await json<ConfigurationDifference[]>(...compare);
    expect(differences.map(({ setting }) => setting)).toEqual([
      's_min',
      'Min sizes in px, map by map',
      'Alpha',
      'Evaluate every steps',
    ]);
    expect((await studio(...compare)).out).toMatch(/Alpha +1 +2/);
    expect((await studio('runs', project, '--compare', String(a.id))).status).toBe(2);
    expect((await studio('runs', project, '--compare', String(a.id), '99')).status).toBe(1);
  });

  it('ends a training at a checkpoint on Ctrl-C and goes on from there', async () => {
    const args = [
      'train',
      project,
      '--model',
      'slim320',
      '--steps',
      '60',
      '--batch',
      '4',
      '--evaluate-every',
      '0',
      '--json',
    ];
    const child = spawn(process.execPath, [PROGRAM, ...args], { env });
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => {
      if (String(chunk).includes('step ')) child.kill('SIGINT');
    });
    expect(await new Promise((done) => child.on('exit', done))).toBe(0);
    const paused = JSON.parse(out) as RunSummary;
    expect(paused.state).toBe('paused');
    expect(paused.checkpointStep).toBe(paused.step);
    expect(paused.step).toBeLessThan(60);
    const resumed = await json<RunSummary>('train', project, '--resume', String(paused.id));
    expect(resumed).toMatchObject({ id: paused.id, state: 'finished', step: 60 });
  });

  it('goes the whole way as a demo and leaves a page that needs nothing else', async () => {
    const folder = join(home, 'demo');
    const done = await json<{ report: string; export: ExportReport }>(
      'demo',
      folder,
      '--minutes',
      '0.05',
      '--images',
      '12',
    );
    expect(done.export.verification.passed).toBe(true);
    const page = readFileSync(done.report, 'utf8');
    expect(page).toContain('Mean average precision');
    expect(page.match(/<figure>/g)?.length).toBeGreaterThan(0);
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect((await studio('demo', folder)).status, 'it overwrites nothing unasked').toBe(1);
  });

  it('exits with 1 and one line when something fails, with 2 when it is used wrongly', async () => {
    const failed = await studio('stats', join(home, 'nothing-here'), '--json');
    expect(failed).toMatchObject({ status: 1, out: '' });
    expect(failed.err.trim().split('\n')).toHaveLength(1);
    expect((await studio('evaluate', project, '--run', '99')).status).toBe(1);
    for (const wrong of [['frobnicate'], ['train', project], ['priors', '--model', 'yolo'], ['stats']]) {
      expect((await studio(...wrong)).status, wrong.join(' ')).toBe(2);
    }
  });

  it('refuses a model file that is not one of ours', async () => {
    const file = join(home, 'not.onnx');
    writeFileSync(file, readFileSync(PROGRAM));
    const { status, err } = await studio('detect', file, PROGRAM);
    expect(status).toBe(1);
    expect(err).toContain('not.onnx');
  });
});
