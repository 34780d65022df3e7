import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Amount, type Budgets, budgetsSchema, worstCase } from '../../../orchestrator/domain/budget.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { MODEL_STAGES, type ModelStage } from '../../../orchestrator/domain/stage.ts';
import { openBudget } from '../../../orchestrator/pipeline/budget.ts';
import type { ModelChoice } from '../../../orchestrator/pipeline/chain.ts';
import type { CompletionRequest } from '../../../orchestrator/ports/provider.ts';
import { asking, choice, clock, type Does, doing } from '../chain/stage.ts';

const price = () => ({ inUsd: 1, outUsd: 10 });
const budgets = (run: Budgets['run'], stage: Budgets['stage'] = {}): Budgets => ({ run, stage });

/** A stage with one model that costs $1 a million tokens in and $10 out, and so much to spend. */
function spending(limits: Budgets, does: readonly Does[], more: { before?: Amount; maxOutputTokens?: number } = {}) {
  const time = clock();
  const budget = openBudget({ budgets: limits, now: time.now, ...(more.before === undefined ? {} : { before: more.before }) });
  const a = doing('a', does, { price });
  return { a, time, budget, ...asking([choice(a, { maxOutputTokens: more.maxOutputTokens ?? 10_000 })], { budget, clock: time }) };
}

describe('the worst case of a call', () => {
  test('has a token for every byte, what servers put around messages and schema, and the longest reply', () => {
    const call = { schema: {}, maxOutputTokens: 500, price: price() };
    const of = (content: string) => worstCase({ ...call, messages: [{ role: 'user', content }] });
    expect(of('€'.repeat(100)).tokensIn - of('').tokensIn).toBe(300);
    expect(of('').tokensIn).toBeGreaterThan(1_000);
    expect(of('')).toMatchObject({ tokensOut: 500, usd: (of('').tokensIn + 5_000) / 1_000_000 });
    expect(worstCase({ ...call, messages: [], price: null }).usd).toBeNull();
  });
});

