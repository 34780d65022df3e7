import type { Json } from '../domain/json.ts';
import { oneLine } from '../domain/untrusted.ts';
import type { FailedCall } from './chain.ts';

/** A failed call as an event of the trace. */
export function failedCallEvent({ model, to, failure, tried, tries, waitMs, used, charged }: FailedCall): Record<string, Json> {
  return {
    model,
    to,
    code: failure.code,
    detail: failure.detail.slice(0, 500),
    tried,
    tries,
    wait_ms: waitMs,
    used: used === null ? null : { tokens_in: used.tokensIn, tokens_out: used.tokensOut, cost_usd: used.costUsd },
    charged: charged === null ? null : { ...charged },
  };
}

/** The same for people, in one line. */
export function failedCallText({ what, model, to, failure, tried, tries, waitMs }: FailedCall): string {
  const why = `${model} failed (${failure.code}: ${oneLine(failure.detail, 200)})`;
  if (what === 'retry') return `${why}; try ${tried + 1} of ${tries} in ${(waitMs / 1000).toFixed(1)} s`;
  return to === null ? why : `${why}; ${to} is asked instead`;
}
