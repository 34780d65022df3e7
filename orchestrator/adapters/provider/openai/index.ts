import { Failure, type Spent } from '../../../domain/failure.ts';
import { atMost, type Counts, costUsd, findPrice, type ModelPrice, promptTokens } from '../../../domain/prices.ts';
import { codeOfStatus, serverWords } from '../../../domain/server-said.ts';
import { oneLine } from '../../../domain/untrusted.ts';
import type { Completion, CompletionRequest, Provider, SoFar } from '../../../ports/provider.ts';
import { type Dialect, firstDialect, formOf, otherDialect, questionOf } from './dialect.ts';
import { eventData } from './events.ts';
import { httpOf, notReached, Refused } from './http.ts';
import { listOf } from './models.ts';
import { NOTHING_RECEIVED, type Received, receive, ToldError } from './received.ts';
import { withoutAbsent } from './strict-schema.ts';

/** How long the server may take to say which models it has, in milliseconds. */
const READY_MS = 8_000;
/** Models of a server that are named to somebody who asked for another one. */
const MOST_NAMED = 20;

export interface OpenAiOptions {
  /** Address of the API, `/v1` included. */
  readonly baseUrl: string;
  readonly key: string | null;
  /** By model. */
  readonly prices: Readonly<Record<string, ModelPrice>>;
  /** It runs on a machine of one's own: a model that is on no price list costs nothing. */
  readonly local: boolean;
}

/**
 * A server that speaks OpenAI's chat protocol: OpenAI, vLLM, llama.cpp, LM Studio and others. A reply is streamed and put together here; the
 * deadline is total; nothing is retried but a way of asking that the server refuses, before anything is spent. What it refused is remembered.
 */
export function openaiProvider({ baseUrl, key, prices, local }: OpenAiOptions): Provider {
  const http = httpOf(baseUrl, key);
  const dialects = new Map<string, Dialect>();
  let models: ReturnType<typeof list> | null = null;

  async function list() {
    try {
      return listOf(await http.get('/models', AbortSignal.timeout(READY_MS)));
    } catch (error) {
      if (error instanceof Refused && error.failure.code === 'model_unavailable' && error.status === 404) return null;
      throw error instanceof Refused ? error.failure : notReached(error, baseUrl, key);
    }
  }

  function priceOf(model: string): ModelPrice | null {
    return findPrice(prices, model) ?? (local ? { in: 0, out: 0 } : null);
  }

  /** What it used, at the price of whoever answered. */
  function spentOf({ model, counts }: Received, asked: string): Spent {
    return { ...tokensOf(counts), costUsd: costUsd(priceOf(model ?? asked), counts) };
  }

  async function inSomeDialect(request: CompletionRequest, signal: AbortSignal, told: (soFar: SoFar) => void): Promise<Answered> {
    for (;;) {
      const dialect = dialects.get(request.model) ?? firstDialect(baseUrl);
      try {
        return { dialect, received: await stream(request, dialect, signal, told) };
      } catch (error) {
        const other = error instanceof Refused && [400, 422].includes(error.status) ? otherDialect(dialect, error.words) : null;
        if (other === null || (error instanceof Refused && error.failure.code !== 'model_request_invalid')) throw error;
        dialects.set(request.model, other);
      }
    }
  }

  async function stream(
    request: CompletionRequest,
    dialect: Dialect,
    signal: AbortSignal,
    told: (soFar: SoFar) => void,
  ): Promise<Received> {
    const body = await http.stream('/chat/completions', questionOf(request, dialect), signal);
    let received = NOTHING_RECEIVED;
    try {
      for await (const data of eventData(body)) {
        const before = charsOf(received);
        received = receive(received, data);
        if (charsOf(received) > before) told({ outTokens: Math.ceil(charsOf(received) / 4) });
      }
    } catch (error) {
      throw new CutOff(received, error);
    }
    // Some hang up without `[DONE]`; whoever said why the reply ends has sent all of it.
    if (received.finish === null) throw new CutOff(received, new Error('the reply ended without saying that it was whole'));
    return received;
  }

  function failureOf(error: unknown, spent: Spent | null): Failure {
    if (error instanceof Failure) return new Failure(error.code, error.detail, { cause: error, spent: error.spent ?? spent });
    if (error instanceof Refused) return error.failure;
    if (error instanceof ToldError) {
      const words = serverWords(`${error.kind === null ? '' : `${error.kind}: `}${error.message}`, key);
      const code = error.status === null ? 'model_unavailable' : codeOfStatus({ status: error.status, words, kind: error.kind });
      return new Failure(code, `${baseUrl} broke off its reply: ${words}`, { cause: error, spent });
    }
    const { code, detail, spent: none } = notReached(error, baseUrl, key);
    return new Failure(code, detail, { cause: error, spent: none ?? spent });
  }

  return {
    name: 'openai',
    local,

    price(model) {
      const price = priceOf(model);
      return price === null ? null : atMost(price);
    },

    async contextTokens(model) {
      models ??= list();
      // It may answer all the same: whether it can be asked was looked at before.
      const listed = await models.catch(() => null);
      return listed?.find(({ id }) => isNamed(id, model))?.contextTokens ?? null;
    },

    async ready(wanted) {
      models = list();
      const listed = await models;
      if (listed === null) return;
      const missing = wanted.filter((model) => !listed.some(({ id }) => isNamed(id, model)));
      if (missing.length === 0) return;
      const there = listed.map(({ id }) => id);
      const named = there.slice(0, MOST_NAMED).join(', ') || 'none';
      const more = there.length > MOST_NAMED ? ` and ${there.length - MOST_NAMED} more` : '';
      throw new Failure('model_missing', `${baseUrl} does not have ${missing.join(', ')}; it has ${oneLine(named, 1_000)}${more}`);
    },

    async complete(request, signal, onProgress = () => {}) {
      const started = Date.now();
      const deadline = AbortSignal.timeout(request.deadlineMs);
      const over = new AbortController();
      try {
        const { dialect, received } = await inSomeDialect(request, AbortSignal.any([signal, deadline, over.signal]), onProgress);
        return completionOf({ request, dialect, received, spent: spentOf(received, request.model), ms: Date.now() - started });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const spent = error instanceof CutOff ? spentOf(error.received, request.model) : null;
        if (deadline.aborted)
          throw new Failure('model_timeout', `${request.model} at ${baseUrl} gave no whole reply within ${request.deadlineMs / 1000} s`, {
            spent,
          });
        throw failureOf(error instanceof CutOff ? error.cause : error, spent);
      } finally {
        over.abort();
      }
    },
  };
}

