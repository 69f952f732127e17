/** The explanation on the command line tells the very boxes and scores of detect, of a run and of a model file. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Detection } from '@core/evaluation/report';
import type { RunSummary } from '@core/experiment/run';
import type { DetectionExplanation, ObjectExplanation } from '@core/priors/explanation';
import { commandLine } from '../../support/command-line';
import { foreignWeights, writeSafetensors } from '../../support/weight-files';

const home = mkdtempSync(join(tmpdir(), 'ssd-explain-cli-'));
const project = join(home, 'parts');
const model = join(home, 'pets-model.safetensors');
const { studio, json } = commandLine(home);
const NAMES = ['bolt', 'nut'];
/** Random weights are sure of nothing. */
const ANY = ['--score', '0.05'];
let run: string;
let picture: string;
afterAll(() => rmSync(home, { recursive: true, force: true }));

beforeAll(async () => {
  const sample = await studio('project', 'sample', project, '--images', '8');
  expect(sample.status, sample.err).toBe(0);
  const pictures = readdirSync(join(project, 'images'), { recursive: true, encoding: 'utf8' });
  picture = join(project, 'images', pictures.find((name) => name.endsWith('.jpg')) ?? '');
  const weights = writeSafetensors(join(home, 'pets.safetensors'), foreignWeights('slim320', NAMES));
  const names = ['--classes', NAMES.join(',')];
  const imported = await json<{ run: RunSummary }>('weights', 'import', weights, ...names, '--project', project);
  run = join(project, 'runs', String(imported.run.id));
  const written = await studio('weights', 'import', weights, ...names, '--out', model);
  expect(written.status, written.err).toBe(0);
});

describe('explain', () => {
  it.each(['run', 'model'])('tells of a %s what detect finds, to the last bit', async (kind) => {
    const detector = kind === 'run' ? run : model;
    const [{ detections }] = await json<{ detections: Detection[] }[]>('detect', detector, picture, ...ANY);
    expect(detections.length).toBeGreaterThan(3);
    const told = await json<{ detections: DetectionExplanation[] }>('explain', detector, picture, ...ANY);
    expect(told.detections).toHaveLength(detections.length);
    told.detections.forEach(({ prior, classIndex, score, box, answers, fate }, i) => {
      expect({ prior, classIndex, score, box }).toMatchObject({
        prior: detections[i].prior,
        classIndex: detections[i].classIndex,
        score: detections[i].score,
        box: detections[i].box,
      });
      expect(fate.kind).toBe('kept');
      const sum = answers.reduce((total, { logit }) => total + Math.exp(logit), 0);
      for (const each of answers) expect(each.score).toBeCloseTo(Math.exp(each.logit) / sum, 5);
    });
    const one = await json<DetectionExplanation>('explain', detector, picture, '--detection', '2', ...ANY);
    expect(one).toMatchObject({ prior: detections[1].prior, score: detections[1].score, box: detections[1].box });
  });

  it('says in words where a detection comes from and why an object was missed', async () => {
    const { out } = await studio('explain', model, picture, '--detection', '1', ...ANY);
    expect(out).toMatch(/comes from {4}default box \d+: map [1-4] \(\d+ × \d+\), column \d+, row \d+, box \d/);
    expect(out).toContain('before softmax');
    const missed = await studio('explain', model, picture, '--object', '40,40,90,95,nut', '--score', '0.999');
    expect(missed.status, missed.err).toBe(0);
    expect(missed.out).toMatch(
      /^nut at 40\.0 40\.0 90\.0 95\.0\n(Its boxes say background|Confused with|Not sure|No default)/,
    );
    const object = await json<ObjectExplanation>('explain', model, picture, '--object', '0,0,3,3', '--score', '0.999');
    expect(object).toMatchObject({ classIndex: null, verdict: { kind: 'unreached' } });
  });

  it("names the negatives that a run's loss counts on a picture of its project", async () => {
    // The first picture has washers only, which this detector does not know.
    const several = picture.replace(/\d+(?=\.jpg$)/, '0004');
    const told = await json<{ positives: number; negatives: { loss: number; source: number }[] }>(
      'explain',
      run,
      several,
      '--hard-negatives',
    );
    expect(told.positives).toBeGreaterThan(0);
    expect(told.negatives).toHaveLength(3 * told.positives);
    const losses = told.negatives.map(({ loss }) => loss);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect((await studio('explain', run, several, '--hard-negatives')).out).toMatch(/hard negatives for \d+ positives/);
    expect((await studio('explain', run, join(home, 'pets.safetensors'), '--hard-negatives')).err).toMatch(
      /no picture pets/,
    );
    expect((await studio('explain', model, several, '--hard-negatives')).status).toBe(2);
  });

  it('ends with 2 when used wrongly, and with 1 and the name of a picture that is none', async () => {
    const wrong = [
      ['--detection', '9999', ...ANY],
      ['--detection', '1', '--object', '0,0,9,9'],
      ['--object', '9,9,1,1'],
      ['--object', '0,0,9'],
      ['--object', '0,0,9,9,unicorn'],
      ['--score', '2'],
    ];
    for (const options of wrong) {
      expect((await studio('explain', model, picture, ...options)).status, options.join(' ')).toBe(2);
    }
    const { status, err } = await studio('explain', model, join(home, 'absent.jpg'));
    expect(status).toBe(1);
    expect(err).toContain('absent.jpg');
  });
});
