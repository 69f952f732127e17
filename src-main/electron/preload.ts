/** Puts `window.studio` into the page: call and on, names checked against the contract, nothing else. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import type { Result } from '@core/contract/channel';
import { EVENT_NAMES } from '@core/contract/events';
import { CHANNEL_NAMES } from '@core/contract/channel-names';

const channelNames: ReadonlySet<string> = new Set(CHANNEL_NAMES);
const eventNames: ReadonlySet<string> = new Set(EVENT_NAMES);

const studio = {
  async call(name: unknown, request?: unknown): Promise<Result<unknown>> {
    if (typeof name !== 'string' || !channelNames.has(name)) {
      return { ok: false, error: { code: 'bad-request', message: 'There is no such channel.' } };
    }
    return (await ipcRenderer.invoke('studio:call', name, request)) as Result<unknown>;
  },

  on(event: unknown, listener: unknown): () => void {
    if (typeof event !== 'string' || !eventNames.has(event) || typeof listener !== 'function') {
      throw new TypeError('There is no such event.');
    }
    const receive = (_: IpcRendererEvent, name: string, payload: unknown): void => {
      if (name === event) listener(payload);
    };
    ipcRenderer.on('studio:event', receive);
    return () => {
      ipcRenderer.removeListener('studio:event', receive);
    };
  },
};

contextBridge.exposeInMainWorld('studio', studio);
