import { createHash } from 'node:crypto';
import { tokensOf } from '../domain/forecast.ts';
import type { Json } from '../domain/json.ts';
import type { ModelStage } from '../domain/stage.ts';
import type { Transcript } from '../domain/transcript.ts';
import type { Progress } from '../ports/progress.ts';
import type { Completion, Provider } from '../ports/provider.ts';
import type { Records } from '../ports/records.ts';
import type { Trace } from '../ports/trace.ts';
import { assertFits } from './assert-fits.ts';

/** Which model a stage asks, and how. Fixed by the host for the whole run. */
export interface ModelSettings {
  readonly provider: Provider;
  readonly model: string;
  readonly temperature: number;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly maxTurns: number;
  readonly deadlineMs: number;
}

export interface Question {
  readonly stage: ModelStage;
  readonly attempt: number;
  readonly turn: number;
  readonly messages: Transcript;
  readonly schema: Json;
}

/** What a stage has used so far; unknown stays unknown (null), never 0. */
export interface Usage {
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly costUsd: number | null;
  readonly estimated: boolean;
  readonly completions: number;
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
  ms: 0,
  servedBy: [],
  replayed: [],
};

/** Answers every question of one run, through the provider of its stage; each reply is on disk before anybody acts on it. */
export interface Asking {
  ask(question: Question): Promise<Completion>;
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

export function openAsking(options: {
  readonly models: Readonly<Record<ModelStage, ModelSettings>>;
  readonly records: Records;
  readonly trace: Trace;
  readonly signal: AbortSignal;
  /** Is shown how far the open question has come. */
  readonly progress?: Pick<Progress, 'asking'>;
}): Asking {
  const { models, records, trace, signal, progress } = options;
  const used = new Map<string, Usage>();
  const lengths = new Map<ModelStage, number>();

  async function ask(question: Question): Promise<Completion> {
    signal.throwIfAborted();
    const { provider, model, temperature, contextTokens, maxOutputTokens, deadlineMs } = models[question.stage];
    const { stage, turn, messages } = question;
    const chars = messages.reduce((sum, { content }) => sum + content.length, 0);
    if (turn === 1) await assertFits(stage, chars, models[stage]);
    const open = { stage, turn, promptTokens: tokensOf(chars), outTokens: 0 };
    progress?.asking?.(open);
    const completion = await provider
      .complete(
        { ...question, hash: requestHash(question), model, temperature, contextTokens, maxOutputTokens, deadlineMs },
        signal,
        ({ outTokens }) => progress?.asking?.({ ...open, outTokens }),
      )
      .finally(() => progress?.asking?.(null));
    const key = keyOf(question.stage, question.attempt);
    used.set(key, add(used.get(key) ?? NO_USAGE, completion));
    record(question, completion);
    return completion;
  }

  /** Written and flushed before the reply goes to a container: a crash never loses a completion that was paid for. */
  function record(question: Question, completion: Completion): void {
    const { stage, attempt, turn, messages } = question;
    const known = lengths.get(stage) ?? 0;
    lengths.set(stage, messages.length + 1);
    records.writeJson(`evidence/recording/${stage}-${attempt}-${turn}.json`, {
      stage,
      attempt,
      turn,
      model: models[stage].model,
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
      },
    });
    if (completion.replayed === 'drifted') trace.write({ type: 'drift', stage, attempt, data: { turn } });
  }

  return {
    ask,
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
    ms: a.ms + b.ms,
    servedBy: [...new Set([...a.servedBy, ...b.servedBy])],
    replayed: [...a.replayed, ...b.replayed],
  };
}

/** Unknown plus anything is unknown. */
function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
