import { z } from 'zod';
import type { Transcript } from './transcript.ts';

/** What one stage, or the whole run, may use; what is not named is not limited. Seconds are wall clock. */
export const limitsSchema = z.strictObject({
  /** In and out together. */
  tokens: z.int().min(1).max(1_000_000_000).exactOptional(),
  usd: z.number().min(0).max(1_000_000).exactOptional(),
  /** Completions, all attempts together. */
  turns: z.int().min(1).max(100_000).exactOptional(),
  seconds: z.int().min(1).max(604_800).exactOptional(),
});
export type Limits = z.infer<typeof limitsSchema>;

export const budgetsSchema = z.strictObject({ run: limitsSchema.default({}), stage: limitsSchema.default({}) });
/** `stage` holds for each stage on its own. */
export type Budgets = z.infer<typeof budgetsSchema>;

/** So much was used, or may be. */
export const amountSchema = z.strictObject({ tokens: z.number().min(0), usd: z.number().min(0), turns: z.int().min(0) });
export type Amount = z.infer<typeof amountSchema>;

export const NOTHING: Amount = { tokens: 0, usd: 0, turns: 0 };

export function plus(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens + b.tokens, usd: a.usd + b.usd, turns: a.turns + b.turns };
}

export function minus(a: Amount, b: Amount): Amount {
  return { tokens: Math.max(0, a.tokens - b.tokens), usd: Math.max(0, a.usd - b.usd), turns: Math.max(0, a.turns - b.turns) };
}

/** Sums of dollars are not exact to the last digit; a limit is not passed by a rounding. */
const ROUNDING = 1e-9;

/** The first of these limits that so much would pass; null where none is. */
export function passed(limits: Limits, total: Amount): keyof Amount | null {
  for (const what of ['usd', 'tokens', 'turns'] as const) {
    const limit = limits[what];
    if (limit !== undefined && total[what] > limit + (what === 'usd' ? ROUNDING : 0)) return what;
  }
  return null;
}

/** US dollars for a million tokens. */
interface Rates {
  readonly inUsd: number;
  readonly outUsd: number;
}

/** The most that one call can use; `usd` is null where the price is not known. */
export interface Worst {
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly usd: number | null;
}

/** Tokens that a server may put around a message, and around the whole (how to write JSON, for one that is told so in words). */
const PER_MESSAGE = 32;
const PER_CALL = 1_024;

/**
 * The most that a call can use. A token stands for at least one byte, whoever counts, so a prompt has no more tokens than bytes: about four times
 * what English and code come to, and the only bound that no text can pass.
 */
export function worstCase(call: {
  readonly messages: Transcript;
  readonly schema: unknown;
  readonly maxOutputTokens: number;
  readonly price: Rates | null;
}): Worst {
  const { messages, schema, maxOutputTokens, price } = call;
  const text = messages.reduce((sum, { content }) => sum + bytes(content) + PER_MESSAGE, 0);
  const tokensIn = text + bytes(JSON.stringify(schema) ?? '') + PER_CALL;
  return { tokensIn, tokensOut: maxOutputTokens, usd: costOf({ tokensIn, tokensOut: maxOutputTokens }, price) };
}

/** What so many tokens cost; null: not known. */
export function costOf(tokens: { readonly tokensIn: number; readonly tokensOut: number }, price: Rates | null): number | null {
  return price === null ? null : (tokens.tokensIn * price.inUsd + tokens.tokensOut * price.outUsd) / 1_000_000;
}

const encoder = new TextEncoder();

function bytes(text: string): number {
  return encoder.encode(text).length;
}

/** A count of tokens as a provider says it; what cannot be one is not known. */
export function soundCount(count: number | null): number | null {
  return count !== null && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

/** Dollars as a provider says them; what cannot be any is not known. */
export function soundUsd(usd: number | null): number | null {
  return usd !== null && Number.isFinite(usd) && usd >= 0 ? usd : null;
}

/** What the ledger is charged with: the provider's own figures, and the worst case for each that it does not say. */
export function charged(
  worst: Worst,
  said: { readonly tokensIn: number | null; readonly tokensOut: number | null; readonly costUsd: number | null },
  turns: number,
): Amount {
  const tokens = (soundCount(said.tokensIn) ?? worst.tokensIn) + (soundCount(said.tokensOut) ?? worst.tokensOut);
  return { tokens, usd: soundUsd(said.costUsd) ?? worst.usd ?? 0, turns };
}

/** A stop in words: the limit, what is spent, what calls under way may still use, and what the call that was not made could have used. */
export function stopWords(stop: {
  readonly whose: string;
  readonly what: keyof Amount;
  readonly limit: number;
  readonly spent: Amount;
  readonly reserved: Amount;
  readonly worst: Amount;
}): string {
  const { whose, what, limit, spent, reserved, worst } = stop;
  const say = (amount: number) => said(what, amount);
  const underWay = reserved[what] === 0 ? '' : `, ${say(reserved[what])} reserved by calls under way`;
  const call = what === 'turns' ? '' : `; the next call could take ${say(worst[what])}`;
  return `${whose} limit is ${say(limit)}: ${say(spent[what])} spent${underWay}${call}`;
}

function said(what: keyof Amount, amount: number): string {
  if (what === 'usd') return `$${amount > 0 && amount < 0.01 ? amount.toPrecision(2) : amount.toFixed(2)}`;
  return `${Math.ceil(amount).toLocaleString('en-US')} ${what}`;
}
