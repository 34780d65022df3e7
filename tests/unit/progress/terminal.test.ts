import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { terminalProgress } from '../../../orchestrator/adapters/progress/terminal/index.ts';
import type { OpenQuestion, StageLine } from '../../../orchestrator/ports/progress.ts';

const validate: StageLine = {
  stage: 'VALIDATE',
  ok: true,
  ms: 4_100,
  tokensIn: null,
  tokensOut: null,
  costUsd: null,
  asked: false,
  text: 'ruff 0 format 0 mypy 0',
};
const question: OpenQuestion = { stage: 'BUILD', turn: 1, promptTokens: 3_104, outTokens: 0 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Progress on a screen, and what a person then sees of it: a line that is erased is gone. */
function on(screen: { tty: boolean; columns?: number }) {
  let text = '';
  const progress = terminalProgress({ write: (more) => (text += more), colour: false, columns: screen.columns ?? 100, tty: screen.tty });
  return { progress, raw: () => text, seen: () => text.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '') };
}

describe('on a terminal', () => {
  test('a stage at work shows the time and that its prompt is being read, then how many tokens have come', () => {
    const { progress, seen } = on({ tty: true });
    progress.begin('BUILD', '');
    vi.advanceTimersByTime(2_000);
    progress.asking?.(question);
    vi.advanceTimersByTime(42_000);
    expect(seen()).toEqual([' .. BUILD       44s   reading the prompt (about 3.1k tokens)… 42s']);
    progress.asking?.({ ...question, outTokens: 1_204 });
    vi.advanceTimersByTime(1_000);
    expect(seen()).toEqual([' .. BUILD       45s   1,204 tokens out']);
    progress.asking?.(null);
    vi.advanceTimersByTime(60_000);
    expect(seen()).toEqual([' .. BUILD     1m45s   the reply is here, at work on it']);
    progress.close();
  });

  test('a later turn and what a rework is about stand in it, on one line however narrow', () => {
    const { progress, seen } = on({ tty: true, columns: 80 });
    progress.begin('BUILD', 'rework: mypy: 1 new finding, first app/routes/products.py:41 missing return type');
    progress.asking?.({ ...question, turn: 3, outTokens: 7 });
    vi.advanceTimersByTime(1_000);
    expect(seen()).toEqual([' .. BUILD        1s   turn 3: 7 tokens out; rework: mypy: 1 new finding, first ']);
    expect(seen()[0]?.length).toBeLessThan(80);
    progress.close();
  });

  test('a line printed meanwhile stands above it, and the end of the stage takes it away', () => {
    const { progress, seen } = on({ tty: true });
    progress.begin('VALIDATE', 'ruff, mypy');
    progress.note('a word');
    expect(seen()).toEqual(['    a word', ' .. VALIDATE     0s   ruff, mypy']);
    progress.end(validate);
    vi.advanceTimersByTime(60_000);
    expect(seen()).toEqual(['    a word', ' ok VALIDATE   4.1s   ruff 0 format 0 mypy 0', '']);
  });

  test('a reason longer than the line goes on below itself, whole, and then says to whom the work goes', () => {
    const { progress, seen } = on({ tty: true });
    const text = 'mypy: 1 new finding, first app/routes/products.py:41 no-untyped-def Function is missing a return type annotation';
    progress.end({ ...validate, ok: false, text });
    progress.rework?.('BUILD', 1, 3);
    expect(seen()).toEqual([
      ' no VALIDATE   4.1s   mypy: 1 new finding, first app/routes/products.py:41 no-untyped-def Function',
      '                      is missing a return type annotation',
      '                      -> BUILD (rework 1 of 3)',
      '',
    ]);
    for (const line of seen()) expect(line.length).toBeLessThan(100);
  });

  test('a stage that asked has its figures in columns, unknown ones as unknown', () => {
    const { progress, seen } = on({ tty: true });
    progress.end({ ...validate, stage: 'SCOUT', asked: true, tokensIn: 13_452, tokensOut: 1_064, costUsd: 0, text: '3 files to edit' });
    progress.end({ ...validate, stage: 'BUILD', asked: true, text: '1 file changed' });
    expect(seen().slice(0, 2)).toEqual([
      ' ok SCOUT      4.1s    13,452 in  1,064 out  $0.00  3 files to edit',
      ' ok BUILD      4.1s         ? in      ? out  $?  1 file changed',
    ]);
  });

  test('what is said at the end is broken between groups only: a command stays whole', () => {
    const { progress, seen } = on({ tty: true });
    const command = `less runs/product-sort-7f3a/evidence/${'x'.repeat(44)}.log`;
    progress.header(['look: git apply --stat a.patch   the change', `      ${command}   the log of VALIDATE`]);
    expect(seen().slice(0, 3)).toEqual(['look: git apply --stat a.patch   the change', `      ${command}`, '      the log of VALIDATE']);
  });

  test('nothing that a model or the target says moves the cursor or rings', () => {
    const { progress, raw } = on({ tty: false });
    progress.begin('BUILD', 'evil \u001b[2J\u0007');
    vi.advanceTimersByTime(30_000);
    progress.end({ ...validate, text: 'evil \u001b[2J\u0007 text' });
    progress.note('evil \u001b[2J');
    expect([...raw()].filter((letter) => letter < ' ' && letter !== '\n')).toEqual([]);
  });
});

