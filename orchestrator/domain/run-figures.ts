import { CATALOGUE, type FailureCode } from './failure.ts';
import type { RunResult } from './run.ts';
import { classOfRun, type ServedClass } from './served-by.ts';
import type { TraceSummary, Usage } from './trace-summary.ts';

/** The figures of one run that ended, as far as they may be added to those of others. */
export interface RunFigures {
  readonly run: string;
  readonly outcome: RunResult['outcome'];
  readonly code: string | null;
  readonly stage: string | null;
  /** Whose replies they are. */
  readonly served: ServedClass;
  readonly servedBy: readonly string[];
  readonly startedAt: string;
  /** The first run of the request, going by result.json and by all runs that are looked at. Replays, and runs that went on from another, are none. */
  readonly firstTry: boolean;
  readonly reworks: number;
  /** It was an attempt at a feature: it ended in a PR or failed. */
  readonly isTry: boolean;
  /** People stepped in, or their words were needed. */
  readonly hadHelp: boolean;
  /** No limit ended it: reworks, turns, calls, tokens, dollars, time, and what a container may use. */
  readonly withinBudget: boolean;
  readonly costUsd: number | null;
  readonly msToPr: number | null;
  /** null where a count is not known. */
  readonly tokens: { readonly in: number; readonly out: number } | null;
  readonly usage: readonly Usage[];
  readonly stages: readonly StageFigures[];
  readonly reworksFrom: readonly { readonly stage: string; readonly code: string | null }[];
  /** null where REVIEW gave no verdict. */
  readonly review: 'approved' | 'rejected' | null;
}

export interface StageFigures {
  readonly stage: string;
  readonly attempts: number;
  readonly failed: number;
  readonly ms: number;
  /** Codes of the failed attempts, one each. */
  readonly codes: readonly string[];
}

/** A run that ended, and what its trace says. */
export interface EndedRun {
  readonly run: string;
  readonly request: string | null;
  readonly result: RunResult;
  readonly trace: TraceSummary;
}

/** The figures of runs, the earliest first; first tries are told apart among all of them, so give all that are kept. */
export function figuresOf(runs: readonly EndedRun[]): RunFigures[] {
  const asked = new Set<string>();
  return runs
    .toSorted((a, b) => a.result.started_at.localeCompare(b.result.started_at) || a.run.localeCompare(b.run))
    .map(({ run, request, result, trace }) => {
      const counts = isAttempt(result) && result.replayed === null;
      const key = request === null ? null : request.trim();
      const firstTry = counts && result.first_try && key !== null && !asked.has(key);
      if (counts && key !== null) asked.add(key);
      return { ...figures(run, result, trace), firstTry };
    });
}

/** A plan is no attempt at a feature; a refusal says that there is none yet. */
function isAttempt({ outcome }: RunResult): boolean {
  return outcome === 'pr' || outcome === 'failed';
}

function figures(run: string, result: RunResult, trace: TraceSummary): Omit<RunFigures, 'firstTry'> {
  const { outcome, code, stage, reworks } = result;
  return {
    run,
    outcome,
    code,
    stage,
    served: classOfRun(result),
    servedBy: [...new Set(result.served_by)].sort(),
    startedAt: result.started_at,
    reworks,
    isTry: isAttempt(result),
    hadHelp: result.human_words !== null,
    withinBudget: code === null || !isLimit(code),
    costUsd: result.cost_usd,
    msToPr: result.ms_to_pr,
    tokens: tokensOf(trace.usage),
    usage: trace.usage,
    stages: stagesOf(trace),
    reworksFrom: trace.reworks.map(({ from, code: why }) => ({ stage: from, code: why })),
    review: reviewOf(trace),
  };
}

/** The codes that say that a limit was met. */
function isLimit(code: string): boolean {
  return code === 'budget_reworks' || CATALOGUE[code as FailureCode]?.exit === 5;
}

function tokensOf(usage: readonly Usage[]): RunFigures['tokens'] {
  const total = { in: 0, out: 0 };
  for (const { tokensIn, tokensOut } of usage) {
    if (tokensIn === null || tokensOut === null) return null;
    total.in += tokensIn;
    total.out += tokensOut;
  }
  return total;
}

function stagesOf({ attempts }: TraceSummary): StageFigures[] {
  const names = [...new Set(attempts.map(({ stage }) => stage))];
  return names.map((stage) => {
    const of = attempts.filter((attempt) => attempt.stage === stage);
    // A refusal is what PLAN is for.
    const failed = of.filter(({ ok, code }) => !ok && code !== 'spec_refused');
    return {
      stage,
      attempts: of.length,
      failed: failed.length,
      ms: of.reduce((sum, { ms }) => sum + ms, 0),
      codes: failed.map(({ code }) => code ?? '?'),
    };
  });
}

function reviewOf({ attempts }: TraceSummary): RunFigures['review'] {
  const given = attempts.filter(({ stage, ok, code }) => stage === 'REVIEW' && (ok || code === 'review_rejected'));
  if (given.length === 0) return null;
  return given.some(({ ok }) => !ok) ? 'rejected' : 'approved';
}
