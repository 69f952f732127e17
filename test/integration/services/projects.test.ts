import { existsSync, mkdtempSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChannelName, ChannelRequest, ChannelResponse } from '@core/contract/studio';
import { createCudaLibraries } from '../../../src-main/cuda/cuda-libraries';
import { localFiles } from '../../../src-main/files/local-files';
import { imageReader } from '../../../src-main/images/image-reader';
import { sampleRenderer } from '../../../src-main/images/sample/renderer';
import { createThumbnails } from '../../../src-main/images/thumbnails';
import { createStudio, type Studio } from '../../../src-main/services/studio';
import { recentProjectsIn } from '../../../src-main/store/recent-projects';
import { runFiles } from '../../../src-main/store/run-files';
import { createPreviewThread } from '../../../src-main/workers/preview-thread';
import { sqliteStorage } from '../../../src-main/store/storage';
import { ScriptedLauncher } from '../../support/scripted-launcher';

let folder: string;
let studio: Studio;
let events: [string, unknown][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'projects-'));
  events = [];
  studio = start();
});
afterEach(async () => {
  await studio.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(): Studio {
  return createStudio({
    launcher: new ScriptedLauncher(),
    cuda: createCudaLibraries(join(folder, 'data')),
    runFiles,
    storage: sqliteStorage,
    recents: recentProjectsIn(join(folder, 'data', 'recent.json')),
    files: localFiles,
    reader: imageReader,
    thumbnails: createThumbnails(),
    sample: sampleRenderer,
    preview: createPreviewThread(),
    documents: folder,
    emit: (name, payload) => void events.push([name, payload]),
  });
}

async function ask<N extends ChannelName>(name: N, request: ChannelRequest<N>): Promise<ChannelResponse<N>> {
  const result = await studio.call(name, request);
  if (!result.ok) throw Object.assign(new Error(result.error.message), result.error);
  return result.value as ChannelResponse<N>;
}

const picture = (color: string) =>
  sharp({ create: { width: 800, height: 600, channels: 3, background: color } })
    .jpeg()
    .toBuffer();

async function projectWithPictures(): Promise<string> {
  const from = join(folder, 'pictures');
  await localFiles.write(join(from, 'a.jpg'), await picture('#a00'));
  await localFiles.write(join(from, 'b.jpg'), await picture('#0a0'));
  for (const name of ['a', 'b']) {
    const box = '<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>300</xmax><ymax>400</ymax></bndbox>';
    await localFiles.write(
      join(from, `${name}.xml`),
      `<annotation><object><name>cell</name>${box}</object></annotation>`,
    );
  }
  const { directory } = await ask('projects.create', { directory: join(folder, 'p'), name: 'Cells', classes: [] });
  await ask('import.start', { format: 'voc', from, operationId: 'i' });
  return directory;
}

describe('a project', () => {
  it('is suggested, created, filled, labelled, closed, and opened again from the recent ones', async () => {
    expect(await ask('projects.suggestFolder', { name: ' My: cells/1. ' })).toBe(join(folder, 'My- cells-1'));
    const directory = await projectWithPictures();
    expect(events.map(([name]) => name)).toContain('dataset.changed');
    const { images, total } = await ask('images.list', { filter: {}, offset: 0, limit: 10 });
    expect(total).toBe(2);
    const [object] = images[0].objects;
    const answer = await ask('annotate.apply', {
      imageId: images[0].id,
      changes: [{ kind: 'remove', objectId: object.id }],
    });
    expect(answer).toEqual({ objects: 0 });
    await vi.waitFor(() => expect(existsSync(join(directory, 'thumbnails', '2.jpg'))).toBe(true));
    await ask('projects.close', undefined);
    expect(await ask('projects.current', undefined)).toBeNull();
    await expect(ask('images.summary', undefined)).rejects.toMatchObject({ code: 'no-project' });

    const [recent] = await ask('projects.recent', undefined);
    expect(recent).toMatchObject({ directory, name: 'Cells', exists: true, images: 2, objects: 1 });
    expect(recent.pictures).toEqual(['studio-image://recent/0/0', 'studio-image://recent/0/1']);
    // Labelled pictures come first.
    expect(await studio.pictures.recent(0, 0)).toBe(join(directory, 'thumbnails', '2.jpg'));
    await expect(studio.pictures.recent(0, 9)).rejects.toMatchObject({ code: 'not-found' });

    expect((await ask('projects.open', { directory })).classes).toMatchObject([{ name: 'cell' }]);
    await ask('projects.forget', { directory });
    expect(await ask('projects.recent', undefined)).toEqual([]);
  });

  it('that cannot be opened leaves the one that is open', async () => {
    const directory = await projectWithPictures();
    await expect(ask('projects.open', { directory: folder })).rejects.toMatchObject({ code: 'no-project' });
    expect(await ask('projects.current', undefined)).toMatchObject({ directory });
  });

  it('that is gone is still listed, as missing', async () => {
    const directory = await projectWithPictures();
    await ask('projects.close', undefined);
    rmSync(directory, { recursive: true });
    expect(await ask('projects.recent', undefined)).toMatchObject([{ directory, exists: false, images: 0 }]);
  });

  it('marks pictures whose file is gone, and clears the mark when it is back', async () => {
    const directory = await projectWithPictures();
    const lost = join(folder, 'pictures', 'a.jpg');
    unlinkSync(lost);
    await ask('projects.close', undefined);
    await ask('projects.open', { directory });
    await vi.waitFor(async () => expect((await ask('images.get', { id: 1 })).problem).toMatch(/missing/));
    await expect(studio.pictures.thumbnail(1)).rejects.toMatchObject({ code: 'not-found' });
    writeFileSync(lost, await picture('#00a'));
    await ask('projects.close', undefined);
    await ask('projects.open', { directory });
    await vi.waitFor(async () => expect((await ask('images.get', { id: 1 })).problem).toBeNull());
  });
});

describe('the sample project', () => {
  it('has its pictures in 70/15/15 splits, labelled, inside its own folder', async () => {
    const directory = join(folder, 'sample');
    await ask('projects.createSample', { directory, images: 20, operationId: 's' });
    const summary = await ask('images.summary', undefined);
    expect(summary).toMatchObject({ images: 20, labelledImages: 20, splits: { train: 14, val: 3, test: 3, none: 0 } });
    expect(summary.classes.every((c) => c.objects > 0)).toBe(true);
    expect(await studio.pictures.picture(1)).toBe(join(directory, 'images', 'belt-0001.jpg'));
    await expect(ask('projects.createSample', { directory, images: 2, operationId: 's' })).rejects.toMatchObject({
      code: 'already-exists',
    });
  });

  it('cancelled leaves nothing behind, and the project that was open', async () => {
    const before = await projectWithPictures();
    const directory = join(folder, 'sample');
    const creating = ask('projects.createSample', { directory, images: 50, operationId: 's' });
    await vi.waitFor(() => expect(existsSync(join(directory, 'images'))).toBe(true));
    await ask('operations.cancel', { operationId: 's' });
    await expect(creating).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(directory)).toBe(false);
    expect(await ask('projects.current', undefined)).toMatchObject({ directory: before });
  });
});

describe('a thumbnail', () => {
  it('is at most 320 pixels long, made once, and made again when the picture has changed', async () => {
    await projectWithPictures();
    const file = await studio.pictures.thumbnail(1);
    const { width, height } = await sharp(file).metadata();
    expect([width, height]).toEqual([320, 240]);
    const red = await sharp(file).stats();
    expect(red.dominant.r).toBeGreaterThan(100);
    const made = statSync(file).ino;
    await studio.pictures.thumbnail(1);
    expect(statSync(file).ino).toBe(made);

    const source = join(folder, 'pictures', 'a.jpg');
    writeFileSync(source, await picture('#00f'));
    utimesSync(source, new Date(), new Date(Date.now() + 60_000));
    const [again, twice] = await Promise.all([studio.pictures.thumbnail(1), studio.pictures.thumbnail(1)]);
    expect(again).toBe(twice);
    expect((await sharp(again).stats()).dominant.b).toBeGreaterThan(200);
  });
});

describe('a damaged list of recent projects', () => {
  it('is taken for empty', async () => {
    await localFiles.write(join(folder, 'data', 'recent.json'), '{"half": ');
    expect(await ask('projects.recent', undefined)).toEqual([]);
    const { directory } = await ask('projects.create', { directory: join(folder, 'q'), name: 'Q', classes: ['a'] });
    expect(await ask('projects.recent', undefined)).toMatchObject([{ directory }]);
  });
});
