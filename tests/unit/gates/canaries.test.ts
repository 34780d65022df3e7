import { describe, expect, it } from 'vitest';
import { readText } from '../../../orchestrator/domain/tree.ts';
import { canaries } from '../../../orchestrator/gates/canaries.ts';
import { testFunctions } from '../../../orchestrator/gates/test-functions.ts';

/** A small generator with a seed, so that a failure can be seen again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe('canaries', () => {
  it('are two test files with one failing assertion each', () => {
    for (let seed = 1; seed < 200; seed += 1) {
      const { first, last } = canaries(seeded(seed), 'tests');
      expect(first.path).not.toBe(last.path);
      for (const { path, entry, test } of [first, last]) {
        const text = readText(new Map([[path, entry]]), path) ?? '';
        expect(path).toMatch(/^tests\/test_[a-z_0-9]+\.py$/);
        expect(testFunctions(text).map(({ name }) => `${path}::${name}`)).toEqual([test]);
        const [, values = '', wrong] = /= \[(.*)\]\n {4}assert sum\(\w+\) == (\d+)\n$/.exec(text) ?? [];
        expect(values.split(', ').reduce((sum, value) => sum + Number(value), 0)).not.toBe(Number(wrong));
        expect(text).not.toMatch(/canar|factory|planted/i);
      }
    }
  });

  it('differ from run to run', () => {
    const paths = new Set(Array.from({ length: 50 }, (_, seed) => canaries(seeded(seed * 7919 + 1), 'tests').first.path));
    expect(paths.size).toBeGreaterThan(25);
  });

  it('stay clear of files that are there', () => {
    const always = () => 0;
    const { first } = canaries(always, 'tests');
    const again = canaries(always, 'tests', new Set([first.path]));
    expect(new Set([first.path, again.first.path, again.last.path]).size).toBe(3);
  });

  it('stand in the target’s own folder where its tests have none', () => {
    expect(canaries(seeded(3), '.').first.path).toMatch(/^test_\w+\.py$/);
  });
});
