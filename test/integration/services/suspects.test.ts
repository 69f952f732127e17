/** What a run suspects, held against the labels of the project, by the use cases and by the command line. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Suspect, SuspectList } from '@core/contract/suspects';
import { suspectFileName, writeSuspectFile } from '@core/experiment/suspect-file';
import type { SuspectRecord } from '@core/experiment/suspects';
import { createSuspectHandlers } from '../../../src-main/services/suspects';
import { ProjectSession } from '../../../src-main/services/session';
import { createProject } from '../../../src-main/store/project-store';
import { runFiles } from '../../../src-main/store/run-files';
import { commandLine } from '../../support/command-line';
import { SMALL_RUN } from '../../support/training-run';

const home = mkdtempSync(join(tmpdir(), 'ssd-suspect-list-'));
const directory = join(home, 'project');
const { studio, json } = commandLine(home);
const session = new ProjectSession();
const handlers = createSuspectHandlers(session, runFiles);
const nothing = { signal: new AbortController().signal, progress: () => {}, end: () => {} };
const list = (runId = 1) => handlers['runs.suspects']({ runId }, nothing);
const setNoObject = (suspect: Suspect, noObject: boolean) =>
  handlers['suspects.setNoObject']({ imageId: suspect.imageId, box: suspect.box, noObject }, nothing);

const place = (id: number, imageId: number, left: number, classIndex: number, scores: number): SuspectRecord => ({
  id,
  imageId,
  box: { x1: left + 0.4, y1: 10.3, x2: left + 40.4, y2: 49.8 },
  scores,
  weight: 5,
  classes: [[classIndex, scores]],
  seen: 6,
  looks: 7,
  lastStep: 40,
});

beforeAll(() => {
  const store = createProject(directory, 'Blood', ['cell', 'platelet']);
  session.use(store);
  const image = (name: string) => ({
    path: join(home, name),
    fileName: name,
    width: 300,
    height: 200,
    split: 'train' as const,
    objects: [],
  });
  store.addImages([image('a.png'), image('b.png')]);
  const run = { name: 'one', configuration: SMALL_RUN, classNames: ['cell', 'platelet', 'gone'], datasetHash: 'x' };
  store.createRun(run);
  store.createRun(run);
  const folder = join(store.runDirectory(1), 'suspects');
  mkdirSync(folder, { recursive: true });
  const suspects = [
    place(1, 1, 0, 0, 3),
    place(2, 2, 0, 1, 4),
    place(3, 1, 100, 1, 2),
    { ...place(4, 1, 200, 0, 4.5), seen: 1 },
    place(5, 99, 0, 0, 4.5),
    place(6, 2, 100, 2, 1),
  ];
  writeFileSync(join(folder, suspectFileName(40)), writeSuspectFile({ step: 40, nextId: 7, suspects }));
  writeFileSync(join(folder, suspectFileName(60)), '{"version":1,"step":60,');
});
afterAll(() => {
  session.use(null);
  rmSync(home, { recursive: true, force: true });
});

const ids = ({ suspects }: SuspectList) => suspects.map(({ id }) => id);

describe('the suspects of a run', () => {
  it('are of its newest whole file, ranked, in whole pixels, without accidents and pictures that are gone', async () => {
    const found = await list();
    expect(found).toMatchObject({ step: 40, labelled: 0 });
    expect(ids(found)).toEqual([2, 1, 3, 6]);
    expect(found.suspects[0]).toEqual({
      id: 2,
      imageId: 2,
      fileName: 'b.png',
      width: 300,
      height: 200,
      box: { x1: 0, y1: 10, x2: 40, y2: 50 },
      className: 'platelet',
      classId: session.require().info().classes[1].id,
      score: 0.8,
      seen: 6,
      looks: 7,
      noObject: false,
    });
    expect(found.suspects[3]).toMatchObject({ className: 'gone', classId: null });
  });

  it('of a run that keeps none are none', async () => {
    expect(await list(2)).toEqual({ step: null, suspects: [], labelled: 0 });
    await expect(list(3)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are remembered to be no object, for every run, until that is taken back', async () => {
    const [first] = (await list()).suspects;
    await setNoObject(first, true);
    await setNoObject(first, true);
    expect((await list()).suspects.map(({ noObject }) => noObject)).toEqual([true, false, false, false]);
    const store = session.require();
    expect(store.noObjects().get(2)).toHaveLength(1);
    await setNoObject({ ...first, box: { x1: 4, y1: 12, x2: 42, y2: 50 } }, false);
    expect((await list()).suspects.some(({ noObject }) => noObject)).toBe(false);
    await expect(setNoObject({ ...first, imageId: 77 }, true)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('leave the list when they are labelled', async () => {
    const { suspects } = await list();
    const [object] = suspects.filter(({ id }) => id === 1);
    const flags = { difficult: false, truncated: false, crowd: false };
    const label = { id: randomUUID(), classId: object.classId ?? 0, box: object.box, ...flags };
    session.require().applyChanges(object.imageId, [{ kind: 'put', object: label }]);
    const after = await list();
    expect(ids(after)).toEqual([2, 3, 6]);
    expect(after.labelled).toBe(1);
  });

  it('are listed, labelled, hidden and shown again from the command line', async () => {
    session.use(null);
    const runs = ['runs', directory, '--run', '1', '--suspects'];
    const judged = await json<SuspectList>(...runs, '--hide', '3', '--accept', '2');
    expect(judged).toMatchObject({ step: 40, labelled: 2 });
    expect(judged.suspects.map(({ id, noObject }) => [id, noObject])).toEqual([
      [3, true],
      [6, false],
    ]);
    const { out } = await studio(...runs, '--restore', '3');
    expect(out).toMatch(/^2 places may lack a label at step 40 \(left out: 2 labelled since\)/);
    expect(out).toMatch(/3 +a\.png +platelet +100 +10 +140 +50 +0\.40 +6 of 7/);
    const refused = await studio(...runs, '--accept', '6');
    expect([refused.status, refused.err]).toEqual([2, expect.stringContaining('no class gone')]);
    expect((await studio(...runs, '--hide', '17')).err).toContain('has no number 17');
  });
});
