// Runs the app whose folder or file is named on the command line, as the default app of a plain Electron does.
const { app } = require('electron');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });

async function start(named) {
  const folder = path.resolve(named);
  if (fs.statSync(folder).isFile()) return load(folder);
  const about = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  if (about.productName || about.name) app.setName(about.productName || about.name);
  if (about.version) app.setVersion(about.version);
  if (about.desktopName) app.setDesktopName(about.desktopName);
  if (!app.commandLine.hasSwitch('user-data-dir'))
    app.setPath('userData', path.join(app.getPath('appData'), app.getName()));
  app.setAppPath(folder);
  return load(path.join(folder, about.main || 'index.js'));
}

// What must be done before Electron is ready (privileged schemes) needs a CommonJS app: nothing here waits for an import.
const load = (file) => (file.endsWith('.cjs') ? require(file) : import(pathToFileURL(file).href));

const named = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (!named) {
  process.stderr.write('usage: electron FOLDER\n');
  process.exit(2);
}
// A debugger (Playwright) opens its channel before the app's code runs; nothing is to be awaited here.
start(named).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  app.exit(1);
});
