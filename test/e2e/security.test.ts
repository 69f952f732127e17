import { mkdtempSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels, pictureUrl, thumbnailUrl, type ChannelName } from '@core/contract/studio';
import {
  answerFolderDialog,
  answerSaveDialog,
  ask,
  call,
  launch,
  quit,
  serviceProcessIds,
  type Application,
} from './application';
import { drawVocFolder, type VocFolder } from '../support/voc-folder';

let studio: Application;

const INDEX = 'SSD_STUDIO_PACKAGE_INDEX';
const indexBefore = process.env[INDEX];

beforeAll(async () => {
  // Some of the requests below would install gigabytes: this index is refused before anything is fetched.
  process.env[INDEX] = 'nowhere';
  studio = await launch();
});
afterAll(async () => {
  if (indexBefore === undefined) delete process.env[INDEX];
  else process.env[INDEX] = indexBefore;
  await quit(studio);
});

describe('the page', () => {
  it('has no Node and no Electron', async () => {
    const found = await studio.page.evaluate(() =>
      ['require', 'process', 'Buffer', 'module', 'global', '__dirname', 'electron', 'ipcRenderer'].filter(
        (name) => name in globalThis,
      ),
    );
    expect(found).toEqual([]);
  });

  it('has exactly call and on, and cannot replace them', async () => {
    const keys = await studio.page.evaluate(() => {
      const { studio } = window as unknown as { studio: Record<string, unknown> };
      try {
        studio.call = () => 'forged';
      } catch {
        // Frozen objects throw in strict code.
      }
      return [Object.keys(studio).sort(), String(studio.call).includes('forged')];
    });
    expect(keys).toEqual([['call', 'on'], false]);
  });

  it('can subscribe to the events of the contract only', async () => {
    const answers = await studio.page.evaluate(() =>
      ['run.metrics', 'studio:event', '__proto__', ''].map((name) => {
        try {
          (window as unknown as { studio: { on(name: string, listener: () => void): () => void } }).studio.on(
            name,
            () => undefined,
          )();
          return 'subscribed';
        } catch {
          return 'refused';
        }
      }),
    );
    expect(answers).toEqual(['subscribed', 'refused', 'refused', 'refused']);
  });

  it('runs no code from strings or from elsewhere', async () => {
    const outcome = await studio.page.evaluate(async () => {
      const inline = document.createElement('script');
      inline.textContent = 'window.inlineRan = true';
      document.head.append(inline);
      const remote = document.createElement('script');
      remote.src = 'data:text/javascript,window.remoteRan=true';
      const loaded = new Promise((done) => {
        remote.addEventListener('load', () => done('loaded'));
        remote.addEventListener('error', () => done('refused'));
      });
      document.head.append(remote);
      let evaluated = true;
      try {
        // Through the page's own timer, because the test's evaluation is exempt from the policy.
        evaluated = await new Promise<boolean>((done) => {
          setTimeout(() => {
            try {
              done(Boolean(new Function('return true')()));
            } catch {
              done(false);
            }
          }, 0);
        });
      } catch {
        evaluated = false;
      }
      return { inline: 'inlineRan' in window, remote: await loaded, evaluated };
    });
    expect(outcome).toEqual({ inline: false, remote: 'refused', evaluated: false });
  });

  it('stays where it is: no other address, no further window', async () => {
    const before = studio.page.url();
    const opened = await studio.page.evaluate(() => {
      const popup = window.open('https://example.com/');
      location.href = 'https://example.com/';
      return popup !== null;
    });
    await studio.page.waitForTimeout(300);
    expect(opened).toBe(false);
    expect(studio.page.url()).toBe(before);
    expect(studio.electron.windows()).toHaveLength(1);
  });

  it('gets no permission', async () => {
    const answers = await studio.page.evaluate(async () => [
      await Notification.requestPermission(),
      await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'granted',
        () => 'denied',
      ),
    ]);
    expect(answers).toEqual(['denied', 'denied']);
  });
});

