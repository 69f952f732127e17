import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const alias = { '@core': resolve(import.meta.dirname, 'src-core') };
const project = (name: string, testTimeout: number, extra = {}) => ({
  resolve: { alias },
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, ...extra },
});

/** One project per kind of test; `unit` is the fast one that `npm run check` runs. */
export default defineConfig({
  test: {
    projects: [
      project('unit', 20_000),
      project('golden', 300_000),
      project('integration', 300_000, { pool: 'forks', fileParallelism: false }),
      project('e2e', 600_000, { pool: 'forks', fileParallelism: false }),
    ],
  },
});
