/**
 * A graphics process: the program started once more, without a window, for one compute job on Chromium's WebGPU. It is a process
 * of its own so that its switches and the crash of a GPU's driver leave the window as it is. The job runs in an empty page that
 * is never shown; pictures are decoded by a utility process beside it.
 */
import { join } from 'node:path';
import { app, ipcMain, MessageChannelMain, powerSaveBlocker, session, utilityProcess, WebContentsView } from 'electron';
import type { ComputeInput, ComputeMessage } from '../services/ports';
import { connectToParent } from '../workers/compute-parent';
import { END, GONE, HELLO, INPUT, MESSAGE, START } from '../workers/graphics-messages';
import { APP_ORIGIN, APP_SCHEME } from './app-protocol';
import { denyPermissions, lockNavigation } from './window';

/** Tells the program that it is a graphics process. */
export const GRAPHICS_SWITCH = 'graphics-process';

/** Not written to disk. */
const PARTITION = 'graphics';
const PAGE = `${APP_ORIGIN}/graphics.html`;
const HEADERS = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': "default-src 'none'" };
/** How long a job may go on without its parent: until its next checkpoint. */
const ORPHAN_MILLISECONDS = 20_000;

/** Electron ends a page whose view is collected. */
let kept: WebContentsView | null = null;

/** Serves the job of whoever started this process. APP_SCHEME is registered. */
export function serveGraphics(): void {
  const parent = connectToParent();
  const inputs: ComputeInput[] = [];
  let post = (input: ComputeInput): void => void inputs.push(input);
  let tellGone = (): void => app.exit(1);
  parent.onInput((input) => post(input));
  parent.onGone(() => tellGone());
  if (process.platform === 'darwin') app.setActivationPolicy('prohibited');

  void app.whenReady().then(() => {
    powerSaveBlocker.start('prevent-app-suspension');
    kept = openPage();
    const { webContents } = kept;
    const pictures = utilityProcess.fork(join(import.meta.dirname, 'pictures.mjs'), [], {
      serviceName: 'SSD Studio pictures',
    });
    const { port1, port2 } = new MessageChannelMain();
    pictures.postMessage(null, [port1]);
    pictures.once('exit', (code) => app.exit(code || 1));
    webContents.on('render-process-gone', (_, { exitCode }) => app.exit(exitCode || 1));
    webContents.on('destroyed', () => app.exit(1));
    webContents.on('preload-error', (_, path, error) => {
      parent.send({ kind: 'failed', message: `${path} does not run: ${error.message}`, details: error.stack });
      parent.end(1);
    });

    ipcMain.once(HELLO, () => {
      webContents.postMessage(START, null, [port2]);
      post = (input) => webContents.send(INPUT, input);
      inputs.splice(0).forEach(post);
    });
    ipcMain.on(MESSAGE, (_, message: ComputeMessage) => parent.send(message));
    ipcMain.once(END, (_, exitCode: number) => parent.end(exitCode));
    tellGone = () => {
      webContents.send(GONE);
      setTimeout(() => app.exit(1), ORPHAN_MILLISECONDS);
    };
  });
}

/** An empty page with our script for a preload: it can load nothing, go nowhere and open nothing. */
function openPage(): WebContentsView {
  const own = session.fromPartition(PARTITION);
  denyPermissions(own);
  own.protocol.handle(
    APP_SCHEME,
    ({ url }) => new Response('', { status: url === PAGE ? 200 : 404, headers: HEADERS }),
  );
  const view = new WebContentsView({
    webPreferences: {
      session: own,
      preload: join(import.meta.dirname, 'graphics.mjs'),
      // The script needs Node; the page's own world does not get it.
      sandbox: false,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      devTools: false,
      backgroundThrottling: false,
    },
  });
  lockNavigation(view.webContents, PAGE);
  void view.webContents.loadURL(PAGE);
  return view;
}
