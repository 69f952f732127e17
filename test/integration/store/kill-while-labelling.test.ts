import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { createProject, openProject } from '../../../src-main/store/project-store';

const ROUNDS = 10;
const root = resolve(import.meta.dirname, '../../..');

it(`every acknowledged edit outlives kill -9, ${ROUNDS} times at random moments`, async () => {
  const folder = mkdtempSync(join(root, 'node_modules', '.cache-kill-'));
  try {
    // Beside node_modules, so that the bundle finds the database's native part.
    const program = join(folder, 'labelling-process.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'labelling-process.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      alias: { '@core': join(root, 'src-core') },
    });
    const directory = join(mkdtempSync(join(tmpdir(), 'kill-')), 'project');
    const created = createProject(directory, 'Cells', ['cell']);
    created.addImages(
      [1, 2, 3, 4, 5].map((k) => ({
        path: join(folder, `${k}.jpg`),
        fileName: `${k}.jpg`,
        width: 10,
        height: 10,
        split: null,
        objects: [],
      })),
    );
    created.close();

    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const child = spawn(process.execPath, [program, directory, String(acknowledged + 1000 * round + 1)]);
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      let errors = '';
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
      expect(errors).toBe('');
      await delay(Math.random() * 150);
      child.kill('SIGKILL');
      await once(child, 'close');

      const edits = output.slice(0, output.lastIndexOf('\n')).split('\n').map(Number);
      acknowledged += edits.length;
      const store = openProject(directory);
      const kept = new Map(
        store.imagesOfSplit(null).flatMap((image) => image.objects.map((object) => [object.id, { image, object }])),
      );
      for (const edit of edits) {
        const found = kept.get(`00000000-0000-4000-8000-${String(edit).padStart(12, '0')}`);
        expect(found?.object.box.x2).toBe(3 + edit);
        expect(found?.image.id).toBe(1 + (edit % 5));
      }
      // The one edit that was being made may be there too, nothing else.
      expect(kept.size).toBeGreaterThanOrEqual(acknowledged);
      expect(kept.size).toBeLessThanOrEqual(acknowledged + round + 1);
      store.close();
    }
    rmSync(directory, { recursive: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