describe('a limit', () => {
  test('of dollars stops the call that could pass it before it is made, naming limit, spent and what the call could take', async () => {
    const { ask, a, budget } = spending(budgets({ usd: 0.25 }), [{ costUsd: 0.08 }]);
    await ask(1);
    await ask(2);
    const error = await ask(3).catch((failure) => failure);
    expect(error).toMatchObject({ code: 'budget_usd' });
    expect(error.detail).toBe('the run’s limit is $0.25: $0.16 spent; the next call could take $0.10');
    expect(a.asked).toHaveLength(2);
    expect(budget.spent).toMatchObject({ usd: 0.16, turns: 2 });
  });

  test('of nothing lets only what costs nothing through', async () => {
    await expect(spending(budgets({ usd: 0 }), ['yes']).ask()).rejects.toMatchObject({ code: 'budget_usd' });
    const time = clock();
    const budget = openBudget({ budgets: budgets({ usd: 0 }), now: time.now });
    expect((await asking([choice(doing('free', ['yes']))], { budget }).ask()).text).toBe('yes');
  });

  test('of tokens and of turns stops likewise, for the run and for a stage', async () => {
    const tokens = spending(budgets({ tokens: 20_000 }), [{ tokensIn: 5_000, tokensOut: 5_000 }]);
    await tokens.ask();
    await expect(tokens.ask(2)).rejects.toMatchObject({
      code: 'budget_tokens',
      detail: expect.stringMatching(/^the run’s limit is 20,000 tokens: 10,000 tokens spent; the next call could take 1\d,\d{3} tokens$/),
    });
    const turns = spending(budgets({}, { turns: 2 }), ['yes']);
    await turns.ask(1);
    await turns.ask(2);
    await expect(turns.ask(3)).rejects.toMatchObject({ code: 'budget_calls', detail: 'BUILD’s limit is 2 turns: 2 turns spent' });
    expect((await turns.ask(1, 'TEST')).text).toBe('yes');
  });

  test('of dollars refuses a price that is not known, before anything is asked; one that is local is free', async () => {
    const time = clock();
    const budget = openBudget({ budgets: budgets({}, { usd: 5 }), now: time.now });
    const unknown = doing('a', ['yes'], { price: () => null });
    await expect(asking([choice(unknown)], { budget }).ask()).rejects.toMatchObject({
      code: 'budget_price_unknown',
      detail: expect.stringContaining('a/m'),
    });
    expect(unknown.asked).toEqual([]);
    const local = doing('b', [{ costUsd: null }], { price: () => null, local: true });
    expect((await asking([choice(local)], { budget }).ask()).text).toBe('{}');
  });

  test('counts what retries and hops cost', async () => {
    const time = clock();
    const budget = openBudget({ budgets: budgets({ usd: 1 }), now: time.now });
    const cut = new Failure('model_timeout', 'cut', { spent: { tokensIn: 100_000, tokensOut: 0, costUsd: null } });
    const [a, b] = [doing('a', [cut], { price }), doing('b', [{ costUsd: 0.01 }], { price })];
    const { ask, total } = asking([choice(a), choice(b)], { budget, clock: time });
    await ask();
    expect(budget.spent.usd).toBeCloseTo(0.31);
    expect(total().costUsd).toBeCloseTo(0.31);
  });

  test('charges the worst case for what a provider does not say, or cannot mean', async () => {
    for (const odd of [null, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const { ask, budget, total } = spending(budgets({ usd: 1 }), [{ tokensIn: odd, tokensOut: odd, costUsd: odd }]);
      await ask();
      expect(budget.spent.usd).toBeGreaterThan(0.1);
      expect(total()).toMatchObject({ costUsd: null, tokensIn: null });
    }
  });

  test('stops the run after figures that pass it, however they came about', async () => {
    const { ask, a } = spending(budgets({ usd: 0.5 }), [{ costUsd: 3, tokensIn: 1e9 }]);
    await ask();
    await expect(ask(2)).rejects.toMatchObject({ code: 'budget_usd', detail: expect.stringContaining('$3.00 spent') });
    expect(a.asked).toHaveLength(1);
  });

  test('counts what an earlier run had spent, and takes nothing for what is recorded', async () => {
    const before = { tokens: 0, usd: 0.24, turns: 9 };
    const live = spending(budgets({ usd: 0.25 }), ['yes'], { before });
    await expect(live.ask()).rejects.toMatchObject({ detail: expect.stringContaining('$0.24 spent') });
    const time = clock();
    const budget = openBudget({ budgets: budgets({ usd: 0.25 }), now: time.now, before });
    const recorded = doing('a', [{ replayed: 'fresh', tokensIn: 90_000 }], { price, recorded: () => true });
    await asking([choice(recorded)], { budget }).ask();
    expect(budget.spent).toEqual(before);
  });

  test('of a stage’s wall clock holds for all its attempts, gives a call no longer than is left, and ends as the budget’s', async () => {
    const time = clock();
    const budget = openBudget({ budgets: budgets({}, { seconds: 10 }), now: time.now });
    const slow = doing('a', [
      async (request: CompletionRequest) => {
        if (request.deadlineMs < 6_000) {
          time.pass(request.deadlineMs);
          throw new Failure('model_timeout', 'slow');
        }
        time.pass(6_000);
        return { text: 'yes', servedBy: 'a/m', tokensIn: 1, tokensOut: 1, estimated: false, costUsd: 0, ms: 1, replayed: null };
      },
    ]);
    const { asking: one } = asking([choice(slow), choice(doing('b', ['no']))], { budget, clock: time });
    const ask = (stage: ModelStage, attempt: number) => one.ask({ stage, attempt, turn: 1, messages: [], schema: {} });
    await ask('BUILD', 1);
    time.pass(60_000);
    await expect(ask('BUILD', 2)).rejects.toMatchObject({ code: 'budget_time', detail: expect.stringContaining('BUILD’s limit is 10 s') });
    expect(slow.asked.map(({ deadlineMs }) => deadlineMs)).toEqual([10_000, 4_000]);
    await ask('TEST', 1);
  });
});

describe('what a person may set', () => {
  test.each([
    { run: { usd: -1 } },
    { run: { tokens: 0 } },
    { stage: { turns: 1.5 } },
    { run: { euros: 1 } },
    { runs: {} },
    { run: { usd: 1e99 } },
  ])('is not %j', (value) => expect(budgetsSchema.safeParse(value).success).toBe(false));
});

/** One call of a random sequence: what its models do, and how large it is. */
const aCall = fc.record({
  stage: fc.constantFrom(...MODEL_STAGES),
  chars: fc.nat(4_000),
  does: fc.array(fc.constantFrom('answer', 'answer', 'answer', 'busy', 'cut', 'silent', 'unsaid', 'bug'), { minLength: 1, maxLength: 6 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});
const aRun = fc.record({
  calls: fc.array(aCall, { minLength: 1, maxLength: 12 }),
  together: fc.boolean(),
  prices: fc.array(
    fc.record({ inUsd: fc.double({ min: 0, max: 50, noNaN: true }), outUsd: fc.double({ min: 0, max: 200, noNaN: true }) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  maxOutputTokens: fc.integer({ min: 256, max: 8_192 }),
  limits: fc.record({
    run: fc.record({ usd: fc.double({ min: 0, max: 2, noNaN: true }), tokens: fc.integer({ min: 1, max: 100_000 }) }, { requiredKeys: [] }),
    stage: fc.record(
      { usd: fc.double({ min: 0, max: 1, noNaN: true }), tokens: fc.integer({ min: 1, max: 50_000 }) },
      { requiredKeys: [] },
    ),
  }),
});

test('no limit is passed in a thousand random sequences of calls, and nothing stays reserved', { timeout: 15_000 }, async () => {
  let stops = 0;
  let answers = 0;
  await fc.assert(
    fc.asyncProperty(aRun, async ({ calls, together, prices, maxOutputTokens, limits }) => {
      const time = clock();
      const budget = openBudget({ budgets: limits as Budgets, now: time.now });
      // The truth that no budget is shown: what every call in the world has really used.
      const used = { usd: 0, tokens: 0, byStage: new Map<ModelStage, { usd: number; tokens: number }>() };
      const plans = calls.map(({ does }) => [...does]);
      const chain = prices.map((rates, i): ModelChoice => {
        const complete = async (request: CompletionRequest) => {
          const { turn, stage, messages } = request;
          const call = calls[turn - 1];
          const how = plans[turn - 1]?.shift() ?? 'answer';
          const share = call?.share ?? 1;
          if (how === 'busy') throw new Failure('model_unavailable', '429', { spent: { tokensIn: 0, tokensOut: 0, costUsd: 0 } });
          await Promise.resolve();
          const tokensIn = Math.floor(messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) * share);
          const tokensOut = Math.floor(request.maxOutputTokens * share);
          const costUsd = (tokensIn * rates.inUsd + tokensOut * rates.outUsd) / 1_000_000;
          const own = used.byStage.get(stage) ?? { usd: 0, tokens: 0 };
          used.byStage.set(stage, { usd: own.usd + costUsd, tokens: own.tokens + tokensIn + tokensOut });
          used.usd += costUsd;
          used.tokens += tokensIn + tokensOut;
          if (how === 'cut') throw new Failure('model_truncated', 'cut', { spent: { tokensIn, tokensOut, costUsd } });
          if (how === 'silent') throw new Failure('model_timeout', 'no word');
          if (how === 'bug') throw new TypeError('a bug');
          const said = how === 'unsaid' ? { tokensIn: null, tokensOut: Number.NaN, costUsd: null } : { tokensIn, tokensOut, costUsd };
          return { text: '{}', servedBy: `p${i}/m`, estimated: false, ms: 1, replayed: null, ...said };
        };
        return choice({ name: `p${i}`, price: () => rates, ready: async () => {}, complete }, { maxOutputTokens });
      });
      const { asking: one } = asking(chain, { budget, clock: time });
      const ask = async (i: number) => {
        const { stage, chars } = calls[i] as (typeof calls)[number];
        try {
          await one.ask({ stage, attempt: 1, turn: i + 1, messages: [{ role: 'user', content: 'é'.repeat(chars) }], schema: {} });
          answers += 1;
        } catch (error) {
          if (error instanceof Failure && error.code.startsWith('budget_')) stops += 1;
        }
      };
      if (together) await Promise.all(calls.map((_, i) => ask(i)));
      else for (const i of calls.keys()) await ask(i);
      const within = (total: { usd: number; tokens: number }, of: { usd?: number; tokens?: number }) => {
        expect(total.usd).toBeLessThanOrEqual((of.usd ?? Number.POSITIVE_INFINITY) + 1e-6);
        expect(total.tokens).toBeLessThanOrEqual(of.tokens ?? Number.POSITIVE_INFINITY);
      };
      within(used, limits.run);
      for (const own of used.byStage.values()) within(own, limits.stage);
      expect(budget.spent.usd).toBeGreaterThanOrEqual(used.usd - 1e-6);
      expect(budget.reserved).toEqual({ tokens: 0, usd: 0, turns: 0 });
    }),
    { numRuns: 1_000, seed: 8 },
  );
  // Both happen, often: limits that stop nothing, or all, would prove nothing.
  expect(stops).toBeGreaterThan(500);
  expect(answers).toBeGreaterThan(500);
});
