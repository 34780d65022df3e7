import { MODEL_STAGES, type ModelStage } from '../../../orchestrator/domain/stage.ts';
import { type ModelSettings, openAsking } from '../../../orchestrator/pipeline/asking.ts';
import type { Budget } from '../../../orchestrator/pipeline/budget.ts';
import type { Clock, ModelChoice } from '../../../orchestrator/pipeline/chain.ts';
import type { Completion, CompletionRequest, Provider } from '../../../orchestrator/ports/provider.ts';

/** What a model does when it is asked: says this, or fails so. */
export type Does = string | Partial<Completion> | Error | ((request: CompletionRequest) => Promise<Completion>);

/** A provider that does these things, one after the other, the last again and again; with what it was asked. */
export function doing(
  name: string,
  does: readonly Does[],
  more: Partial<Provider> = {},
): Provider & { readonly asked: CompletionRequest[] } {
  const asked: CompletionRequest[] = [];
  return {
    name,
    asked,
    price: () => ({ inUsd: 0, outUsd: 0 }),
    ready: async () => {},
    async complete(request) {
      const next = does[Math.min(asked.length, does.length - 1)];
      asked.push(request);
      if (next instanceof Error) throw next;
      if (typeof next === 'function') return next(request);
      const said = typeof next === 'string' ? { text: next } : next;
      return {
        ...{
          text: '{}',
          servedBy: `${name}/${request.model}`,
          tokensIn: 10,
          tokensOut: 5,
          estimated: false,
          costUsd: 0,
          ms: 1,
          replayed: null,
        },
        ...said,
      };
    },
    ...more,
  };
}

export function choice(provider: Provider, more: Partial<ModelChoice> = {}): ModelChoice {
  return { provider, model: 'm', temperature: 0, contextTokens: 32_000, maxOutputTokens: 100, deadlineMs: 60_000, ...more };
}

/** A clock that moves only while somebody sleeps, or is told to. */
export function clock(): Clock & { readonly slept: number[]; pass(ms: number): void } {
  let at = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => at,
    pass(ms) {
      at += ms;
    },
    async sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
      at += ms;
    },
  };
}

/** One run's questions, all stages with this chain; with what the trace and a person were told, and what was recorded. */
export function asking(
  chain: readonly ModelChoice[],
  more: {
    tries?: number;
    budget?: Budget;
    random?: () => number;
    clock?: Clock;
    signal?: AbortSignal;
    of?: Partial<Record<ModelStage, ModelSettings>>;
  } = {},
) {
  const events: { type: string; data: Record<string, unknown> }[] = [];
  const notes: string[] = [];
  const recorded: { path: string; value: Record<string, unknown> }[] = [];
  const [first, ...others] = chain;
  const settings: ModelSettings = { ...(first as ModelChoice), maxTurns: 8, others };
  const each = Object.fromEntries(MODEL_STAGES.map((stage) => [stage, settings])) as Record<ModelStage, ModelSettings>;
  const asking = openAsking({
    models: { ...each, ...more.of },
    records: {
      folder: 'x',
      write() {},
      append() {},
      read: () => null,
      writeJson: (path, value) => void recorded.push({ path, value: value as never }),
    },
    trace: { write: (event: never) => void events.push(event), head: () => '' },
    signal: more.signal ?? new AbortController().signal,
    progress: { note: (text) => void notes.push(text) },
    clock: more.clock ?? clock(),
    random: more.random ?? (() => 0.5),
    ...(more.tries === undefined ? {} : { tries: more.tries }),
    ...(more.budget === undefined ? {} : { budget: more.budget }),
  });
  const ask = (turn = 1, stage: ModelStage = 'BUILD', text = 'The Spec.') =>
    asking.ask({ stage, attempt: 1, turn, messages: [{ role: 'user', content: text }], schema: {} });
  return { ...asking, asking, ask, events, notes, recorded };
}