describe('addresses', () => {
  const addresses = [
    'studio-image://picture/1', // no project is open
    'studio-image://picture/999999999',
    'studio-image://picture/0',
    'studio-image://picture/-1',
    'studio-image://picture/1e3',
    'studio-image://picture/1.5',
    'studio-image://picture/01',
    'studio-image://picture/١',
    'studio-image://picture/1/../../etc/passwd',
    'studio-image://picture/%2e%2e/%2e%2e/etc/passwd',
    'studio-image://picture/..%2f..%2fetc%2fpasswd',
    'studio-image://picture/%2fetc%2fpasswd',
    'studio-image://picture//etc/passwd',
    'studio-image://picture/1/thumbnail',
    'studio-image://picture/1%00.jpg',
    'studio-image://picture/1?v=../../x',
    'studio-image://etc/passwd',
    'studio-image:///etc/passwd',
    'studio-image://file/etc/passwd',
    'studio-image://recent/0/%2e%2e',
    'studio-app://studio/../../package.json',
    'studio-app://studio/%2e%2e/%2e%2e/package.json',
    'studio-app://studio/..%2f..%2fpackage.json',
    'studio-app://studio/..%5c..%5cpackage.json',
    'studio-app://studio//etc/passwd',
    'studio-app://elsewhere/index.html',
    'file:///etc/passwd',
    '/etc/passwd',
    'https://example.com/',
    'http://127.0.0.1:9/',
    'chrome://version/',
    'data:text/plain,hello',
  ];

  it.each(addresses)('%s shows nothing', async (address) => {
    const shown = await studio.page.evaluate(async (source) => {
      const image = new Image();
      image.src = source;
      return image.decode().then(
        () => 'shown',
        () => 'refused',
      );
    }, address);
    expect(shown).toBe('refused');
  });

  it.each(addresses)('%s answers nothing', async (address) => {
    const status = await studio.page.evaluate(async (url) => {
      try {
        const response = await fetch(url);
        return response.ok ? `answered: ${(await response.text()).slice(0, 80)}` : 'refused';
      } catch {
        return 'refused';
      }
    }, address);
    expect(status).toBe('refused');
  });
});

describe('requests', () => {
  const hostile: unknown[] = [
    undefined,
    null,
    0,
    -1,
    NaN,
    'x',
    '',
    [],
    [[]],
    {},
    { directory: '/etc' },
    { directory: '../..', name: 'x', classes: [] },
    { directory: '/tmp/x\0y', name: 'x', classes: [] },
    { runId: 1e9 },
    { runId: 'DROP TABLE run' },
    { id: Number.MAX_SAFE_INTEGER },
    { id: { $gt: 0 } },
    { filter: { text: 'x'.repeat(100_000) }, offset: 0, limit: 1 },
    { filter: {}, offset: 0, limit: 1e9 },
    { operationId: 'x'.repeat(100_000) },
    { imageId: 1, changes: [{ kind: 'put', object: { id: 'no', box: { x1: NaN } } }] },
    { title: 5 },
    { path: '/etc/shadow', runId: 1, format: 'onnx', operationId: 'x' },
    { constructor: { prototype: { polluted: true } } },
    JSON.parse('{"__proto__": {"polluted": true}}') as unknown,
  ];

  it.each(Object.keys(channels) as ChannelName[])('%s answers a Result to anything', async (channel) => {
    await answerFolderDialog(studio, null);
    await answerSaveDialog(studio, null);
    for (const payload of hostile) {
      const answer = await call(studio, channel, payload as never);
      if (answer.ok) continue;
      expect(answer.error.message, JSON.stringify(payload)).toBeTruthy();
      expect(answer.error.code, `${answer.error.message} ${answer.error.details}`).not.toBe('internal');
    }
  });

  it('of no channel are refused', async () => {
    for (const name of ['nothing', '__proto__', 'toString', 'constructor', '']) {
      expect(await call(studio, name as ChannelName)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    }
  });

  it('have not ended the service process nor polluted anything', async () => {
    expect(await serviceProcessIds(studio)).toHaveLength(1);
    expect(await studio.electron.evaluate(() => 'polluted' in {})).toBe(false);
  });
});

describe('paths', () => {
  it('that nobody chose are refused', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ssd-studio-foreign-'));
    const refused = { ok: false, error: { code: 'not-allowed' } };
    expect(await call(studio, 'projects.open', { directory })).toMatchObject(refused);
    expect(await call(studio, 'projects.create', { directory, name: 'x', classes: [] })).toMatchObject(refused);
    expect(await call(studio, 'projects.createSample', { directory, operationId: 'a' })).toMatchObject(refused);
    expect(await call(studio, 'import.start', { format: 'voc', from: directory, operationId: 'b' })).toMatchObject(
      refused,
    );
    expect(
      await call(studio, 'export.run', { runId: 1, format: 'onnx', path: join(directory, 'x.onnx'), operationId: 'c' }),
    ).toMatchObject(refused);
    expect(await call(studio, 'app.showInFolder', { path: '/etc/passwd' })).toMatchObject(refused);
  });

  it('inside a chosen folder are allowed, beside it not', async () => {
    const chosen = mkdtempSync(join(tmpdir(), 'ssd-studio-chosen-'));
    await answerFolderDialog(studio, chosen);
    expect(await call(studio, 'dialogs.chooseFolder', { title: 'Choose' })).toEqual({ ok: true, value: chosen });
    const code = async (directory: string): Promise<string> => {
      const answer = await call(studio, 'projects.open', { directory });
      return answer.ok ? 'opened' : answer.error.code;
    };
    expect(await code(chosen)).not.toBe('not-allowed');
    expect(await code(join(chosen, 'inside'))).not.toBe('not-allowed');
    expect(await code(`${chosen}-beside`)).toBe('not-allowed');
    expect(await code(`${chosen}/../other`)).toBe('not-allowed');
    expect(await code(`${chosen}/inside/`)).toBe('not-allowed');
    expect(await code(tmpdir())).toBe('not-allowed');
  });
});

