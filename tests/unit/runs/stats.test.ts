import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proportion, spread } from '../../../orchestrator/domain/stats.ts';
import { factoryRuns } from './door.ts';
import { emptyFolder, event, keptRuns, make, stageEvent } from './made.ts';

describe('factory runs stats', () => {
  it('answers which stage fails most and what a feature costs, over the kept runs', async () => {
    const { out, err } = await factoryRuns(['stats', '--runs', keptRuns()]);
    expect(out).toMatch(/^8 runs that ended$/m);
    expect(out).toMatch(/^ {2}BUILD +7 +1 +1 +0 {2}1 spec_ambiguous$/m);
    expect(out).toMatch(/^ {2}baseline +1 +1 +0 {2}1 bug$/m);
    expect(out).toContain(
      '  relay (a stand-in’s replies): 7 runs, 6 of 7 to a PR\n    a PR, median: $0.00, about 45,893 tokens; its time is not that of a model\n',
    );
    expect(out).toContain('first tries that ended in a PR: 3 of 4 (30 to 95 %); without a rework: 6 of 7 (49 to 97 %)');
    expect(out).toContain('REVIEW rejected 0 of the 6 changes that it judged');
    expect(err).toBe('');
  });

  it('the stage that failed most often stands first, whether it ended the run or sent work back', async () => {
    const folder = emptyFolder();
    const failed = (run: string, stage: string, code: string) => stageEvent(run, stage, { eval_ok: false, code });
    make(folder, {
      run: 'a-0001',
      events: [
        failed('a-0001', 'TEST', 'tests_failed'),
        event('a-0001', 'rework', { stage: 'TEST', data: { to: 'BUILD', code: 'tests_failed' } }),
        failed('a-0001', 'TEST', 'coverage_low'),
      ],
    });
    make(folder, {
      run: 'b-0002',
      result: { outcome: 'failed', stage: 'BUILD', code: 'patch_empty' },
      events: [failed('b-0002', 'BUILD', 'patch_empty')],
    });
    const { out } = await factoryRuns(['stats', '--json', '--runs', folder]);
    expect(JSON.parse(out).stages.slice(0, 2)).toEqual([
      {
        stage: 'TEST',
        attempts: 2,
        failed: 2,
        endedRun: 0,
        sentBack: 1,
        codes: [expect.objectContaining({ times: 1 }), expect.objectContaining({ times: 1 })],
      },
      { stage: 'BUILD', attempts: 1, failed: 1, endedRun: 1, sentBack: 0, codes: [{ code: 'patch_empty', times: 1 }] },
    ]);
  });

  it('a refusal is no failure of PLAN', async () => {
    const folder = emptyFolder();
    const refused = stageEvent('r-0001', 'PLAN', { eval_ok: false, code: 'spec_refused' });
    make(folder, { run: 'r-0001', result: { outcome: 'refused', stage: 'PLAN', code: 'spec_refused' }, events: [refused] });
    const { out } = await factoryRuns(['stats', '--runs', folder]);
    expect(out).toMatch(/^ {2}PLAN +1 +0 +0 +0$/m);
    expect(out).toContain('1 request refused by PLAN: no failure');
  });

  it('a run whose work was given to it is named and not counted', async () => {
    const folder = emptyFolder();
    const place = make(folder, { run: 'given-0001', result: { outcome: 'failed', stage: 'TEST', code: 'canary_silent' } });
    writeFileSync(join(place, 'evidence/order.json'), JSON.stringify({ given: true, base: 'x' }));
    const { out, err } = await factoryRuns(['stats', '--runs', folder]);
    expect(out).toBe('no run has ended yet\n');
    expect(err).toBe('not counted: given-0001: its work was given to it, and no model was to answer\n');
  });

  it('a cost that is not known makes no sum', async () => {
    const folder = emptyFolder();
    const servedBy = 'anthropic/some-model';
    make(folder, { run: 'a-0001', result: { cost_usd: 0.5 }, turns: [{ stage: 'BUILD', servedBy, tokens: [10, 1] }] });
    make(folder, { run: 'b-0002', result: { cost_usd: null }, turns: [{ stage: 'BUILD', servedBy, tokens: [10, null] }] });
    const { out } = await factoryRuns(['stats', '--runs', folder]);
    expect(out).toContain('a PR, median: $?, ? tokens, 1m00s');
    expect(out).not.toContain('list price');
  });
});

describe('the intervals', () => {
  it('of shares are Wilson’s', () => {
    // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    const ends = (k: number, n: number) => proportion(k, n).interval?.map((end) => end.toFixed(4));
    expect(ends(81, 263)).toEqual(['0.2553', '0.3662']);
    expect(ends(15, 148)).toEqual(['0.0624', '0.1605']);
    expect(ends(0, 20)).toEqual(['0.0000', '0.1611']);
    expect(ends(1, 29)).toEqual(['0.0061', '0.1718']);
    expect(proportion(0, 0).interval).toBeNull();
  });

  it('of medians are the order statistics of the binomial table', () => {
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    expect(spread(upTo(5))?.interval).toBeNull();
    expect(spread(upTo(6))?.interval).toEqual([1, 6]);
    expect(spread(upTo(8))?.interval).toEqual([1, 8]);
    expect(spread(upTo(9))?.interval).toEqual([2, 8]);
    expect(spread(upTo(20))?.interval).toEqual([6, 15]);
    expect(spread([])).toBeNull();
  });

  it('hold what they are of, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 }), (numbers) => {
        const { median, least, most, interval } = spread(numbers) ?? { median: Number.NaN, least: 0, most: 0, interval: null };
        expect(median).toBeGreaterThanOrEqual(least);
        expect(median).toBeLessThanOrEqual(most);
        if (interval !== null) expect(interval[0] <= median && median <= interval[1]).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
