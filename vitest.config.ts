import { defineConfig } from 'vitest/config';

/** Needs no engine: what `make check` runs. */
const quick = ['architecture', 'unit', 'contract', 'scenarios'].map((folder) => `tests/${folder}/**/*.test.ts`);
/** Needs a real engine and the images. */
const engine = ['docker', 'hostile'].map((folder) => `tests/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: quick, testTimeout: 20_000 } },
      { test: { name: 'engine', include: engine, testTimeout: 240_000, hookTimeout: 600_000, fileParallelism: false } },
    ],
  },
});
