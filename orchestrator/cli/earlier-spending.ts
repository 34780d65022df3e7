import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Amount, amountSchema, NOTHING, plus } from '../domain/budget.ts';
import type { OrderFile } from '../domain/order-file.ts';
import type { Flags } from './settings.ts';

/**
 * What a run that is gone on from was charged with, and what it went on from in its turn: a limit is for all of it together. A limit that is given anew
 * begins anew. A line that cannot be read (a run may have been killed while it wrote) says nothing, and neither does a run from before charges were
 * written down.
 */
export function earlierSpending(folder: string, order: OrderFile | null, given: Pick<Flags, 'maxUsd' | 'maxTokens'>): Amount {
  const path = join(folder, 'trace.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const spent = lines.map(chargedIn).reduce(plus, order?.spent_before ?? NOTHING);
  return { ...spent, ...(given.maxUsd === undefined ? {} : { usd: 0 }), ...(given.maxTokens === undefined ? {} : { tokens: 0 }) };
}

function chargedIn(line: string): Amount {
  try {
    const charged = amountSchema.safeParse((JSON.parse(line) as { data?: { charged?: unknown } }).data?.charged);
    return charged.success ? charged.data : NOTHING;
  } catch {
    return NOTHING;
  }
}
