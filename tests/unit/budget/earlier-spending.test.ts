import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { earlierSpending } from '../../../orchestrator/cli/earlier-spending.ts';
import type { OrderFile } from '../../../orchestrator/domain/order-file.ts';

/** A run's folder with these charges in its trace, and a last line that was cut by a kill. */
function folder(...charges: unknown[]): string {
  const path = mkdtempSync(join(tmpdir(), 'spent-'));
  const lines = charges.map((charged) => JSON.stringify({ type: 'turn', data: { turn: 1, charged } }));
  writeFileSync(join(path, 'trace.jsonl'), `${lines.join('\n')}\n{"type":"turn","data":{"charged":{"tok`);
  return path;
}
const of = (tokens: number, usd: number, turns: number) => ({ tokens, usd, turns });

test('what a run was charged with counts, with what it had gone on from itself', () => {
  const path = folder(of(100, 0.25, 1), null, { usd: 'much' }, of(50, 0.5, 0));
  expect(earlierSpending(path, null, {})).toEqual(of(150, 0.75, 1));
  expect(earlierSpending(path, { spent_before: of(1_000, 1, 10) } as OrderFile, {})).toEqual(of(1_150, 1.75, 11));
});

test('a limit that is given anew begins anew, the others go on', () => {
  expect(earlierSpending(folder(of(100, 0.25, 1)), null, { maxUsd: '2' })).toEqual(of(100, 0, 1));
  expect(earlierSpending(folder(of(100, 0.25, 1)), null, { maxTokens: '9' })).toEqual(of(0, 0.25, 1));
});

test('a run without a trace counts for nothing', () => {
  expect(earlierSpending(join(tmpdir(), 'there-is-none'), null, {})).toEqual(of(0, 0, 0));
});