interface Answered {
  readonly dialect: Dialect;
  readonly received: Received;
}

/** A reply that broke off, with what had come of it. */
class CutOff extends Error {
  readonly received: Received;

  constructor(received: Received, cause: unknown) {
    super('cut off', { cause });
    this.received = received;
  }
}

/** The reply as the line wants it; throws what its end says. */
function completionOf(done: { request: CompletionRequest; dialect: Dialect; received: Received; spent: Spent; ms: number }): Completion {
  const { request, dialect, received, spent, ms } = done;
  const { model, maxOutputTokens, schema } = request;
  if (received.declined !== null) throw new Failure('model_declined', `${model}: ${oneLine(received.declined, 500)}`, { spent });
  if (received.finish === 'length')
    throw new Failure(
      'model_truncated',
      `${model} stopped at ${maxOutputTokens} tokens of output, or at the end of its context, before its reply was whole`,
      { spent },
    );
  if (received.finish === 'content_filter')
    throw new Failure('model_declined', `${model}: the server's filter took the reply out`, { spent });
  const text = formOf(dialect, schema) === 'strict' ? withoutAbsent(received.text, schema) : received.text;
  return { text, servedBy: `openai/${nameOf(received.model) ?? model}`, ...spent, estimated: false, ms, replayed: null };
}

function tokensOf(counts: Counts | null): Pick<Spent, 'tokensIn' | 'tokensOut'> {
  return counts === null ? { tokensIn: null, tokensOut: null } : { tokensIn: promptTokens(counts), tokensOut: counts.out };
}

/** Ollama, which speaks this protocol too, lists a model with its tag. */
function isNamed(id: string, model: string): boolean {
  return id === model || id === `${model}:latest`;
}

function charsOf({ text, thoughtChars }: Received): number {
  return text.length + thoughtChars;
}

/** A model's name as a server says it, of a file only its own name; null where that is no name. */
function nameOf(model: string | null): string | null {
  const name = model?.startsWith('/') ? model.slice(model.lastIndexOf('/') + 1) : model;
  return name && /^[^\s/\p{C}][^\s\p{C}]{0,199}$/u.test(name) ? name : null;
}
