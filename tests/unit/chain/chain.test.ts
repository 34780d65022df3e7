import { describe, expect, test } from 'vitest';
import { Failure, type FailureCode, NOTHING_SPENT } from '../../../orchestrator/domain/failure.ts';
import { canHop, canRetry } from '../../../orchestrator/domain/model-failures.ts';
import { backOff } from '../../../orchestrator/pipeline/chain.ts';
import { asking, choice, clock, doing } from './stage.ts';

const busy = new Failure('model_unavailable', '429: slow down', { spent: NOTHING_SPENT });
const fails = (code: FailureCode) => new Failure(code, `says ${code}`);

describe('a call that fails', () => {
  test('is made again after a wait, told as such in the trace and to people, and answered by the same model', async () => {
    const [a, b, time] = [doing('a', [busy, busy, 'yes']), doing('b', ['no']), clock()];
    const { ask, events, notes, usage } = asking([choice(a), choice(b)], { clock: time });
    expect(await ask()).toMatchObject({ text: 'yes', servedBy: 'a/m' });
    expect(b.asked).toEqual([]);
    expect(time.slept).toEqual([500, 1_000]);
    expect(events.map(({ type }) => type)).toEqual(['retry', 'retry', 'turn']);
    expect(events[0]?.data).toMatchObject({
      turn: 1,
      model: 'a/m',
      to: 'a/m',
      code: 'model_unavailable',
      tried: 1,
      tries: 3,
      wait_ms: 500,
    });
    expect(notes).toEqual([expect.stringContaining('try 2 of 3 in 0.5 s'), expect.stringContaining('try 3 of 3 in 1.0 s')]);
    expect(usage('BUILD', 1)).toMatchObject({ retries: 2, completions: 1, tokensIn: 10, costUsd: 0 });
  });

  test('goes to the next model when all tries are used, which then answers the rest of the stage', async () => {
    const [a, b] = [doing('a', [busy]), doing('b', ['yes'])];
    const { ask, events, notes, usage } = asking([choice(a), choice(b)]);
    expect(await ask()).toMatchObject({ servedBy: 'b/m' });
    expect(await ask(2)).toMatchObject({ servedBy: 'b/m' });
    expect(a.asked).toHaveLength(3);
    expect(b.asked.map(({ turn, messages }) => [turn, messages])).toEqual([
      [1, a.asked[0]?.messages],
      [2, a.asked[0]?.messages],
    ]);
    expect(events.map(({ type }) => type)).toEqual(['retry', 'retry', 'hop', 'turn', 'turn']);
    expect(events[2]?.data).toMatchObject({ model: 'a/m', to: 'b/m', code: 'model_unavailable', tried: 3 });
    expect(notes.at(-1)).toContain('b/m is asked instead');
    expect(usage('BUILD', 1)).toMatchObject({ retries: 3, servedBy: ['b/m'] });
  });

  test('leaves the other stages with their own first choice', async () => {
    const [a, b] = [doing('a', [fails('model_missing'), 'yes']), doing('b', ['yes'])];
    const { ask } = asking([choice(a), choice(b)]);
    expect((await ask(1, 'BUILD')).servedBy).toBe('b/m');
    expect((await ask(1, 'TEST')).servedBy).toBe('a/m');
  });

  test.each([['model_missing'], ['model_too_small'], ['model_truncated']] as const)('with %s is not made again', async (code) => {
    const [a, b] = [doing('a', [fails(code)]), doing('b', ['yes'])];
    const { ask } = asking([choice(a), choice(b)]);
    expect((await ask()).servedBy).toBe('b/m');
    expect(a.asked).toHaveLength(1);
  });

  test.each([['replay_exhausted'], ['replay_drifted'], ['disk'], ['budget_time'], ['interrupted']] as const)(
    'with %s is nobody’s to answer: it ends the question',
    async (code) => {
      const [a, b] = [doing('a', [fails(code)]), doing('b', ['yes'])];
      await expect(asking([choice(a), choice(b)]).ask()).rejects.toMatchObject({ code });
      expect([a.asked.length, b.asked.length]).toEqual([1, 0]);
    },
  );

  test('with a bug ends the question as the bug that it is', async () => {
    const bug = new TypeError('x is not a function');
    await expect(asking([choice(doing('a', [bug])), choice(doing('b', ['yes']))]).ask()).rejects.toBe(bug);
  });

  test('waits at least as long as the server asks for, and leaves a server that asks for too much to the next', async () => {
    const wanting = (retryAfterMs: number) => new Failure('model_unavailable', '429', { retryAfterMs });
    const patient = clock();
    await asking([choice(doing('a', [wanting(7_000), 'yes']))], { clock: patient }).ask();
    expect(patient.slept).toEqual([7_500]);
    const [time, b] = [clock(), doing('b', ['yes'])];
    expect((await asking([choice(doing('a', [wanting(3_600_000)])), choice(b)], { clock: time }).ask()).servedBy).toBe('b/m');
    expect(time.slept).toEqual([]);
  });

  test('is not waited for past the deadline of its answer, and each try has only what is left of it', async () => {
    const time = clock();
    const slow = doing('a', [
      async () => {
        time.pass(700);
        throw busy;
      },
    ]);
    const { ask } = asking([choice(slow, { deadlineMs: 2_000 })], { clock: time, tries: 9 });
    await expect(ask()).rejects.toMatchObject({ code: 'model_unavailable' });
    expect(slow.asked.map(({ deadlineMs }) => deadlineMs)).toEqual([2_000, 800]);
  });

  test('says what each model of the chain said when nobody could answer, under the last one’s code', async () => {
    const chain = [
      choice(doing('a', [busy])),
      choice(doing('b', [fails('model_missing')])),
      choice(doing('c', [fails('model_truncated')])),
    ];
    const { ask, events } = asking(chain);
    const error = await ask().catch((failure) => failure);
    expect(error).toMatchObject({ code: 'model_truncated' });
    expect(error.detail.split('\n').slice(1)).toEqual([
      'a/m: model_unavailable: 429: slow down',
      'b/m: model_missing: says model_missing',
      'c/m: model_truncated: says model_truncated',
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'gave_up', data: { model: 'c/m', to: null } });
  });

  test('remembers at a later turn what the first model had said', async () => {
    const { ask } = asking([choice(doing('a', [busy])), choice(doing('b', ['yes', fails('model_missing')]))]);
    await ask();
    await expect(ask(2)).rejects.toMatchObject({ detail: expect.stringMatching(/a\/m: model_unavailable[\s\S]*b\/m: model_missing/) });
  });

  test('is its own failure where the chain is one model', async () => {
    await expect(asking([choice(doing('a', [fails('model_truncated')]))]).ask()).rejects.toMatchObject({ detail: 'says model_truncated' });
  });

  test('is not made again when the run is cancelled while it waits', async () => {
    const stop = new AbortController();
    const a = doing('a', [busy]);
    const sleep = async () => {
      stop.abort(new Failure('interrupted', 'Ctrl-C'));
      stop.signal.throwIfAborted();
    };
    const { ask } = asking([choice(a), choice(doing('b', ['no']))], { signal: stop.signal, clock: { now: () => 0, sleep } });
    await expect(ask()).rejects.toMatchObject({ code: 'interrupted' });
    expect(a.asked).toHaveLength(1);
  });

  test('of a provider that costs money has an unknown cost, unless it says what it used', async () => {
    const price = () => ({ inUsd: 1, outUsd: 10 });
    const cost = async (failure: Failure) => {
      const { ask, total } = asking([choice(doing('a', [failure, { costUsd: 0.01 }], { price }))]);
      await ask();
      return total().costUsd;
    };
    expect(await cost(fails('model_timeout'))).toBeNull();
    expect(await cost(busy)).toBe(0.01);
    const cut = new Failure('model_timeout', 'cut', { spent: { tokensIn: 1_000_000, tokensOut: 100_000, costUsd: null } });
    expect(await cost(cut)).toBeCloseTo(2.01);
  });
});

