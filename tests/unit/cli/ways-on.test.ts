import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Called, waysOn } from '../../../orchestrator/cli/ways-on.ts';
import { CATALOGUE, type FailureCode } from '../../../orchestrator/domain/failure.ts';
import { type RunResult, runResultSchema } from '../../../orchestrator/domain/run.ts';
import { askedAgain, type ReplyAddress, WAYS_ON, wayOn } from '../../../orchestrator/domain/ways-on.ts';

const CODES = Object.keys(CATALOGUE) as FailureCode[];

describe('the table of ways on', () => {
  test('has a row for every code of the catalogue', () => {
    expect(CODES.filter((code) => WAYS_ON[code] === undefined)).toEqual([]);
  });

  test('takes everything over after what is nobody’s reply: environment, time, a signal, a kill', () => {
    const outside = CODES.filter((code) => CATALOGUE[code].fault === 'environment' || [130, 143].includes(CATALOGUE[code].exit));
    expect(outside.filter((code) => wayOn(code).again !== null || !wayOn(code).resumable)).toEqual([]);
    expect(wayOn(null)).toEqual({ resumable: true, again: null, words: null });
  });

  test('asks a model again, or grants something again, wherever a model’s work was the fault', () => {
    const same = CODES.filter((code) => CATALOGUE[code].fault === 'model' && wayOn(code).again === null);
    // The reply that was cut, declined or did not come is not recorded; the budget is granted again.
    expect(same.sort()).toEqual(['budget_reworks', 'model_declined', 'model_timeout', 'model_truncated']);
  });

  test('gives no words to REVIEW', () => {
    expect(CODES.filter((code) => wayOn(code).again?.of === 'REVIEW' && wayOn(code).words !== null)).toEqual([]);
  });
});

describe('what a resumed run asks again', () => {
  const at = (text: string): ReplyAddress => {
    const [stage = '', attempt, turn] = text.split('-');
    return { stage: stage as ReplyAddress['stage'], attempt: Number(attempt), turn: Number(turn) };
  };
  const recorded = ['PLAN-1-1', 'SCOUT-1-1', 'SCOUT-1-2', 'SCOUT-1-3', 'BUILD-1-1', 'BUILD-2-1', 'BUILD-2-2', 'TEST-1-1', 'REVIEW-1-1'];

  test.each([
    ['interrupted', 'BUILD', []],
    ['budget_reworks', 'VALIDATE', []],
    ['review_rejected', 'REVIEW', ['BUILD-2-1', 'BUILD-2-2']],
    ['review_uncited', 'REVIEW', ['REVIEW-1-1']],
    ['brief_invalid', 'SCOUT', ['SCOUT-1-1', 'SCOUT-1-2', 'SCOUT-1-3']],
    ['model_malformed', 'SCOUT', ['SCOUT-1-2', 'SCOUT-1-3']],
    ['budget_turns', 'BUILD', ['BUILD-2-1', 'BUILD-2-2']],
    ['agent_died', 'VALIDATE', []],
    [null, null, []],
  ])('after %s in %s is %j', (code, stage, expected) => {
    const again = askedAgain(recorded.map(at), { code, stage });
    expect(recorded.filter((text) => again(at(text)))).toEqual(expected);
  });
});

describe('the commands at the end of a run', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'factory-ways-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const result = (changes: Partial<RunResult>): RunResult =>
    runResultSchema.parse({
      ...{ run: 'r-1', outcome: 'failed', code: null, stage: null, reason: null, branch: null, commit: null, base: 'd', base_tree: 'e' },
      ...{ cost_usd: 0, ms_to_pr: null, first_try: true, reworks: 0, served_by: [], replayed: null, exit_code: 1 },
      ...{ started_at: '2026-01-01T00:00:00.000Z', ...changes },
    });
  const lines = (changes: Partial<RunResult>, called: Partial<Called> = {}) =>
    waysOn(result(changes), { folder, shownAs: 'runs/r-1', given: { directory: process.cwd() }, spec: null, ...called });

  test('are none after a PR', () => {
    expect(lines({ outcome: 'pr', branch: 'factory/r-1' })).toEqual([]);
  });

  test('are there for every other end', () => {
    for (const code of CODES) expect(lines({ code, stage: 'BUILD' }), code).not.toEqual([]);
  });

  test('take the plan that was made', () => {
    expect(lines({ outcome: 'planned' })).toEqual([expect.stringMatching(/^go on: factory run --spec runs\/r-1\/spec\.md {3}\S/)]);
  });

  test('put a person’s words first where a gate or REVIEW said no', () => {
    expect(lines({ code: 'review_rejected', stage: 'REVIEW' })).toEqual([
      'go on: factory run --resume r-1 --rework "what to do differently"   your words go back to the stage whose work it is',
      '   or: factory run --resume r-1                                     asks BUILD again, from the recording up to there',
    ]);
  });

  test('only resume what was interrupted, and say again where the repository and the runs are', () => {
    const given = { directory: '/home/me/my shop', runs: 'kept', target: 'app', base: 'main' };
    expect(lines({ outcome: 'interrupted', code: 'interrupted' }, { given })).toEqual([
      "go on: factory run -C '/home/me/my shop' --runs kept --resume r-1   nothing that is recorded is asked again",
    ]);
    expect(lines({ outcome: 'planned' }, { given })[0]).toContain("-C '/home/me/my shop' --runs kept --target app --base main --spec");
  });

  test('name the file that a person gave where only a person can decide', () => {
    expect(lines({ code: 'spec_ambiguous', stage: 'BUILD' }, { spec: "it's.md" })).toEqual([
      "go on: factory run --spec 'it'\\''s.md'   when the file says what to do about it",
    ]);
  });

  test('ask for an answer to each question of a refusal, and show what compiles', () => {
    mkdirSync(join(folder, 'evidence'));
    const refusal = {
      reason: 'vague',
      questions: ['Which?', 'How many?'],
      example: ['WHEN it is asked THE API SHALL answer', 'when GET /x'],
    };
    writeFileSync(join(folder, 'evidence/refusal.json'), JSON.stringify(refusal));
    expect(lines({ outcome: 'refused', code: 'spec_refused', stage: 'PLAN' })).toEqual([
      'what compiles looks like this:',
      '  WHEN it is asked THE API SHALL answer',
      '  when GET /x',
      'go on: factory run --resume r-1 --answer Q1="…" --answer Q2="…"            with your answers',
      '   or: make factory FLAGS=\'--resume r-1 --answer Q1="…" --answer Q2="…"\'   the same',
    ]);
  });
});
