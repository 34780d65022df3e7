import { Failure } from '../domain/failure.ts';
import { type Intervention, MAX_WORDS } from '../domain/order-file.ts';
import { askedAgain, type ReplyAddress, wayOn } from '../domain/ways-on.ts';
import { answeredRequest } from './answers.ts';
import type { RecordedRun } from './recorded-run.ts';

/** How a run goes on from a recorded one. */
export interface GoingOn {
  readonly request: string;
  readonly reworkBudget: number;
  readonly interventions: readonly Intervention[];
  /** Recorded replies that are asked for again. */
  readonly again: (reply: ReplyAddress) => boolean;
}

/** What a person said with `--resume`. */
export interface Said {
  /** Of `--rework`; null without it. */
  readonly words: string | null;
  /** Of `--answer`, as written. */
  readonly answers: readonly string[];
  /** Reworks as set for this run, and whether that was on the command line. */
  readonly reworks: number;
  readonly reworksGiven: boolean;
}

/** Throws usage where nothing could come of it, with what to do instead. */
export function goOn(recorded: RecordedRun, said: Said): GoingOn {
  const { run, request, order, result, refusal } = recorded;
  const code = result?.code ?? null;
  refuseInVain(recorded, said);
  const answered = refusal === null || code !== 'spec_refused' ? request : answeredRequest(request, refusal.questions, said.answers);
  const before = order?.interventions ?? [];
  const budget = said.reworksGiven || order === null ? said.reworks : order.reworks;
  if (said.words !== null) {
    const words = checkedWords(said.words);
    if (result === null) throw new Failure('usage', `${run} was killed, so there is no end to rework: resume it without --rework`);
    const step = { stage: result.stage ?? '', code: result.code ?? '', words, reworks: said.reworks };
    return { request: answered, reworkBudget: order?.reworks ?? said.reworks, interventions: [...before, step], again: () => false };
  }
  const again = askedAgain(recorded.replies, { code, stage: result?.stage ?? null });
  if (code !== 'budget_reworks') return { request: answered, reworkBudget: budget, interventions: before, again };
  return { request: answered, again, ...grantedAgain(before, order?.reworks ?? result?.reworks ?? 0, said.reworks) };
}

/** What a run came to an end for want of is given once more on top: to the last that a person granted, else to what it began with. */
function grantedAgain(before: readonly Intervention[], began: number, more: number) {
  const last = before.at(-1);
  if (last === undefined) return { reworkBudget: began + more, interventions: before };
  return { reworkBudget: began, interventions: [...before.slice(0, -1), { ...last, reworks: last.reworks + more }] };
}

function refuseInVain({ run, order, result }: RecordedRun, { words, answers }: Said): void {
  const code = result?.code ?? null;
  if (result?.outcome === 'pr')
    throw new Failure('usage', `${run} ended in a PR: to have it otherwise, edit its spec.md and run that with --spec`);
  if (code !== 'spec_refused' && answers.length > 0)
    throw new Failure('usage', `${run} asked no question, so there is nothing to --answer`);
  if (!wayOn(code).resumable)
    throw new Failure('usage', `${run} ended with ${code}, and would again: mend what it names, then run the request anew`);
  if (words === null) return;
  if (code === 'spec_refused') throw new Failure('usage', `${run} asked questions: answer them with --answer Q1="…" instead of --rework`);
  if (order?.spec != null && wayOn(code).words === 'PLAN')
    throw new Failure('usage', `the Spec of ${run} was given by a person: edit the file and run it with --spec instead of --rework`);
  if (code !== null && wayOn(code).words === null)
    throw new Failure('usage', `${run} ended with ${code}, which no words change: resume it without --rework`);
}

function checkedWords(text: string): string {
  const words = text.trim();
  if (words === '') throw new Failure('usage', '--rework needs words: what is to be done differently');
  if (words.length > MAX_WORDS) throw new Failure('usage', `--rework has ${words.length} characters, and at most ${MAX_WORDS} are taken`);
  return words;
}
