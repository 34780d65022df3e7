import { describe, expect, it } from 'vitest';
import type { Coverage } from '../../../orchestrator/domain/report.ts';
import { coverageFact } from '../../../orchestrator/gates/coverage.ts';

const coverage = (percent: number, files: Coverage['files'] = {}): Coverage => ({ percent, files });

describe('coverage', () => {
  it('holds at the floor, and half a point below the base', () => {
    expect(coverageFact({ head: coverage(80), base: coverage(80.5) }).holds).toBe(true);
    expect(coverageFact({ head: coverage(70), base: null, floor: 70 }).holds).toBe(true);
  });

  it.each([
    ['below the floor', coverage(79.9), coverage(79.9)],
    ['below the base', coverage(94.4), coverage(95)],
    ['not measured', null, null],
  ])('does not hold %s', (_, head, base) => {
    expect(coverageFact({ head, base })).toMatchObject({ holds: false, code: 'coverage_low' });
  });

  it('of the added lines has the same floor, and bears one missed line', () => {
    const added = new Map([['app/a.py', new Set([1, 2, 3, 4])]]);
    const of = (missing: number[]) => {
      const executed = [1, 2, 3, 4].filter((line) => !missing.includes(line));
      return coverageFact({ head: coverage(99, { 'app/a.py': { executed, missing } }), base: coverage(99), added });
    };
    expect(of([]).holds).toBe(true);
    expect(of([4]).holds).toBe(true);
    expect(of([3, 4])).toMatchObject({ holds: false, code: 'coverage_low', where: [{ line: 3 }, { line: 4 }] });
  });

  it('tells the share of the added lines that ran, and where the others are', () => {
    const head = coverage(50, { 'app/a.py': { executed: [1, 2, 3], missing: [4, 9] } });
    const fact = coverageFact({
      head,
      base: coverage(99.96),
      added: new Map([
        ['app/a.py', new Set([2, 3, 4, 5])],
        ['README.md', new Set([1])],
        ['toString', new Set([1])],
      ]),
    });
    expect(fact.evidence).toBe('coverage 50.0 % (99.9 % on the base, floor 80 %), changed lines 66.6 %');
    expect(fact.where).toEqual([{ path: 'app/a.py', line: 4 }]);
  });
});
