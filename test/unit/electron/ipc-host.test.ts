import type { IpcMainInvokeEvent, WebContents } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import type { Result } from '@core/contract/channel';
import type { ChannelName } from '@core/contract/studio';
import { APP_URL } from '../../../src-main/electron/app-protocol';
import { createIpcHost } from '../../../src-main/electron/ipc-host';
import { PathGrants } from '../../../src-main/electron/path-grants';

const ok = (value: unknown): Result<unknown> => ({ ok: true, value });

function host(forward = vi.fn((_channel: ChannelName, _payload: unknown) => Promise.resolve(ok(null)))) {
  const mainFrame = { url: APP_URL };
  const window = { mainFrame } as unknown as WebContents;
  const grants = new PathGrants();
  const answer = createIpcHost({ window: () => window, grants, inMain: {}, forward });
  const event = (change: object = {}) => ({ sender: window, senderFrame: mainFrame, ...change }) as IpcMainInvokeEvent;
  return { answer, event, forward, grants, window };
}

describe('the door for requests', () => {
  it('opens to the main frame of our window at our address, with the payload as the schema reads it', async () => {
    const { answer, event, forward } = host();
    expect(await answer(event(), 'runs.metrics', { runId: 1, extra: 'dropped' })).toEqual(ok(null));
    expect(forward).toHaveBeenCalledWith('runs.metrics', { runId: 1, afterStep: -1 });
  });

  it('stays shut to everybody else', async () => {
    const { answer, event, forward, window } = host();
    const strangers = [
      { sender: {} },
      { senderFrame: { url: APP_URL } }, // a frame inside our page
      { senderFrame: null }, // a frame that has gone
    ];
    for (const stranger of strangers) {
      expect(await answer(event(stranger), 'runs.list', undefined)).toMatchObject({ error: { code: 'not-allowed' } });
    }
    Object.assign(window.mainFrame, { url: 'https://example.com/index.html' });
    expect(await answer(event(), 'runs.list', undefined)).toMatchObject({ error: { code: 'not-allowed' } });
    expect(forward).not.toHaveBeenCalled();
  });

  it('takes an address with a place in it for ours, not one that only begins like it', async () => {
    const { answer, event, window } = host();
    Object.assign(window.mainFrame, { url: `${APP_URL}#/train?run=1` });
    expect(await answer(event(), 'runs.list', undefined)).toMatchObject({ ok: true });
    Object.assign(window.mainFrame, { url: `${APP_URL}.example.com` });
    expect(await answer(event(), 'runs.list', undefined)).toMatchObject({ ok: false });
  });

  it('says which field of a payload is wrong', async () => {
    const { answer, event, forward } = host();
    const refused = await answer(event(), 'images.get', { id: -5 });
    expect(refused).toMatchObject({ error: { code: 'bad-request', message: expect.stringContaining('id') as string } });
    expect(forward).not.toHaveBeenCalled();
  });

  it('answers a Result when what is behind it throws', async () => {
    const { answer, event } = host(vi.fn(() => Promise.reject(new Error('the pipe broke'))));
    expect(await answer(event(), 'runs.list', undefined)).toMatchObject({
      error: { code: 'internal', message: 'runs.list: the pipe broke' },
    });
  });

  it('lets projects be opened that the service has named, and no others', async () => {
    const recent = [{ directory: '/home/ada/cells' }];
    const { answer, event } = host(
      vi.fn((channel: ChannelName) => Promise.resolve(ok(channel === 'projects.recent' ? recent : null))),
    );
    const open = (directory: string) => answer(event(), 'projects.open', { directory });
    expect(await open('/home/ada/cells')).toMatchObject({ error: { code: 'not-allowed' } });
    await answer(event(), 'projects.recent', undefined);
    expect(await open('/home/ada/cells')).toEqual(ok(null));
    expect(await open('/home/ada')).toMatchObject({ error: { code: 'not-allowed' } });
  });

  it('lets a file be written only where the dialog said', async () => {
    const { answer, event, grants } = host();
    grants.grantFile('/home/ada/model.onnx');
    const exportTo = (path: string) =>
      answer(event(), 'export.run', { runId: 1, format: 'onnx', path, operationId: 'x' });
    expect(await exportTo('/home/ada/model.onnx')).toEqual(ok(null));
    expect(await exportTo('/home/ada/.bashrc')).toMatchObject({ error: { code: 'not-allowed' } });
  });
});
