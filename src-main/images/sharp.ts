/**
 * The one place that decides which build of sharp decodes pictures: the native library, except inside Electron on Linux,
 * where it shares symbols with Chromium's own glib and crashes; there the WebAssembly build of the same code runs.
 */
import { createRequire } from 'node:module';
import type { Sharp } from 'sharp';

export type SharpModule = typeof import('sharp').default;
export type { Sharp };

let loading: Promise<SharpModule> | null = null;

/** Loads sharp once. Only the loaders of plain picture formats stay open: an SVG or PDF could make libvips read other files. */
export function loadSharp(): Promise<SharpModule> {
  loading ??= open();
  return loading;
}

async function open(): Promise<SharpModule> {
  const wasm = process.versions['electron'] !== undefined && process.platform === 'linux';
  if (wasm) putWebAssemblyInPlaceOfNative();
  const sharp = (await import('sharp')).default;
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: [...READERS] });
  return sharp;
}

const READERS = [
  'VipsForeignLoadJpeg',
  'VipsForeignLoadPng',
  'VipsForeignLoadWebp',
  'VipsForeignLoadTiff',
  'VipsForeignLoadNsgif',
  'VipsForeignLoadHeif',
] as const;

/** sharp asks for its native add-on by name; the module cache then answers with the WebAssembly one. */
function putWebAssemblyInPlaceOfNative(): void {
  const require = createRequire(import.meta.url);
  let native: string;
  try {
    native = require.resolve(`@img/sharp-linux-${process.arch}/sharp.node`);
  } catch {
    return; // not installed: sharp itself falls back to WebAssembly
  }
  const wasm = require.resolve('@img/sharp-wasm32/sharp.node');
  const exports = require(wasm) as { _isUsingX64V2?: () => boolean };
  exports._isUsingX64V2 ??= () => true;
  require.cache[native] = require.cache[wasm];
}