describe('in a pipe', () => {
  test('half a minute of silence ends in a line that says what goes on', () => {
    const { progress, seen } = on({ tty: false });
    progress.begin('BUILD', '');
    progress.asking?.(question);
    expect(seen()).toEqual(['']);
    vi.advanceTimersByTime(29_000);
    expect(seen()).toEqual(['']);
    vi.advanceTimersByTime(31_000);
    progress.asking?.({ ...question, outTokens: 1_204 });
    vi.advanceTimersByTime(30_000);
    expect(seen()).toEqual([
      ' .. BUILD       30s   reading the prompt (about 3.1k tokens)… 30s',
      ' .. BUILD     1m00s   reading the prompt (about 3.1k tokens)… 1m00s',
      ' .. BUILD     1m30s   1,204 tokens out',
      '',
    ]);
    progress.close();
  });

  test('the silence counts from the last line, and none follows the end', () => {
    const { progress, seen } = on({ tty: false });
    progress.begin('VALIDATE', 'ruff, mypy');
    vi.advanceTimersByTime(25_000);
    progress.note('a word');
    vi.advanceTimersByTime(25_000);
    expect(seen()).toEqual(['    a word', '']);
    progress.end(validate);
    vi.advanceTimersByTime(120_000);
    expect(seen()).toEqual(['    a word', ' ok VALIDATE   4.1s   ruff 0 format 0 mypy 0', '']);
  });

  test('no line is broken: a log is searched by line', () => {
    const { progress, seen } = on({ tty: false, columns: 40 });
    progress.end({ ...validate, ok: false, text: 'word '.repeat(40).trim() });
    expect(seen()).toHaveLength(2);
  });
});

describe('what a run will take', () => {
  test.each([
    [{ tokens: 59_971, earlierRuns: 2, mostUsd: 0 }, '    about 60k tokens (median of 2 earlier runs), at most $0.00'],
    [{ tokens: 1_250_000, earlierRuns: 1, mostUsd: 4.5 }, '    about 1.3M tokens (median of 1 earlier run), at most $4.50'],
    [{ tokens: 640, earlierRuns: 0, mostUsd: null }, '    about 640 tokens (computed from sizes), at most $?'],
  ])('is one line, with where it comes from and no more figures than are known', (forecast, line) => {
    const { progress, seen } = on({ tty: false });
    progress.expect?.(forecast);
    expect(seen()).toEqual([line, '']);
  });
});
