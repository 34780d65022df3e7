import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { earlierTokens } from '../../../orchestrator/cli/earlier-tokens.ts';

let runs: string;
beforeEach(() => (runs = mkdtempSync(join(tmpdir(), 'factory-runs-'))));
afterEach(() => rmSync(runs, { recursive: true }));

interface Made {
  readonly turns?: [tokensIn: number | null, tokensOut: number | null][];
  readonly result?: object;
  readonly trace?: string;
}

/** A run's folder, ended in a PR after turns that took so many tokens. */
function run(name: string, { turns = [[100, 10]], result = {}, trace }: Made = {}): void {
  const folder = join(runs, name);
  mkdirSync(folder);
  const common = { level: 'info', ts: '2026-01-01T00:00:00.000Z', run: name, stage: 'PLAN', attempt: 1, prev: '0'.repeat(64) };
  const events = turns.map(([tokensIn, tokensOut], seq) => ({
    ...common,
    seq,
    type: 'turn',
    data: { turn: seq + 1, tokens_in: tokensIn, tokens_out: tokensOut },
  }));
  writeFileSync(join(folder, 'trace.jsonl'), trace ?? events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const ended = {
    ...{ run: name, outcome: 'pr', code: null, stage: null, reason: null, branch: 'b', commit: 'c', base: 'd', base_tree: 'e' },
    ...{ cost_usd: 0, ms_to_pr: 1, first_try: true, reworks: 0, served_by: [], replayed: null, exit_code: 0 },
    started_at: '2026-01-01T00:00:00.000Z',
  };
  writeFileSync(join(folder, 'result.json'), JSON.stringify({ ...ended, ...result }));
}

describe('what earlier runs took', () => {
  test('is the sum of every turn, in and out, of each run that came to its PR', () => {
    run('a', {
      turns: [
        [3_000, 400],
        [5_000, 600],
      ],
    });
    run('b', { turns: [[100, 10]] });
    expect(earlierTokens(runs).sort()).toEqual([110, 9_000]);
  });

  test.each([
    ['was a replay', { result: { replayed: 'fresh' } }],
    ['failed', { result: { outcome: 'failed', code: 'tests_failed' } }],
    ['was refused', { result: { outcome: 'refused', code: 'spec_refused' } }],
    ['has a turn whose count is not known', { turns: [[100, null]] }],
    ['asked nobody', { turns: [] }],
    ['has a trace that is cut', { trace: '{"seq": 0, "ty' }],
    ['has a result of another form', { result: { outcome: 'splendid' } }],
  ] as [string, Made][])('leaves out a run that %s', (_, made) => {
    run('other', made);
    run('good');
    expect(earlierTokens(runs)).toEqual([110]);
  });

  test('is nothing where there is no folder of runs', () => expect(earlierTokens(join(runs, 'none'))).toEqual([]));

  test('is that of the latest twenty', () => {
    for (let day = 1; day <= 25; day++)
      run(`run-${day}`, { turns: [[day, 0]], result: { started_at: `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z` } });
    expect(earlierTokens(runs)).toEqual(Array.from({ length: 20 }, (_, i) => 25 - i));
  });
});