describe('a model that cannot be asked', () => {
  test('is passed over at the first question, and said so', async () => {
    const [a, b] = [doing('a', ['no']), doing('b', ['yes'])];
    const { ask, events } = asking([choice(a, { unready: fails('model_missing') }), choice(b)]);
    expect((await ask()).servedBy).toBe('b/m');
    expect(a.asked).toEqual([]);
    expect(events[0]).toMatchObject({ type: 'hop', data: { model: 'a/m', to: 'b/m', code: 'model_missing', tried: 0, charged: null } });
  });

  test('is passed over for a prompt that its context is too small for, in the middle of a conversation too', async () => {
    const small = doing('small', ['no'], { contextTokens: async () => 1_000 });
    const [a, large] = [doing('a', ['yes', busy]), doing('large', ['yes'])];
    const { ask } = asking([choice(a), choice(small), choice(large)]);
    expect((await ask()).servedBy).toBe('a/m');
    expect((await ask(2, 'BUILD', 'x'.repeat(10_000))).servedBy).toBe('large/m');
    expect(small.asked).toEqual([]);
  });
});

describe('a conversation whose replies cannot be used', () => {
  test('is given to the next model once, and ends with what each said', async () => {
    const [a, b] = [doing('a', ['nonsense']), doing('b', ['yes'])];
    const { ask, giveOn, events } = asking([choice(a), choice(b)]);
    await ask();
    expect(giveOn('BUILD', 1, 1, fails('model_malformed'))).toBeNull();
    expect((await ask(2)).servedBy).toBe('b/m');
    expect(events.find(({ type }) => type === 'hop')?.data).toMatchObject({ turn: 1, model: 'a/m', to: 'b/m', code: 'model_malformed' });
    expect(giveOn('BUILD', 1, 2, fails('model_malformed'))).toMatchObject({
      code: 'model_malformed',
      detail: expect.stringMatching(/a\/m[\s\S]*b\/m/),
    });
  });
});

