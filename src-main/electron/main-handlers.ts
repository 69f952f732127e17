/** The channels that need Electron itself: native dialogs and what the application is. */
import { stat } from 'node:fs/promises';
import { app, dialog, shell, type BrowserWindow } from 'electron';
import type { Result } from '@core/contract/channel';
import type { MainHandlers } from './ipc-host';
import type { PathGrants } from './path-grants';

const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export function createMainHandlers(window: () => BrowserWindow, grants: PathGrants): MainHandlers {
  return {
    'dialogs.chooseFolder': async ({ title }) => {
      const chosen = await dialog.showOpenDialog(window(), { title, properties: ['openDirectory', 'createDirectory'] });
      const path = chosen.canceled ? undefined : chosen.filePaths[0];
      if (path === undefined) return ok(null);
      grants.grantFolder(path);
      return ok(path);
    },
    'dialogs.openWeights': async ({ title }) => {
      const filters = [
        { name: 'Weight files', extensions: ['safetensors', 'pth', 'pt', 'bin', 'ckpt', 'tar'] },
        { name: 'All files', extensions: ['*'] },
      ];
      const chosen = await dialog.showOpenDialog(window(), { title, filters, properties: ['openFile'] });
      const path = chosen.canceled ? undefined : chosen.filePaths[0];
      if (path === undefined) return ok(null);
      grants.grantFile(path);
      return ok(path);
    },
    'dialogs.saveFile': async ({ title, defaultName }) => {
      const chosen = await dialog.showSaveDialog(window(), { title, defaultPath: defaultName });
      if (chosen.canceled || !chosen.filePath) return ok(null);
      grants.grantFile(chosen.filePath);
      return ok(chosen.filePath);
    },
    'app.info': async () =>
      ok({
        version: app.getVersion(),
        platform: `${process.platform} ${process.arch}`,
        electron: process.versions.electron,
      }),
    'app.showInFolder': async ({ path }) => {
      try {
        await stat(path);
      } catch {
        return { ok: false, error: { code: 'not-found', message: `${path} is not there any more.` } };
      }
      shell.showItemInFolder(path);
      return ok(undefined);
    },
  };
}
