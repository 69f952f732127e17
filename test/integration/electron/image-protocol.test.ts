import { mkdtempSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseImageUrl, serveImages } from '../../../src-main/electron/image-protocol';

const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(600_000, 7)]);

describe('the address of a picture', () => {
  it('has three forms', () => {
    expect(parseImageUrl('studio-image://picture/12')).toEqual({ kind: 'picture', id: 12 });
    expect(parseImageUrl('studio-image://thumbnail/12?v=a1-b')).toEqual({ kind: 'thumbnail', id: 12 });
    expect(parseImageUrl('studio-image://recent/0/3')).toEqual({ kind: 'recent', project: 0, picture: 3 });
  });

  it.each([
    'studio-image://picture/',
    'studio-image://picture/0',
    'studio-image://picture/12/',
    'studio-image://picture/12/../../etc',
    'studio-image://picture/%31',
    'studio-image://picture/..%2f1',
    'studio-image://picture/%2e%2e/1',
    'studio-image://picture/1#x',
    'studio-image://picture/1?v=',
    'studio-image://picture/1?path=/etc/passwd',
    'studio-image://user@picture/1',
    'studio-image://picture:80/1',
    'studio-image://recent/1',
    'studio-image://recent/1/2/3',
    'studio-image://picture/1\n',
    'x studio-image://picture/1',
    'file:///etc/passwd',
  ])('is not %j', (address) => expect(parseImageUrl(address)).toBeNull());
});

describe('serving a picture', () => {
  let folder: string;
  let picture: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'ssd-studio-picture-')));
    picture = join(folder, 'a.jpg');
    writeFileSync(picture, JPEG);
  });

  const get = (path: string | null): Promise<Response> =>
    serveImages(() => Promise.resolve(path))(new Request('studio-image://picture/1'));

  it('answers its bytes with its type', async () => {
    const response = await get(picture);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await response.arrayBuffer()).equals(JPEG)).toBe(true);
  });

  it('is stored by nobody, because numbers repeat between projects', async () => {
    expect((await get(picture)).headers.get('cache-control')).toBe('no-store');
  });

  it('refuses a link that was put in the place of the file', async () => {
    renameSync(picture, join(folder, 'b.jpg'));
    symlinkSync(join(folder, 'b.jpg'), picture);
    expect((await get(picture)).status).toBe(403);
  });

  it('refuses a file below a folder that became a link', async () => {
    symlinkSync(folder, join(folder, 'link'));
    expect((await get(join(folder, 'link', 'a.jpg'))).status).toBe(403);
  });

  it('refuses what is not a picture, whatever it is called', async () => {
    const text = join(folder, 'secret.jpg');
    writeFileSync(text, 'root:x:0:0');
    expect((await get(text)).status).toBe(415);
    expect((await get('/etc/passwd')).status).toBe(415);
  });

  it('answers not found for unknown numbers, missing files and folders', async () => {
    expect((await get(null)).status).toBe(404);
    expect((await get(join(folder, 'gone.jpg'))).status).toBe(404);
    expect((await get(folder)).ok).toBe(false);
  });

  it('refuses other methods', async () => {
    const request = new Request('studio-image://picture/1', { method: 'POST' });
    expect((await serveImages(() => Promise.resolve(picture))(request)).status).toBe(400);
  });
});
