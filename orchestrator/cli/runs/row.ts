import { figuresOf, type RunFigures } from '../../domain/run-figures.ts';
import { classOfRun, type ServedClass } from '../../domain/served-by.ts';
import { oneLine } from '../../domain/untrusted.ts';
import type { RunRecord } from './read-run.ts';

/** A run as the list shows it, and as `--json` gives it. */
export interface RunRow {
  readonly run: string;
  /** How it ended; `died` without having said, `at work` not yet. */
  readonly outcome: RunFigures['outcome'] | 'died' | 'at work';
  readonly code: string | null;
  readonly stage: string | null;
  /** The Spec's title, else the request's first words. */
  readonly title: string;
  readonly started_at: string | null;
  readonly tokens_in: number | null;
  readonly tokens_out: number | null;
  readonly cost_usd: number | null;
  /** To the PR, else to the end. */
  readonly ms: number | null;
  /** Whose replies the figures are; only those of a `live model` measure one. */
  readonly served: ServedClass;
  readonly served_by: readonly string[];
  readonly reworks: number;
  readonly first_try: boolean;
  /** Where attempts failed, and with what. */
  readonly failed_attempts: readonly { readonly stage: string; readonly code: string | null; readonly detail: string }[];
  /** Why REVIEW rejected it, a sentence each; empty where it did not. */
  readonly rejected: readonly string[];
  /** REVIEW came to a verdict. */
  readonly reviewed: boolean;
  readonly reason: string | null;
  /** What is wrong with the run's folder. */
  readonly problems: readonly string[];
}

const TITLE = 120;
const REASON = 2_000;

/** Rows of runs, the newest first. */
export function rowsOf(records: readonly RunRecord[]): RunRow[] {
  const ended = records.flatMap((one) => (one.result === null || one.given ? [] : [{ ...one, result: one.result }]));
  const figures = new Map(figuresOf(ended).map((one) => [one.run, one]));
  return records
    .map((record) => rowOf(record, figures.get(record.run) ?? null))
    .sort((a, b) => (b.started_at ?? '').localeCompare(a.started_at ?? '') || a.run.localeCompare(b.run));
}

function rowOf(record: RunRecord, figures: RunFigures | null): RunRow {
  const { run, result, atWork, trace, problems } = record;
  const answered = [...new Set(trace.usage.map(({ servedBy }) => servedBy))];
  const [tokensIn, tokensOut] = [sum(trace.usage.map((one) => one.tokensIn)), sum(trace.usage.map((one) => one.tokensOut))];
  const isWhole = !problems.some((problem) => problem.startsWith('trace.jsonl'));
  return {
    run,
    outcome: result?.outcome ?? (atWork ? 'at work' : 'died'),
    code: result?.code ?? null,
    stage: result?.stage ?? (result === null ? (trace.attempts.at(-1)?.stage ?? null) : null),
    title: titleOf(record),
    started_at: result?.started_at ?? trace.from,
    tokens_in: isWhole ? tokensIn : null,
    tokens_out: isWhole ? tokensOut : null,
    cost_usd: result === null ? sum(trace.usage.map((one) => one.costUsd)) : result.cost_usd,
    ms: result?.ms_to_pr ?? between(result?.started_at ?? trace.from, trace.to),
    served: classOfRun(result ?? { served_by: answered, replayed: null }),
    served_by: result?.served_by ?? answered,
    reworks: result?.reworks ?? trace.reworks.length,
    first_try: figures?.firstTry ?? false,
    failed_attempts: trace.attempts
      .filter(({ ok }) => !ok)
      .map(({ stage, code, detail }) => ({ stage, code, detail: detail.slice(0, REASON) })),
    rejected: rejectedFor(record),
    reviewed: trace.attempts.some(({ stage, ok, code }) => stage === 'REVIEW' && (ok || code === 'review_rejected')),
    reason: result?.reason?.slice(0, REASON) ?? null,
    problems,
  };
}

/** `PR`, `failed BUILD patch_empty`, `died in BUILD`, else the outcome. */
export function outcomeOf({ outcome, stage, code }: Pick<RunRow, 'outcome' | 'stage' | 'code'>): string {
  if (outcome === 'pr') return 'PR';
  if (outcome === 'died') return stage === null ? 'died' : `died after ${stage}`;
  return outcome === 'failed' ? `failed ${stage ?? '?'} ${code ?? '?'}` : outcome;
}

/** The Spec's title, else the request's first words. */
export function titleOf({ spec, request }: Pick<RunRecord, 'spec' | 'request'>): string {
  return oneLine(spec?.title ?? request ?? '(no request.txt)', TITLE);
}

/** Reasons by the Spec's ids, as REVIEW gave them; else the reason that the run ended with. */
function rejectedFor({ review, trace, result }: RunRecord): string[] {
  const said = trace.attempts.find(({ stage, ok, code }) => stage === 'REVIEW' && !ok && code === 'review_rejected');
  if (said === undefined && result?.code !== 'review_rejected') return [];
  const broken = (review?.criteria ?? []).filter(({ holds }) => !holds).map(({ id, why }) => `${id} does not hold: ${why}`);
  const found = (review?.findings ?? []).flatMap(({ about, path, line, what }) =>
    about === null ? [] : [`${about}${path === null ? '' : ` at ${path}${line === null ? '' : `:${line}`}`}: ${what}`],
  );
  const reasons = review?.verdict === 'reject' ? [...broken, ...found] : [];
  return reasons.length > 0 ? reasons : [said?.detail ?? result?.reason ?? ''];
}

function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

function sum(numbers: readonly (number | null)[]): number | null {
  return numbers.includes(null) ? null : numbers.reduce<number>((total, number) => total + (number ?? 0), 0);
}
