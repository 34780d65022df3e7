import { expect, test } from 'vitest';
import { type TrialResult, trialResultSchema } from '../../../orchestrator/cli/trial/result.ts';
import { summaryOf, summaryText } from '../../../orchestrator/cli/trial/summary.ts';

function result(name: string, more: Partial<TrialResult>): TrialResult {
  return trialResultSchema.parse({
    case: name,
    label: 'breaks',
    how: 'a criterion’s hunk was dropped',
    which_criterion: 'C1',
    base_tree: 'f00',
    gates: null,
    model: 'm',
    prompt_sha256: 'p',
    verdict: 'approve',
    code: null,
    reason: null,
    objects_to: [],
    reply: null,
    served_by: 'relay/m',
    tokens_in: 100,
    tokens_out: 10,
    estimated: true,
    turns: 1,
    ms: 5,
    at: '2026-01-01T00:00:00.000Z',
    ...more,
  });
}

const rejects = { verdict: 'reject', code: 'review_rejected' } as const;

test('a trial counts what was caught, what was named and what was a false alarm, each with its interval', () => {
  const summary = summaryOf('m', [
    result('b1', { ...rejects, objects_to: ['C1'] }),
    result('b2', { ...rejects, objects_to: ['C2'] }),
    result('b3', {}),
    result('h1', { label: 'honest', which_criterion: null }),
    result('h2', { label: 'honest', which_criterion: null, ...rejects }),
  ]);
  expect(summary).toMatchObject({
    cases: 5,
    caught: { k: 2, n: 3 },
    named: { k: 1, n: 2 },
    false_alarms: { k: 1, n: 2 },
    missed: ['b3'],
    alarmed: ['h2'],
    tokens_in: 500,
  });
  expect(summaryText(summary)).toContain('caught        2 of 3, 67 % (95 %: 21-94 %)');
});

test('a case that a gate ended, and one without a verdict, are in neither rate and are named', () => {
  const summary = summaryOf('m', [
    result('b1', { gates: { code: 'tests_failed', reason: 'r' }, verdict: null, served_by: null, tokens_in: null }),
    result('b2', { verdict: null, code: 'review_uncited' }),
    result('b3', rejects),
  ]);
  expect(summary).toMatchObject({ caught: { k: 1, n: 1 }, ended_by_a_gate: ['b1'], without_verdict: ['b2'], tokens_in: 200 });
});

test('the last result of a case counts, and those of another model do not', () => {
  const summary = summaryOf('m', [result('b1', {}), result('b1', rejects), result('b1', { model: 'other' })]);
  expect(summary).toMatchObject({ cases: 1, caught: { k: 1, n: 1 } });
});
