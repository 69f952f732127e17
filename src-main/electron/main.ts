/** Electron's main process put together: one window, one service process, two protocols, one door for requests. */
import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, protocol, session } from 'electron';
import { IMAGE_SCHEME } from '@core/contract/studio';
import { APP_SCHEME, serveApp } from './app-protocol';
import { GRAPHICS_SWITCH, serveGraphics } from './graphics-process';
import { serveImages } from './image-protocol';
import { createIpcHost } from './ipc-host';
import { createMainHandlers } from './main-handlers';
import { installMenu } from './menu';
import { PathGrants } from './path-grants';
import { ServiceLink } from './service-link';
import { createWindow, denyPermissions } from './window';

/** How long a training may take to reach a checkpoint when the window is closed. */
const CLOSING_MILLISECONDS = 20_000;

protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  {
    scheme: IMAGE_SCHEME,
    privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true },
  },
]);

if (app.commandLine.hasSwitch(GRAPHICS_SWITCH)) serveGraphics();
else if (app.requestSingleInstanceLock()) void app.whenReady().then(start);
else app.quit();

function start(): void {
  let window: BrowserWindow | null = null;
  const service = new ServiceLink(
    { userData: app.getPath('userData'), documents: app.getPath('documents') },
    ({ name, payload }) => window?.webContents.send('studio:event', name, payload),
  );
  service.start();

  denyPermissions(session.defaultSession);
  protocol.handle(APP_SCHEME, serveApp(join(import.meta.dirname, '../renderer')));
  protocol.handle(
    IMAGE_SCHEME,
    serveImages(async (image) => {
      const answer = await service.image(image);
      return answer.ok ? (answer.value as string | null) : null;
    }),
  );

  const grants = new PathGrants();
  const shownWindow = (): BrowserWindow => {
    if (!window) throw new Error('there is no window');
    return window;
  };
  ipcMain.handle(
    'studio:call',
    createIpcHost({
      window: () => window?.webContents ?? null,
      grants,
      inMain: createMainHandlers(shownWindow, grants),
      forward: (channel, payload) => service.request(channel, payload),
    }),
  );

  installMenu();
  window = createWindow();
  window.on('closed', () => (window = null));
  app.on('second-instance', () => {
    if (!window) return;
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  closeInOrder(service);
}

/** Every way out (window, menu, system) first lets a training reach its checkpoint and the project close. */
function closeInOrder(service: ServiceLink): void {
  let closing = false;
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (closing) return;
    closing = true;
    void service.close(CLOSING_MILLISECONDS).finally(() => app.exit(0));
  });
}
