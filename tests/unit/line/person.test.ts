import { describe, expect, test } from 'vitest';
import { Failure, type FailureCode } from '../../../orchestrator/domain/failure.ts';
import type { Intervention } from '../../../orchestrator/domain/order-file.ts';
import { REWORK_OF_GIVEN } from '../../../orchestrator/pipeline/line.ts';
import { type LineWatcher, runLine } from '../../../orchestrator/pipeline/run-line.ts';
import type { Attempt, Cause, Outcome, StageDefinition, StageId } from '../../../orchestrator/pipeline/stage.ts';

type Step = 'done' | FailureCode | { cause: Cause; code: FailureCode };

const STAGES = { PLAN: 'PLAN', SCOUT: 'SCOUT', BUILD: 'BUILD', VALIDATE: 'VALIDATE', 'TEST-writing': 'TEST', REVIEW: 'REVIEW' } as const;
const ORDER = Object.keys(STAGES) as (keyof typeof STAGES)[];

/** The line's stages with nothing in them: each does what its script says, one step an attempt, the last again and again. */
function line(script: Partial<Record<keyof typeof STAGES, Step[]>>, journal: string[]): StageDefinition[] {
  return ORDER.map((id, i) => {
    const steps = script[id] ?? ['done'];
    return {
      id: id as StageId,
      stage: STAGES[id],
      needs: [(ORDER[i - 1] ?? 'request') as never],
      gives: id as never,
      async run(_: never, { number, returned }: Attempt) {
        journal.push(`${id}${number}${returned === null ? '' : ` <- ${returned.words.replaceAll('\n', '|')}`}`);
        const step = steps[Math.min(number, steps.length) - 1] ?? 'done';
        if (step === 'done') return { kind: 'done', product: {}, summary: '' } as unknown as Outcome<never>;
        if (typeof step === 'string') throw new Failure(step, `${id} failed`);
        return { kind: 'returned', returned: { from: id, ...step, reason: `${id} objects`, words: `words of ${id}` } } as Outcome<never>;
      },
    };
  });
}

async function go(script: Parameters<typeof line>[0], interventions: Intervention[], budget = 3) {
  const journal: string[] = [];
  const told: string[] = [];
  const watcher: LineWatcher = {
    begin() {},
    end() {},
    rework: ({ cause, code }, to, used, of) => told.push(`${cause} ${code} -> ${to} ${used}/${of}`),
  };
  const signal = new AbortController().signal;
  const end = await runLine(line(script, journal), { request: 'wish' } as never, {
    ...{ reworkBudget: budget, watcher, keep() {}, signal, interventions },
  }).then(
    ({ reworks }) => `PR after ${reworks}`,
    (error: Failure) => error.code,
  );
  return { journal, told, end };
}

const stepIn = (stage: string, code: FailureCode, words = 'do it so', reworks = 3): Intervention => ({ stage, code, words, reworks });
const rejects: Step = { cause: 'verdict', code: 'review_rejected' };

describe('a person who steps in', () => {
  test('turns the end of the run into one more rework: BUILD gets REVIEW’s words and the person’s', async () => {
    const { journal, told, end } = await go({ REVIEW: [rejects, 'done'] }, [stepIn('REVIEW', 'review_rejected')]);
    expect(end).toBe('PR after 1');
    expect(told).toEqual(['person review_rejected -> BUILD 1/4']);
    expect(journal).toContain('BUILD2 <- words of REVIEW||A person who looked at this says:|do it so');
    expect(journal.slice(-4)).toEqual([expect.stringContaining('BUILD2'), 'VALIDATE2', 'TEST-writing2', 'REVIEW2']);
  });

  test.each([
    [{ PLAN: ['spec_invalid', 'done'] }, stepIn('PLAN', 'spec_invalid'), 'PLAN2'],
    [{ SCOUT: ['brief_invalid', 'done'] }, stepIn('SCOUT', 'brief_invalid'), 'SCOUT2'],
    [{ 'TEST-writing': ['test_without_criterion', 'done'] }, stepIn('TEST', 'test_without_criterion'), 'TEST-writing2'],
    [{ VALIDATE: ['resource_time', 'done'] }, stepIn('VALIDATE', 'resource_time'), 'BUILD2'],
    // BUILD has nothing yet when PLAN's own container runs out of memory.
    [{ PLAN: ['resource_oom', 'done'] }, stepIn('PLAN', 'resource_oom'), 'PLAN2'],
  ] as const)('is heard by the stage whose work it is: %j', async (script, intervention, who) => {
    const { journal, end } = await go(script as never, [intervention]);
    expect(end).toBe('PR after 1');
    expect(journal.find((entry) => entry.includes('<-'))).toContain(`${who} <- ${Object.keys(script)[0]} failed||A person`);
  });

  test('is heard by whoever would have got the last finding when the budget was spent, and grants one again', async () => {
    const finding: Step = { cause: 'tests', code: 'tests_do_not_collect' };
    const script = { 'TEST-writing': [finding, finding, finding, finding, 'done'] as Step[] };
    expect((await go(script, [], 1)).end).toBe('budget_reworks');
    const { told, end } = await go(script, [stepIn('TEST', 'budget_reworks', 'so', 2)], 1);
    expect(told).toEqual([
      'tests tests_do_not_collect -> TEST-writing 1/1',
      'person budget_reworks -> TEST-writing 2/4',
      'tests tests_do_not_collect -> TEST-writing 3/4',
      'tests tests_do_not_collect -> TEST-writing 4/4',
    ]);
    expect(end).toBe('PR after 4');
  });

  test('may step in again, in the order of the ends', async () => {
    const ends = [stepIn('REVIEW', 'review_rejected', 'one'), stepIn('REVIEW', 'review_rejected', 'two')];
    const { journal, end } = await go({ REVIEW: [rejects, rejects, 'done'] }, ends);
    expect(end).toBe('PR after 2');
    expect(journal.filter((entry) => entry.startsWith('BUILD')).map((entry) => entry.split('|').at(-1))).toEqual(['BUILD1', 'one', 'two']);
  });

  test.each([
    ['another end', stepIn('REVIEW', 'review_uncited')],
    ['another stage', stepIn('BUILD', 'review_rejected')],
  ])('does not help against %s', async (_, intervention) => {
    const { told, end } = await go({ REVIEW: [rejects] }, [intervention]);
    expect(end).toBe('review_rejected');
    expect(told).toEqual([]);
  });
});

test('a Spec that a person gave goes back to no model', async () => {
  const journal: string[] = [];
  const dispute: Step = { cause: 'dispute', code: 'spec_ambiguous' };
  const going = runLine(line({ SCOUT: [dispute] }, journal), { request: 'wish' } as never, {
    ...{ reworkBudget: 3, watcher: { begin() {}, end() {}, rework() {} }, keep() {}, signal: new AbortController().signal },
    edges: REWORK_OF_GIVEN,
  });
  await expect(going).rejects.toMatchObject({ code: 'spec_ambiguous', detail: expect.stringMatching(/^SCOUT objects\n.*--spec/) });
  expect(journal).toEqual(['PLAN1', 'SCOUT1']);
});
