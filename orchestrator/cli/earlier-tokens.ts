import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { traceEvents } from './trace-events.ts';
import { readResult } from './tries.ts';

/** Most runs that are looked at, the latest first: what a run takes changes with prompts and models. */
const LATEST = 20;

/**
 * Tokens, in and out, of each earlier run that went down the whole line to its PR with a model, not by replay, latest first. A run with a count that is not known says nothing.
 * A run that ended early is left out: it would make the next one look cheaper than it is.
 */
export function earlierTokens(runsFolder: string): number[] {
  if (!existsSync(runsFolder)) return [];
  const ended = readdirSync(runsFolder).flatMap((run) => {
    const result = readResult(join(runsFolder, run, 'result.json'));
    return result === null || result.outcome !== 'pr' || result.replayed !== null ? [] : [{ run, at: result.started_at }];
  });
  const latest = ended.sort((a, b) => b.at.localeCompare(a.at)).slice(0, LATEST);
  return latest.flatMap(({ run }) => tokensOf(join(runsFolder, run, 'trace.jsonl')) ?? []);
}

/** null: the trace cannot be read, a count is not known, or no model was asked. */
function tokensOf(path: string): number | null {
  let total = 0;
  for (const event of traceEvents(path) ?? []) {
    if (event.type !== 'turn') continue;
    const { tokens_in: tokensIn, tokens_out: tokensOut } = event.data;
    if (typeof tokensIn !== 'number' || typeof tokensOut !== 'number') return null;
    total += tokensIn + tokensOut;
  }
  return total === 0 ? null : total;
}
