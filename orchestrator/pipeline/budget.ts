import { type Amount, type Budgets, type Limits, minus, NOTHING, passed, plus, stopWords, type Worst } from '../domain/budget.ts';
import { Failure, type FailureCode } from '../domain/failure.ts';
import type { ModelStage } from '../domain/stage.ts';

/** A call that may be made: its worst case is held until it is settled with what it was charged. Settled once; later calls change nothing. */
export interface Reservation {
  settle(charged: Amount): void;
}

/** What a run may use, and has used. No call is made whose worst case, with all that is spent or reserved, passes a limit. */
export interface Budget {
  /** Throws budget_usd, budget_tokens, budget_calls or budget_time, naming the limit; budget_price_unknown where dollars are limited and the call's are not known. */
  reserve(stage: ModelStage, attempt: number, worst: Worst, model: string): Reservation;
  /** Milliseconds that the stage has left of its wall clock, Infinity where it has no limit. */
  msLeft(stage: ModelStage): number;
  /** The failure of a stage whose wall clock has run out. */
  outOfTime(stage: ModelStage): Failure;
  /** What the run has spent, earlier runs that it went on from included. */
  readonly spent: Amount;
  readonly reserved: Amount;
}

const CODES: Readonly<Record<keyof Amount, FailureCode>> = { usd: 'budget_usd', tokens: 'budget_tokens', turns: 'budget_calls' };

interface Ledger {
  spent: Amount;
  reserved: Amount;
  /** Calls under way. */
  open: number;
}

interface Watch {
  /** Of attempts that are over. */
  before: number;
  attempt: number;
  began: number;
  last: number;
}

export function openBudget(options: {
  readonly budgets: Budgets;
  /** What an earlier run had spent that this one goes on from. */
  readonly before?: Amount;
  /** Milliseconds, from any beginning. */
  readonly now: () => number;
}): Budget {
  const { budgets, now } = options;
  const run: Ledger = { spent: options.before ?? NOTHING, reserved: NOTHING, open: 0 };
  const stages = new Map<ModelStage, Ledger>();
  const watches = new Map<ModelStage, Watch>();

  function reserve(stage: ModelStage, attempt: number, worst: Worst, model: string): Reservation {
    const own = stages.get(stage) ?? { spent: NOTHING, reserved: NOTHING, open: 0 };
    stages.set(stage, own);
    look(stage, attempt);
    if (worst.usd === null && (budgets.run.usd ?? budgets.stage.usd) !== undefined)
      throw new Failure('budget_price_unknown', `${stage} would ask ${model}, whose price is not known, under a limit of dollars`);
    if (msLeft(stage) <= 0) throw outOfTime(stage);
    const amount: Amount = { tokens: worst.tokensIn + worst.tokensOut, usd: worst.usd ?? 0, turns: 1 };
    assertWithin('the run’s', budgets.run, run, amount);
    assertWithin(`${stage}’s`, budgets.stage, own, amount);
    for (const ledger of [run, own]) {
      ledger.reserved = plus(ledger.reserved, amount);
      ledger.open += 1;
    }
    let open = true;
    return {
      settle(charged) {
        if (!open) return;
        open = false;
        for (const ledger of [run, own]) {
          ledger.open -= 1;
          // What sums of dollars leave over is nobody's.
          ledger.reserved = ledger.open === 0 ? NOTHING : minus(ledger.reserved, amount);
          ledger.spent = plus(ledger.spent, charged);
        }
        look(stage, attempt);
      },
    };
  }

  /** The stage's clock runs while an attempt asks: from its first call to its last answer, its tools between them included. */
  function look(stage: ModelStage, attempt: number): void {
    const at = now();
    const watch = watches.get(stage);
    if (watch === undefined) watches.set(stage, { before: 0, attempt, began: at, last: at });
    else if (watch.attempt !== attempt)
      watches.set(stage, { before: watch.before + watch.last - watch.began, attempt, began: at, last: at });
    else watch.last = at;
  }

  function msLeft(stage: ModelStage): number {
    const { seconds } = budgets.stage;
    const watch = watches.get(stage);
    if (seconds === undefined) return Number.POSITIVE_INFINITY;
    return seconds * 1000 - (watch === undefined ? 0 : watch.before + now() - watch.began);
  }

  function outOfTime(stage: ModelStage): Failure {
    return new Failure('budget_time', `${stage}’s limit is ${budgets.stage.seconds} s, all its attempts together`);
  }

  return {
    reserve,
    msLeft,
    outOfTime,
    get spent() {
      return run.spent;
    },
    get reserved() {
      return run.reserved;
    },
  };
}

function assertWithin(whose: string, limits: Limits, { spent, reserved }: Ledger, worst: Amount): void {
  const what = passed(limits, plus(plus(spent, reserved), worst));
  const limit = what === null ? undefined : limits[what];
  if (what === null || limit === undefined) return;
  throw new Failure(CODES[what], stopWords({ whose, what, limit, spent, reserved, worst }));
}
