import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { factoryRuns } from './door.ts';
import { emptyFolder, KEPT, keptRuns, make, stageEvent } from './made.ts';

const columnOf = (out: string, column: number) => out.split('\n').map((line) => line.split(/ {2,}/)[column] ?? '');

describe('factory runs list', () => {
  it('shows the kept runs, the newest first, with what they took and who answered', async () => {
    const { out, err, code } = await factoryRuns(['list', '--runs', keptRuns()]);
    expect(columnOf(out, 0).slice(1, 9)).toEqual([
      'greatest-page-size-4df8',
      'every-answer-api-1f79',
      'greatest-page-size-f23d',
      'categories-renamed-patch-95e4',
      'warehouse-staff-see-3da0',
      'warehouse-staff-see-b20d',
      'people-sort-products-fe70',
      'people-sort-products-e9e8',
    ]);
    expect(out).toMatch(/^every-answer-api-1f79 +PR +The API's version in ev.* +~32,878 +\$0\.00 +~22m35s +relay$/m);
    expect(out).toMatch(/^people-sort-products-e9e8 +failed baseline bug .* 0 +\$0\.00 +42\.7s +no model$/m);
    expect({ err, code }).toEqual({ err: '', code: 0 });
  });

  it.each([60, 80, 100, 120, 200])('keeps to %i columns', async (columns) => {
    const { out } = await factoryRuns(
      ['list', '--failed', '--runs', keptRuns(['greatest-page-size-f23d', 'people-sort-products-e9e8'])],
      columns,
    );
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(out).toContain('greatest-page-size-f23d');
  });

  it('--failed shows only what failed, with the reason below', async () => {
    const { out } = await factoryRuns(['list', '--failed', '--runs', keptRuns()]);
    expect(columnOf(out, 0)).toEqual(expect.arrayContaining(['greatest-page-size-f23d', 'people-sort-products-e9e8']));
    expect(out).not.toContain('every-answer');
    expect(out).toContain('    C1, tests/test_api_basics.py:56: The row');
  });

  it('--stage and --code find what failed there or so, mended since or not', async () => {
    const folder = emptyFolder();
    make(folder, {
      run: 'mended-0001',
      events: [stageEvent('mended-0001', 'TEST', { eval_ok: false, code: 'tests_failed', detail: 'two tests' })],
    });
    make(folder, { run: 'ended-0002', result: { outcome: 'failed', stage: 'TEST', code: 'tests_failed', reason: 'one test' } });
    make(folder, { run: 'other-0003', result: { outcome: 'failed', stage: 'BUILD', code: 'patch_empty', reason: 'nothing' } });
    for (const flags of [
      ['--stage', 'test'],
      ['--code', 'tests_failed'],
    ]) {
      const { out } = await factoryRuns(['list', ...flags, '--runs', folder]);
      expect(out).toContain('mended-0001');
      expect(out).toContain('    TEST, mended since: tests_failed: two tests');
      expect(out).toContain('    one test');
      expect(out).not.toContain('other-0003');
    }
  });

  it('--rejected shows why, by the Spec’s ids, and of how many changes', async () => {
    const folder = keptRuns(['every-answer-api-1f79']);
    const place = make(folder, {
      run: 'rejected-0001',
      result: { outcome: 'failed', stage: 'REVIEW', code: 'review_rejected', reason: 'rejected: C2' },
      events: [stageEvent('rejected-0001', 'REVIEW', { eval_ok: false, code: 'review_rejected', detail: 'rejected: C2' })],
    });
    writeFileSync(
      join(place, 'evidence/review.json'),
      JSON.stringify({
        review: {
          verdict: 'reject',
          criteria: [
            { id: 'C1', holds: true, why: 'it does', citations: [] },
            { id: 'C2', holds: false, why: 'the default is 10, not 5', citations: [] },
          ],
          findings: [
            { about: 'C2', path: 'app/a.py', line: 7, what: 'limit: int = 10' },
            { about: null, path: null, line: null, what: 'a note that blocks nothing' },
          ],
        },
      }),
    );
    const { out } = await factoryRuns(['list', '--rejected', '--runs', folder]);
    expect(out).toContain('    C2 does not hold: the default is 10, not 5\n    C2 at app/a.py:7: limit: int = 10\n');
    expect(out).not.toContain('a note');
    expect(out).not.toContain('every-answer');
    expect(out).toMatch(/^REVIEW rejected 1 of the 2 changes that it judged$/m);
  });

  it('--rejected says of how many changes also where none was', async () => {
    const { out } = await factoryRuns(['list', '--rejected', '--runs', keptRuns()]);
    expect(out).toBe('REVIEW rejected 0 of the 6 changes that it judged\n');
  });

  it('--limit leaves out the oldest and says so', async () => {
    const { out } = await factoryRuns(['list', '--limit', '2', '--runs', keptRuns()]);
    expect(columnOf(out, 0).slice(0, 4)).toEqual([
      'run',
      'greatest-page-size-4df8',
      'every-answer-api-1f79',
      '2 of 8 runs; --limit 8 shows all',
    ]);
  });

  it.each(['0', '-1', 'many', '1.5'])('takes no --limit %s', async (limit) => {
    expect(await factoryRuns(['list', '--limit', limit, '--runs', keptRuns([])])).toMatchObject({ failed: 'usage', exit: 2 });
  });

  it('--json gives the same as one object on one line', async () => {
    const { out } = await factoryRuns(['list', '--json', '--runs', keptRuns()]);
    expect(out.split('\n')).toHaveLength(2);
    const { runs, of, skipped } = JSON.parse(out);
    expect(runs.map(({ run }: { run: string }) => run).sort()).toEqual([...KEPT].sort());
    expect({ of, skipped }).toEqual({ of: 8, skipped: [] });
    expect(runs[1]).toMatchObject({
      run: 'every-answer-api-1f79',
      outcome: 'pr',
      served: 'relay',
      tokens_in: 30313,
      tokens_out: 2565,
      problems: [],
    });
  });

  it('a request’s second run is no first try, though its result.json says so', async () => {
    const { out } = await factoryRuns(['list', '--json', '--runs', keptRuns(['greatest-page-size-f23d', 'greatest-page-size-4df8'])]);
    const firstTry = JSON.parse(out).runs.map((row: { run: string; first_try: boolean }) => [row.run, row.first_try]);
    expect(firstTry).toEqual([
      ['greatest-page-size-4df8', false],
      ['greatest-page-size-f23d', true],
    ]);
  });

  it('says so where there is no run', async () => {
    expect(await factoryRuns(['list', '--runs', emptyFolder()])).toMatchObject({ out: 'no run yet\n', code: 0, failed: null });
  });

  it('--runs must be a folder', async () => {
    expect(await factoryRuns(['list', '--runs', join(emptyFolder(), 'none')])).toMatchObject({ failed: 'usage', exit: 2 });
  });
});
