/**
 * Who is asked. A question goes to the first model of a chain that can answer it: what may go better a moment later is tried again, what will
 * not goes to the next model. Every call is reserved in the budget before it is made and settled after, whatever came of it.
 */
import { type Amount, charged, costOf, soundCount, soundUsd, worstCase } from '../domain/budget.ts';
import { Failure, type Spent } from '../domain/failure.ts';
import { canHop, canRetry } from '../domain/model-failures.ts';
import { oneLine } from '../domain/untrusted.ts';
import type { Completion, CompletionRequest, Price, Provider } from '../ports/provider.ts';
import { assertFits } from './assert-fits.ts';
import type { Budget } from './budget.ts';

/** One model that may be asked, and how. */
export interface ModelChoice {
  readonly provider: Provider;
  readonly model: string;
  readonly temperature: number;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** For one answer, what is tried again for it included. */
  readonly deadlineMs: number;
  /** Why it cannot be asked, where that was found before the run began. */
  readonly unready?: Failure;
}

export interface Clock {
  /** Milliseconds, from any beginning. */
  now(): number;
  /** Throws the signal's reason when it is aborted meanwhile. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A call that failed, and what comes of it. */
export interface FailedCall {
  readonly what: 'retry' | 'hop' | 'gave_up';
  readonly model: string;
  /** Who is asked instead; null where nobody is. */
  readonly to: string | null;
  readonly failure: Failure;
  /** Which try it was, and how many there are. */
  readonly tried: number;
  readonly tries: number;
  readonly waitMs: number;
  /** What it used, as far as known; null where no call was made. */
  readonly used: Spent | null;
  /** What the budget was charged with. */
  readonly charged: Amount | null;
}

/** What was said by a model that could not answer. */
export interface Said {
  readonly model: string;
  readonly failure: Failure;
}

export interface ChainCall {
  readonly chain: readonly ModelChoice[];
  /** Index of the model that is asked first. */
  readonly from: number;
  /** The question, without who is asked. */
  readonly request: Omit<CompletionRequest, 'model' | 'temperature' | 'maxOutputTokens' | 'contextTokens' | 'deadlineMs'>;
  /** Most calls to one model for one answer. */
  readonly tries: number;
  /** Whether the models of the chain from `from` on have to be looked at for their context first, or only those after it. */
  readonly opening: boolean;
  readonly budget: Budget;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onFailed: (call: FailedCall) => void;
  readonly onOpen: () => void;
  readonly onProgress: (soFar: { readonly outTokens: number }) => void;
  readonly onClosed: () => void;
}

export interface Served {
  readonly completion: Completion;
  /** Index of who answered. */
  readonly at: number;
  readonly charged: Amount;
}

/**
 * The answer of the first model that can give one. Throws what `allFailed` makes of it when none could, and at once what no other model can help:
 * the end of a budget, of the run, or a bug.
 */
export async function askChain(call: ChainCall, saidBefore: readonly Said[]): Promise<Served> {
  const { chain, from, onFailed, signal } = call;
  const said = [...saidBefore];
  for (let at = from; ; at += 1) {
    const choice = chain[at];
    if (choice === undefined) throw allFailed(said);
    let last = NO_CALL;
    try {
      if (choice.unready !== undefined) throw choice.unready;
      if (call.opening || at > from) await assertFits(call.request.stage, charsOf(call.request.messages), choice);
      return { ...(await askOne(call, choice, (failed) => (last = failed))), at };
    } catch (error) {
      if (!(error instanceof Failure) || signal.aborted) throw error;
      const next = canHop(error.code) ? chain[at + 1] : undefined;
      const model = nameOf(choice);
      said.push({ model, failure: error });
      if (next !== undefined) onFailed({ what: 'hop', model, to: nameOf(next), failure: error, tries: call.tries, waitMs: 0, ...last });
      else if (last.tried > 0) onFailed({ what: 'gave_up', model, to: null, failure: error, tries: call.tries, waitMs: 0, ...last });
      if (!canHop(error.code)) throw error;
    }
  }
}

/** What a chain came to whose every model failed: with one model its own failure, else the last one's code and what each of them said. */
export function allFailed(said: readonly Said[]): Failure {
  const last = said.at(-1)?.failure ?? new Failure('bug', 'a chain without a model');
  if (said.length <= 1) return last;
  const each = said.map(({ model, failure }) => `${model}: ${failure.code}: ${oneLine(failure.detail, 600)}`);
  return new Failure(last.code, `none of the chain could answer:\n${each.join('\n')}`, { cause: last });
}

/** `provider/model`. */
export function nameOf({ provider, model }: Pick<ModelChoice, 'provider' | 'model'>): string {
  return `${provider.name}/${model}`;
}

type OneCall = Pick<FailedCall, 'tried' | 'used' | 'charged'>;
const NO_CALL: OneCall = { tried: 0, used: null, charged: null };

/** One model, as often as may help. `tell` is given the last call that failed and is not told of otherwise. */
async function askOne(call: ChainCall, choice: ModelChoice, tell: (failed: OneCall) => void): Promise<Omit<Served, 'at'>> {
  const { request, tries, budget, clock, signal, random } = call;
  const { stage, attempt } = request;
  const price = priceOf(choice);
  const worst = worstCase({ ...request, maxOutputTokens: choice.maxOutputTokens, price });
  const isRecorded = choice.provider.recorded?.(request) === true;
  const until = clock.now() + choice.deadlineMs;
  for (let tried = 1; ; tried += 1) {
    const reservation = isRecorded ? null : budget.reserve(stage, attempt, worst, nameOf(choice));
    const own = Math.max(1, until - clock.now());
    const left = budget.msLeft(stage);
    try {
      const completion = await complete(call, choice, Math.ceil(Math.min(own, left)));
      const settled = charged(worst, paidOf(completion), completion.replayed === null ? 1 : 0);
      reservation?.settle(settled);
      return { completion, charged: settled };
    } catch (error) {
      const used = error instanceof Failure ? usedBy(error, price) : UNKNOWN;
      const settled = charged(worst, used, 0);
      reservation?.settle(settled);
      if (!(error instanceof Failure) || signal.aborted) throw error;
      tell({ tried, used, charged: settled });
      if (error.code === 'model_timeout' && left < own) throw budget.outOfTime(stage);
      const waitMs = backOff(tried, error.retryAfterMs, random);
      if (!canRetry(error.code) || tried >= tries || waitMs > MAX_WAIT_MS || clock.now() + waitMs >= until) throw error;
      const model = nameOf(choice);
      call.onFailed({ what: 'retry', model, to: model, failure: error, tried, tries, waitMs, used, charged: settled });
      tell(NO_CALL);
      await clock.sleep(waitMs, signal);
    }
  }
}

async function complete(call: ChainCall, choice: ModelChoice, deadlineMs: number): Promise<Completion> {
  const { provider, model, temperature, contextTokens, maxOutputTokens } = choice;
  call.onOpen();
  try {
    const request = { ...call.request, model, temperature, contextTokens, maxOutputTokens, deadlineMs };
    return sound(await provider.complete(request, call.signal, call.onProgress));
  } finally {
    call.onClosed();
  }
}

const UNKNOWN: Spent = { tokensIn: null, tokensOut: null, costUsd: null };
/** The first wait is at most this long, each one after at most twice the one before. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A server that wants to be left alone for longer is left to the next model. */
const MAX_WAIT_MS = 120_000;

/** Full jitter: anything from nothing to the whole wait, so that many who were refused together do not come back together; never before the server said. */
export function backOff(tried: number, retryAfterMs: number | null, random: () => number): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tried - 1));
  return Math.round((retryAfterMs !== null && Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs) : 0) + random() * most);
}

