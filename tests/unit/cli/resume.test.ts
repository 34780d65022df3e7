import { describe, expect, test } from 'vitest';
import type { RecordedRun } from '../../../orchestrator/cli/recorded-run.ts';
import { goOn, type Said } from '../../../orchestrator/cli/resume.ts';
import type { Intervention, OrderFile } from '../../../orchestrator/domain/order-file.ts';
import { type RunResult, runResultSchema } from '../../../orchestrator/domain/run.ts';
import { specWith } from '../spec/samples.ts';

const order: OrderFile = {
  ...{ base: 'b', base_tree: 't', target: '', reworks: 1, checks: 6, turns: 16, spec: null, resumed_from: null, interventions: [] },
  models: { PLAN: 'm', SCOUT: 'm', BUILD: 'm', TEST: 'm', REVIEW: 'm' },
};
const ended = (code: string | null, stage = 'BUILD', reworks = 0): RunResult =>
  runResultSchema.parse({
    ...{
      run: 'r-1',
      outcome: code === null ? 'pr' : 'failed',
      code,
      stage,
      reason: 'x',
      branch: null,
      commit: null,
      base: 'b',
      base_tree: 't',
    },
    ...{ cost_usd: 0, ms_to_pr: null, first_try: true, reworks, served_by: [], replayed: null, exit_code: 1 },
    started_at: '2026-01-01T00:00:00.000Z',
  });
const recorded = (changes: Partial<RecordedRun> = {}): RecordedRun => ({
  ...{ run: 'r-1', folder: 'runs/r-1', request: 'Add it.', base: 'b', baseTree: 't', order, result: null, refusal: null, read: () => null },
  ...{ replies: [{ stage: 'BUILD', attempt: 1, turn: 1 }], ...changes },
});
const said = (changes: Partial<Said> = {}): Said => ({ words: null, answers: [], reworks: 3, reworksGiven: false, ...changes });
const stepped: Intervention = { stage: 'REVIEW', code: 'review_rejected', words: 'so', reworks: 2 };

describe('going on from a run', () => {
  test('that was killed takes everything over, its budget too', () => {
    const { again, ...going } = goOn(recorded(), said());
    expect(going).toEqual({ request: 'Add it.', reworkBudget: 1, interventions: [] });
    expect(again({ stage: 'BUILD', attempt: 1, turn: 1 })).toBe(false);
  });

  test('with another budget on the command line takes that one', () => {
    expect(goOn(recorded(), said({ reworks: 5, reworksGiven: true })).reworkBudget).toBe(5);
  });

  test('whose budget was spent grants it once more on top', () => {
    expect(goOn(recorded({ result: ended('budget_reworks', 'VALIDATE', 1) }), said())).toMatchObject({
      reworkBudget: 4,
      interventions: [],
    });
    const after = recorded({ order: { ...order, interventions: [stepped] }, result: ended('budget_reworks', 'VALIDATE', 3) });
    expect(goOn(after, said())).toMatchObject({ reworkBudget: 1, interventions: [{ ...stepped, reworks: 5 }] });
  });

  test('with words keeps the words said before, and says for which end they are', () => {
    const run = recorded({ order: { ...order, interventions: [stepped] }, result: ended('patch_empty') });
    const going = goOn(run, said({ words: ' edit the file ' }));
    expect(going).toMatchObject({
      reworkBudget: 1,
      interventions: [stepped, { stage: 'BUILD', code: 'patch_empty', words: 'edit the file', reworks: 3 }],
    });
    // The recorded end has to come again before the words can be said.
    expect(going.again({ stage: 'BUILD', attempt: 1, turn: 1 })).toBe(false);
  });

  test('with answers makes them part of the request', () => {
    const refusal = { reason: 'vague', questions: ['Which?'], example: [] };
    const run = recorded({ refusal, result: ended('spec_refused', 'PLAN'), replies: [{ stage: 'PLAN', attempt: 1, turn: 1 }] });
    const going = goOn(run, said({ answers: ['Q1=the mean=average'] }));
    expect(going.request).toBe('Add it.\n\nAsked “Which?”, a person answers: the mean=average');
    expect(going.again({ stage: 'PLAN', attempt: 1, turn: 1 })).toBe(true);
    for (const [answers, words] of [
      [[], 'Q1 has no answer: Which?'],
      [['Q2=x', 'Q1=y'], 'Q2: the questions are Q1'],
      [['Q1=x', 'Q1=y'], 'Q1 is given twice'],
      [['Q1= '], 'Q1 is empty'],
      [['the mean'], 'Q1="…"'],
    ] as const)
      expect(() => goOn(run, said({ answers })), words).toThrow(
        expect.objectContaining({ code: 'usage', detail: expect.stringContaining(words) }),
      );
  });

  test.each([
    ['ended in a PR', { result: ended(null) }, {}, 'ended in a PR'],
    ['would end the same', { result: ended('baseline_red') }, {}, 'would again'],
    ['asked nothing', { result: ended('interrupted') }, { answers: ['Q1=x'] }, 'asked no question'],
    ['was killed, with words', {}, { words: 'x' }, 'was killed'],
    ['no words change', { result: ended('engine_lost') }, { words: 'x' }, 'no words change'],
    ['asked, with words', { result: ended('spec_refused', 'PLAN') }, { words: 'x' }, '--answer'],
    ['has empty words', { result: ended('review_rejected') }, { words: ' ' }, 'needs words'],
    ['has words without end', { result: ended('review_rejected') }, { words: 'x'.repeat(5000) }, 'at most'],
    [
      'has a person’s Spec, with words to PLAN',
      { result: ended('spec_ambiguous'), order: { ...order, spec: specWith() } },
      { words: 'x' },
      'edit the file',
    ],
  ] as const)('that %s is refused', (_, run, words, expected) => {
    const wrong = expect.objectContaining({ code: 'usage', detail: expect.stringContaining(expected) });
    expect(() => goOn(recorded(run as Partial<RecordedRun>), said(words))).toThrow(wrong);
  });
});
