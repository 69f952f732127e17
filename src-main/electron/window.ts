/** The one window: sandboxed, isolated, without Node; where it stood last time; shown when it has something to show. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, screen, type Rectangle, type Session, type WebContents } from 'electron';
import { APP_ORIGIN, APP_URL } from './app-protocol';

interface WindowState extends Rectangle {
  readonly maximized: boolean;
}

const DEFAULT_SIZE = { width: 1440, height: 900 };
const MINIMUM_SIZE = { minWidth: 960, minHeight: 620 };

export function createWindow(): BrowserWindow {
  const stateFile = join(app.getPath('userData'), 'window.json');
  const state = readState(stateFile);
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...(state && { x: state.x, y: state.y, width: state.width, height: state.height }),
    ...MINIMUM_SIZE,
    show: false,
    title: 'SSD Studio',
    backgroundColor: '#141416',
    // Windows and macOS take it from the packaged app.
    ...(process.platform === 'linux' && { icon: join(import.meta.dirname, '../../resources/icons/icon.png') }),
    webPreferences: {
      preload: join(import.meta.dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  if (state?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => saveState(stateFile, window));
  lockNavigation(window.webContents, APP_URL);
  reloadAfterCrash(window);
  void window.loadURL(APP_URL);
  return window;
}

/** A page that crashed is loaded again; one that crashes at once again stays empty rather than flicker. */
function reloadAfterCrash(window: BrowserWindow): void {
  let last = -Infinity;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || performance.now() - last < 10_000) return;
    last = performance.now();
    window.webContents.reload();
  });
}

/** The page stays the page: no other address, no further windows, no embedded pages. */
export function lockNavigation(webContents: WebContents, page: string): void {
  const refuse = (event: { preventDefault(): void }, url: string): void => {
    if (new URL(url).href.split(/[?#]/)[0] !== page) event.preventDefault();
  };
  webContents.on('will-navigate', (event) => refuse(event, event.url));
  webContents.on('will-frame-navigate', (event) => refuse(event, event.url));
  webContents.on('will-redirect', (event) => refuse(event, event.url));
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Camera, location, notifications and the rest: the studio asks for none. Copying text is what its buttons do. */
export function denyPermissions(session: Session): void {
  const allowed = (permission: string, origin: string): boolean =>
    permission === 'clipboard-sanitized-write' && origin.startsWith(APP_ORIGIN);
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(allowed(permission, details.requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => allowed(permission, origin));
  session.setDevicePermissionHandler(() => false);
}

/** Null when absent, unreadable, or on a screen that is no longer there. */
function readState(file: string): WindowState | null {
  try {
    const state: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isWindowState(state)) return null;
    const { x, y, width, height } = screen.getDisplayMatching(state).workArea;
    const visible = state.x < x + width && state.x + state.width > x && state.y < y + height && state.y >= y - 10;
    return visible ? state : null;
  } catch {
    return null;
  }
}

function isWindowState(state: unknown): state is WindowState {
  if (typeof state !== 'object' || state === null) return false;
  const { x, y, width, height, maximized } = state as Record<string, unknown>;
  return [x, y, width, height].every(Number.isInteger) && typeof maximized === 'boolean';
}

function saveState(file: string, window: BrowserWindow): void {
  const state: WindowState = { ...window.getNormalBounds(), maximized: window.isMaximized() };
  try {
    writeFileSync(file, JSON.stringify(state));
  } catch {
    // A full or read-only disk must not keep the window open.
  }
}