describe('pictures of a project', () => {
  let folder: VocFolder;
  let ids: readonly number[];

  beforeAll(async () => {
    folder = await drawVocFolder(4);
    await openNewProject('First');
    await ask(studio, 'import.start', { format: 'voc', from: await chosen(folder.path), operationId: 'import' });
    ids = await ask(studio, 'images.ids', { filter: {} });
  });

  const chosen = async (path: string): Promise<string> => {
    await answerFolderDialog(studio, path);
    return (await ask(studio, 'dialogs.chooseFolder', { title: 'Choose' }))!;
  };
  const openNewProject = async (name: string): Promise<void> => {
    const directory = await ask(studio, 'projects.suggestFolder', { name });
    await ask(studio, 'projects.create', { directory, name, classes: [] });
  };
  /** Status and a sum over the pixels, as an <img> shows them. */
  const shown = (address: string) =>
    studio.page.evaluate(async (source) => {
      const image = new Image();
      image.crossOrigin = 'anonymous';
      image.src = source;
      try {
        await image.decode();
      } catch {
        return null;
      }
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return { width: image.naturalWidth, sum: data.reduce((sum, value, k) => (sum + value * (k % 251)) % 1e9, 0) };
    }, address);
  /** As the network layer answers, which the page's policy keeps from fetch. */
  const status = (address: string) =>
    studio.electron.evaluate(async ({ net }, url) => (await net.fetch(url)).status, address);

  it('are shown by number, whole and small', async () => {
    expect(await shown(pictureUrl(ids[0]))).toMatchObject({ width: 320 });
    expect(await shown(thumbnailUrl(ids[0]))).toMatchObject({ width: 320 });
    expect(await status(pictureUrl(Math.max(...ids) + 1))).toBe(404);
  });

  it('are not served once a link stands in their place, nor when they are no pictures', async () => {
    const [first, second] = (await ask(studio, 'images.list', { filter: {}, offset: 0, limit: 2 })).images;
    const file = (name: string): string => join(folder.path, 'JPEGImages', name);
    renameSync(file(first.fileName), file('moved.jpg'));
    symlinkSync('/etc/passwd', file(first.fileName));
    expect(await status(pictureUrl(first.id))).toBe(403);
    unlinkSync(file(first.fileName));
    symlinkSync(file('moved.jpg'), file(first.fileName));
    expect(await status(pictureUrl(first.id))).toBe(403);
    writeFileSync(file(second.fileName), 'root:x:0:0:root:/root:/bin/bash');
    expect(await status(pictureUrl(second.id))).toBe(415);
  });

  it('of the project that was open before are not shown in place of those of the next', async () => {
    const last = Math.max(...ids);
    const before = await shown(pictureUrl(last));
    const other = await drawVocFolder(5, 99);
    await openNewProject('Second');
    await ask(studio, 'import.start', { format: 'voc', from: await chosen(other.path), operationId: 'import' });
    const after = await shown(pictureUrl(last));
    expect(before).not.toBeNull();
    expect(after).not.toBeNull();
    expect(after!.sum).not.toBe(before!.sum);
  });
});
