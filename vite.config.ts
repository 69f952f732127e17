import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** The renderer: src-renderer/index.html -> out/renderer. Relative base, because pages load from a file or a custom scheme. */
export default defineConfig({
  root: resolve(import.meta.dirname, 'src-renderer'),
  base: './',
  plugins: [svelte()],
  resolve: { alias: { '@core': resolve(import.meta.dirname, 'src-core') } },
  worker: { format: 'es' },
  build: { outDir: resolve(import.meta.dirname, 'out/renderer'), emptyOutDir: true, target: 'chrome130' },
});
