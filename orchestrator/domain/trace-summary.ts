import type { z } from 'zod';
import type { Json } from './json.ts';
import type { traceEventSchema } from './trace.ts';

type TraceEvent = z.infer<typeof traceEventSchema>;

/** Most of anything that is kept of one trace; what is left out is counted. */
const MOST = 2_000;
const MOST_NAMES = 100;
/** Longest text that is kept of an event, in characters. */
const LONGEST = 4_000;

/** One attempt of a stage. */
export interface StageAttempt {
  readonly stage: string;
  readonly attempt: number;
  readonly ok: boolean;
  readonly code: string | null;
  readonly detail: string;
  readonly ms: number;
  readonly model: string | null;
  readonly servedBy: string | null;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly costUsd: number | null;
  readonly retries: number;
}

/** A return to an earlier stage. */
export interface Rework {
  readonly from: string;
  readonly to: string;
  readonly code: string | null;
  readonly reason: string;
  readonly used: number;
}

/** A container that ended, by its folder below the run's. */
export interface EndedContainer {
  readonly stage: string;
  readonly attempt: number;
  readonly kind: string;
  readonly folder: string;
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  readonly killedFor: string | null;
  readonly ms: number | null;
}

/** Completions of one stage by one answerer; a total is null where one of the counts is not known. */
export interface Usage {
  readonly stage: string;
  readonly servedBy: string;
  readonly completions: number;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly costUsd: number | null;
}

/** What a trace comes to, of bounded size however long it is. */
export interface TraceSummary {
  readonly events: number;
  /** Events whose type this program does not know. */
  readonly foreign: number;
  readonly from: string | null;
  readonly to: string | null;
  /** How the run says it ended; null where it does not. */
  readonly outcome: string | null;
  readonly attempts: readonly StageAttempt[];
  readonly reworks: readonly Rework[];
  readonly containers: readonly EndedContainer[];
  readonly usage: readonly Usage[];
  readonly facts: readonly { readonly stage: string; readonly name: string; readonly holds: boolean; readonly code: string | null }[];
  readonly checks: { readonly passed: number; readonly failed: number };
  readonly drifted: number;
  /** Attempts, reworks, containers, facts and answerers that were too many to keep. */
  readonly leftOut: number;
}

/** Sums up a trace event by event, so that it is never held whole. */
export interface Summing {
  add(event: TraceEvent): void;
  addForeign(): void;
  summary(): TraceSummary;
}

export function summing(): Summing {
  let [events, foreign, drifted, leftOut] = [0, 0, 0, 0];
  let from: string | null = null;
  let to: string | null = null;
  let outcome: string | null = null;
  const checks = { passed: 0, failed: 0 };
  const attempts: StageAttempt[] = [];
  const reworks: Rework[] = [];
  const containers: EndedContainer[] = [];
  const facts: TraceSummary['facts'][number][] = [];
  const usage = new Map<string, Usage>();

  function keep<T>(list: T[], item: T): void {
    if (list.length < MOST) list.push(item);
    else leftOut += 1;
  }

  function addTurn(stage: string, data: Readonly<Record<string, Json>>): void {
    const servedBy = textOr(data.served_by, 'unknown').slice(0, 300);
    const key = JSON.stringify([stage, servedBy]);
    const before = usage.get(key);
    if (before === undefined && usage.size >= MOST_NAMES) {
      leftOut += 1;
      return;
    }
    const { completions = 0, tokensIn = 0, tokensOut = 0, costUsd = 0 } = before ?? {};
    usage.set(key, {
      stage,
      servedBy,
      completions: completions + 1,
      tokensIn: plus(tokensIn, numberOf(data.tokens_in)),
      tokensOut: plus(tokensOut, numberOf(data.tokens_out)),
      costUsd: plus(costUsd, numberOf(data.cost_usd)),
    });
  }

  return {
    addForeign() {
      foreign += 1;
    },
    add(event) {
      events += 1;
      from ??= event.ts;
      to = event.ts;
      const stage = event.stage.slice(0, 60);
      if (event.type === 'stage') return keep(attempts, attemptOf(event));
      const { data } = event;
      if (event.type === 'turn') return addTurn(stage, data);
      if (event.type === 'rework') return keep(reworks, reworkOf(stage, data));
      if (event.type === 'drift') drifted += 1;
      if (event.type === 'check') checks[data.ok === true ? 'passed' : 'failed'] += 1;
      if (event.type === 'run_ended') outcome = textOr(data.outcome, '?').slice(0, 60);
      if (event.type === 'fact')
        keep(facts, {
          stage,
          name: textOr(data.name, '?').slice(0, 100),
          holds: data.holds === true,
          code: textOf(data.code)?.slice(0, 60) ?? null,
        });
      if (event.type === 'container' && typeof data.folder === 'string') keep(containers, containerOf(stage, event.attempt, data));
    },
    summary: () => ({
      events,
      foreign,
      from,
      to,
      outcome,
      attempts,
      reworks,
      containers,
      usage: [...usage.values()],
      facts,
      checks,
      drifted,
      leftOut,
    }),
  };
}

function attemptOf(event: Extract<TraceEvent, { type: 'stage' }>): StageAttempt {
  return {
    stage: event.stage.slice(0, 60),
    attempt: event.attempt,
    ok: event.eval_ok,
    code: event.code?.slice(0, 60) ?? null,
    detail: event.detail.slice(0, LONGEST),
    ms: event.ms,
    model: event.model?.slice(0, 300) ?? null,
    servedBy: event.served_by?.slice(0, LONGEST) ?? null,
    tokensIn: event.tokens_in,
    tokensOut: event.tokens_out,
    costUsd: event.cost_usd,
    retries: event.retries,
  };
}

function reworkOf(stage: string, data: Readonly<Record<string, Json>>): Rework {
  return {
    from: stage,
    to: textOr(data.to, '?').slice(0, 60),
    code: textOf(data.code)?.slice(0, 60) ?? null,
    reason: textOr(data.reason, '').slice(0, LONGEST),
    used: numberOf(data.used) ?? 0,
  };
}

function containerOf(stage: string, attempt: number, data: Readonly<Record<string, Json>>): EndedContainer {
  return {
    stage,
    attempt,
    kind: textOr(data.kind, '?').slice(0, 60),
    folder: textOr(data.folder, '').slice(0, 200),
    exitCode: numberOf(data.exit_code),
    oomKilled: data.oom_killed === true,
    killedFor: textOf(data.killed_for)?.slice(0, 60) ?? null,
    ms: numberOf(data.ms),
  };
}

const textOf = (value: Json | undefined) => (typeof value === 'string' ? value : null);
const textOr = (value: Json | undefined, other: string) => textOf(value) ?? other;
const numberOf = (value: Json | undefined) => (typeof value === 'number' ? value : null);
/** Unknown, once one part is. */
const plus = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b);