describe('a recorded reply', () => {
  test('names the model that was asked for it, after a hop the second', async () => {
    const { ask, recorded } = asking([choice(doing('a', [fails('model_missing')])), choice(doing('b', ['yes']), { model: 'two' })]);
    await ask();
    expect(recorded).toMatchObject([{ path: 'evidence/recording/BUILD-1-1.json', value: { model: 'two', served_by: 'b/two' } }]);
  });

  test('has no figure that no provider can mean', async () => {
    const { ask, recorded } = asking([choice(doing('a', [{ tokensIn: -1, tokensOut: Number.NaN, costUsd: Number.NEGATIVE_INFINITY }]))]);
    await ask();
    expect(recorded[0]?.value).toMatchObject({ tokens_in: null, tokens_out: null, cost_usd: null });
  });
});

describe('the wait before a call is made again', () => {
  test.each([
    [1, 0, 0],
    [1, 0.999, 999],
    [2, 0.999, 1_998],
    [5, 0.999, 15_984],
    [9, 0.999, 29_970],
  ])('after try %i with the die at %f is %i ms', (tried, die, ms) => expect(backOff(tried, null, () => die)).toBe(ms));

  test('is never less than what the server asks for, whatever it writes', () => {
    expect(backOff(1, 5_000, () => 0)).toBe(5_000);
    for (const odd of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expect(backOff(1, odd, () => 0)).toBe(0);
  });
});

test('what may be tried again may also go to the next model', () => {
  const all: FailureCode[] = [
    'model_unavailable',
    'model_timeout',
    'model_missing',
    'model_malformed',
    'model_truncated',
    'budget_usd',
    'bug',
  ];
  expect(all.filter(canRetry)).toEqual(['model_unavailable', 'model_timeout']);
  expect(all.filter((code) => canRetry(code) && !canHop(code))).toEqual([]);
  expect(all.filter(canHop)).not.toContain('budget_usd');
});