/** null: not known. */
export function priceOf({ provider, model }: Pick<ModelChoice, 'provider' | 'model'>): Price | null {
  return provider.price?.(model) ?? (provider.local === true ? { inUsd: 0, outUsd: 0 } : null);
}

/** What a provider cannot mean (a negative count, NaN) is not known. */
function sound(completion: Completion): Completion {
  const { tokensIn, tokensOut, costUsd } = completion;
  return { ...completion, tokensIn: soundCount(tokensIn), tokensOut: soundCount(tokensOut), costUsd: soundUsd(costUsd) };
}

/** A reply that was recorded is not paid again. */
function paidOf(completion: Completion): Spent {
  return completion.replayed === null ? completion : { tokensIn: 0, tokensOut: 0, costUsd: 0 };
}

/** What a failed call used: as it says itself; else not known, but for the dollars of what costs none. */
function usedBy({ code, spent }: Failure, price: Price | null): Spent {
  if (REFUSED.includes(code)) return spent ?? { tokensIn: 0, tokensOut: 0, costUsd: 0 };
  const free = price !== null && price.inUsd === 0 && price.outUsd === 0;
  const used = spent ?? UNKNOWN;
  const byTokens =
    used.tokensIn === null || used.tokensOut === null ? null : costOf({ tokensIn: used.tokensIn, tokensOut: used.tokensOut }, price);
  return { ...used, costUsd: free ? 0 : (used.costUsd ?? byTokens) };
}

/** Said before anybody works on a prompt. */
const REFUSED: readonly string[] = ['model_missing', 'model_too_small', 'replay_exhausted', 'replay_drifted'];

function charsOf(messages: CompletionRequest['messages']): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}
