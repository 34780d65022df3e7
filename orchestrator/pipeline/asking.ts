import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Amount } from '../domain/budget.ts';
import type { Failure } from '../domain/failure.ts';
import { tokensOf } from '../domain/forecast.ts';
import type { Json } from '../domain/json.ts';
import { canHop } from '../domain/model-failures.ts';
import type { ModelStage } from '../domain/stage.ts';
import type { Transcript } from '../domain/transcript.ts';
import type { Progress } from '../ports/progress.ts';
import type { Completion } from '../ports/provider.ts';
import type { Records } from '../ports/records.ts';
import type { Trace } from '../ports/trace.ts';
import { type Budget, openBudget } from './budget.ts';
import { allFailed, askChain, type Clock, type FailedCall, type ModelChoice, nameOf, type Said } from './chain.ts';
import { failedCallEvent, failedCallText } from './chain-words.ts';

/** Which model a stage asks, and how, and who is asked where it cannot answer. Fixed by the host for the whole run. */
export interface ModelSettings extends ModelChoice {
  readonly maxTurns: number;
  /** The chain as the settings name it; absent: the model's own name. */
  readonly named?: string;
  /** Who is asked next, in order. */
  readonly others?: readonly ModelChoice[];
}

/** The models of a stage in the order in which they are asked. */
export function chainOf(settings: ModelSettings): readonly ModelChoice[] {
  return [settings, ...(settings.others ?? [])];
}

export interface Question {
  readonly stage: ModelStage;
  readonly attempt: number;
  readonly turn: number;
  readonly messages: Transcript;
  readonly schema: Json;
}

/** Who answers a stage: index in its chain, whether it has answered yet, and what those before it said. */
interface Standing {
  readonly at: number;
  readonly opened: boolean;
  readonly said: readonly Said[];
}

/** What a stage has used so far; unknown stays unknown (null), never 0. */
export interface Usage {
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly costUsd: number | null;
  readonly estimated: boolean;
  readonly completions: number;
  /** Calls that failed: made again, or given to the next model. */
  readonly retries: number;
  /** Milliseconds that the providers took. */
  readonly ms: number;
  readonly servedBy: readonly string[];
  readonly replayed: readonly ('fresh' | 'drifted')[];
}

export const NO_USAGE: Usage = {
  tokensIn: 0,
  tokensOut: 0,
  costUsd: 0,
  estimated: false,
  completions: 0,
  retries: 0,
  ms: 0,
  servedBy: [],
  replayed: [],
};

/** Answers every question of one run, through the provider of its stage; each reply is on disk before anybody acts on it. */
export interface Asking {
  ask(question: Question): Promise<Completion>;
  /**
   * Give the rest of a stage's conversation to the next model of its chain, as this one's replies end in `failure`. null: it is given; else
   * nobody is left, and this is what the stage comes to.
   */
  giveOn(stage: ModelStage, attempt: number, turn: number, failure: Failure): Failure | null;
  settings(stage: ModelStage): ModelSettings;
  /** What one attempt of a stage has used. */
  usage(stage: ModelStage, attempt: number): Usage;
  /** How many attempts of a stage asked anything. */
  attempts(stage: ModelStage): number;
  /** What all attempts of a stage have used. */
  stageTotal(stage: ModelStage): Usage;
  /** What the whole run has used. */
  total(): Usage;
}

/** How often one model is asked for one answer. */
export const TRIES = 3;

/** The process's own clock. */
const CLOCK: Clock = { now: () => performance.now(), sleep: (ms, signal) => wait(ms, undefined, { signal }) };

