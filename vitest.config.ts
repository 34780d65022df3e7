import { defineConfig } from 'vitest/config';

/** Needs no engine: what `make check` runs. */
const quick = [
  ...['architecture', 'unit', 'contract', 'scenarios'].map((folder) => `tests/${folder}/**/*.test.ts`),
  'tests/hostile/quick.test.ts',
];
/** Needs a real engine and the images. */
const engine = ['tests/docker/**/*.test.ts'];
/** The catalogue of attacks, as far as it needs an engine. */
const hostile = ['tests/hostile/hostile.test.ts'];

export default defineConfig({
  test: {
    projects: [
      // One process for many files: loading the same modules again for each takes longer than the tests do.
      { test: { name: 'unit', include: quick, testTimeout: 20_000, pool: 'forks', isolate: false } },
      { test: { name: 'engine', include: engine, testTimeout: 240_000, hookTimeout: 600_000, fileParallelism: false } },
      { test: { name: 'hostile', include: hostile, testTimeout: 300_000, hookTimeout: 600_000, fileParallelism: false } },
    ],
  },
});
