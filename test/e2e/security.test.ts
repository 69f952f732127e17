import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels, type ChannelName } from '@core/contract/studio';
import { answerFolderDialog, answerSaveDialog, call, launch, processIds, quit, type Application } from './application';

let studio: Application;

beforeAll(async () => {
  studio = await launch();
});
afterAll(async () => {
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
    expect(await processIds(studio, 'service')).toHaveLength(1);
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
  it.todo('are served by number and only as pictures');
});

void [symlinkSync, writeFileSync];