export function openAsking(options: {
  readonly models: Readonly<Record<ModelStage, ModelSettings>>;
  readonly records: Records;
  readonly trace: Trace;
  readonly signal: AbortSignal;
  /** Is shown how far the open question has come, and told of calls that fail. */
  readonly progress?: Pick<Progress, 'asking'> & Partial<Pick<Progress, 'note'>>;
  /** Nothing is limited without one. */
  readonly budget?: Budget;
  readonly tries?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}): Asking {
  const { models, records, trace, signal, progress, tries = TRIES, clock = CLOCK, random = Math.random } = options;
  const budget = options.budget ?? openBudget({ budgets: { run: {}, stage: {} }, now: clock.now });
  const used = new Map<string, Usage>();
  const lengths = new Map<ModelStage, number>();
  /** Who answers each stage now: a model that could not is not asked again in this run. */
  const standings = new Map<ModelStage, Standing>();

  async function ask(question: Question): Promise<Completion> {
    signal.throwIfAborted();
    const { stage, attempt, turn, messages } = question;
    const standing = standings.get(stage) ?? { at: 0, opened: false, said: [] };
    const chars = messages.reduce((sum, { content }) => sum + content.length, 0);
    const open = { stage, turn, promptTokens: tokensOf(chars), outTokens: 0 };
    const said = [...standing.said];
    const served = await askChain(
      {
        chain: chainOf(models[stage]),
        from: standing.at,
        request: { ...question, hash: requestHash(question) },
        opening: turn === 1 || !standing.opened,
        tries,
        budget,
        clock,
        random,
        signal,
        onFailed(failed) {
          if (failed.what === 'hop') said.push({ model: failed.model, failure: failed.failure });
          count(stage, attempt, failed);
          tell(stage, attempt, turn, failed);
        },
        onOpen: () => progress?.asking?.(open),
        onProgress: ({ outTokens }) => progress?.asking?.({ ...open, outTokens }),
        onClosed: () => progress?.asking?.(null),
      },
      standing.said,
    );
    standings.set(stage, { at: served.at, opened: true, said });
    const { completion } = served;
    const key = keyOf(stage, attempt);
    used.set(key, add(used.get(key) ?? NO_USAGE, completion));
    record(question, completion, served);
    return completion;
  }

  function giveOn(stage: ModelStage, attempt: number, turn: number, failure: Failure): Failure | null {
    const chain = chainOf(models[stage]);
    const { at, said } = standings.get(stage) ?? { at: 0, said: [] };
    const [from, to] = [chain[at], chain[at + 1]];
    if (from === undefined || !canHop(failure.code)) return failure;
    const all = [...said, { model: nameOf(from), failure }];
    if (to === undefined) return allFailed(all);
    standings.set(stage, { at: at + 1, opened: false, said: all });
    const none = { tried: 0, tries, waitMs: 0, used: null, charged: null };
    tell(stage, attempt, turn, { what: 'hop', model: nameOf(from), to: nameOf(to), failure, ...none });
    return null;
  }

  /** A call that failed may have cost something, which is the stage's. */
  function count(stage: ModelStage, attempt: number, { used: spent, what }: FailedCall): void {
    const key = keyOf(stage, attempt);
    const failed = { ...NO_USAGE, ...(spent ?? {}), retries: what === 'gave_up' ? 0 : 1 };
    used.set(key, sum(used.get(key) ?? NO_USAGE, failed));
  }

  function tell(stage: ModelStage, attempt: number, turn: number, failed: FailedCall): void {
    trace.write({ type: failed.what, stage, attempt, data: { turn, ...failedCallEvent(failed) } });
    if (failed.what !== 'gave_up') progress?.note?.(`${stage}: ${failedCallText(failed)}`);
  }

  /** Written and flushed before the reply goes to a container: a crash never loses a completion that was paid for. */
  function record(question: Question, completion: Completion, served: { readonly at: number; readonly charged: Amount }): void {
    const { stage, attempt, turn, messages } = question;
    const known = lengths.get(stage) ?? 0;
    lengths.set(stage, messages.length + 1);
    records.writeJson(`evidence/recording/${stage}-${attempt}-${turn}.json`, {
      stage,
      attempt,
      turn,
      model: chainOf(models[stage])[served.at]?.model ?? models[stage].model,
      request_sha256: requestHash(question),
      served_by: completion.servedBy,
      tokens_in: completion.tokensIn,
      tokens_out: completion.tokensOut,
      estimated: completion.estimated,
      cost_usd: completion.costUsd,
      ms: completion.ms,
      earlier_messages: Math.min(known, messages.length),
      added: messages.slice(known),
      reply: completion.text,
    });
    trace.write({
      type: 'turn',
      stage,
      attempt,
      data: {
        turn,
        served_by: completion.servedBy,
        tokens_in: completion.tokensIn,
        tokens_out: completion.tokensOut,
        cost_usd: completion.costUsd,
        ms: completion.ms,
        replayed: completion.replayed,
        charged: { ...served.charged },
      },
    });
    if (completion.replayed === 'drifted') trace.write({ type: 'drift', stage, attempt, data: { turn } });
  }

  return {
    ask,
    giveOn,
    settings: (stage) => models[stage],
    usage: (stage, attempt) => used.get(keyOf(stage, attempt)) ?? NO_USAGE,
    attempts: (stage) => [...used.keys()].filter((key) => key.startsWith(`${stage} `)).length,
    stageTotal: (stage) =>
      [...used]
        .filter(([key]) => key.startsWith(`${stage} `))
        .map(([, usage]) => usage)
        .reduce(sum, NO_USAGE),
    total: () => [...used.values()].reduce(sum, NO_USAGE),
  };
}

/** null, or how the recording fitted that replies were taken from. */
export function howReplayed({ replayed }: Usage): 'fresh' | 'drifted' | null {
  return replayed.length === 0 ? null : replayed.includes('drifted') ? 'drifted' : 'fresh';
}

/** What a reply answered: the same conversation and the same form give the same hash. */
export function requestHash(question: Pick<Question, 'messages' | 'schema'>): string {
  return createHash('sha256')
    .update(JSON.stringify([question.messages, question.schema]))
    .digest('hex');
}

const keyOf = (stage: ModelStage, attempt: number) => `${stage} ${attempt}`;

function add(usage: Usage, completion: Completion): Usage {
  return sum(usage, {
    tokensIn: completion.tokensIn,
    tokensOut: completion.tokensOut,
    costUsd: completion.costUsd,
    estimated: completion.estimated,
    completions: 1,
    retries: 0,
    ms: completion.ms,
    servedBy: [completion.servedBy],
    replayed: completion.replayed === null ? [] : [completion.replayed],
  });
}

function sum(a: Usage, b: Usage): Usage {
  return {
    tokensIn: plus(a.tokensIn, b.tokensIn),
    tokensOut: plus(a.tokensOut, b.tokensOut),
    costUsd: plus(a.costUsd, b.costUsd),
    estimated: a.estimated || b.estimated,
    completions: a.completions + b.completions,
    retries: a.retries + b.retries,
    ms: a.ms + b.ms,
    servedBy: [...new Set([...a.servedBy, ...b.servedBy])],
    replayed: [...a.replayed, ...b.replayed],
  };
}

/** Unknown plus anything is unknown. */
function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
