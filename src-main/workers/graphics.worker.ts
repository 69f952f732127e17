/**
 * The compute process as a page of Electron, whose WebGPU is Chromium's (src-main/electron/graphics-process.ts). It is the
 * preload script of an empty page: it has Node, the page has nothing.
 */
import { ipcRenderer } from 'electron';
import { openEngine } from '../engine/engines';
import type { ComputeInput } from '../services/ports';
import type { ComputeParent } from './compute-parent';
import { serveJob } from './compute-process';
import { END, GONE, HELLO, INPUT, MESSAGE, START } from './graphics-messages';
import { picturesElsewhere, type PicturesLine } from './pictures-elsewhere';
import type { PicturesAnswer } from './pictures-messages';

const parent: ComputeParent = {
  send: (message) => ipcRenderer.send(MESSAGE, message),
  onInput: (listener) => void ipcRenderer.on(INPUT, (_, input: ComputeInput) => listener(input)),
  onGone: (listener) => void ipcRenderer.on(GONE, listener),
  end: (exitCode) => ipcRenderer.send(END, exitCode),
};

/** What this file uses of a page's MessagePort. */
interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

const lineOver = (port: Port): PicturesLine => ({
  post: (request) => port.postMessage(request),
  listen: (listener) => (port.onmessage = ({ data }) => listener(data as PicturesAnswer)),
});

ipcRenderer.once(START, ({ ports: [port] }) => {
  serveJob(parent, picturesElsewhere(lineOver(port as unknown as Port)), () => openEngine('webgpu'));
});
ipcRenderer.send(HELLO);
