import { Ollama } from 'ollama';
import { Agent, fetch as undiciFetch } from 'undici';
import { Failure } from '../../../domain/failure.ts';
import { countOf } from '../../../domain/prices.ts';
import { retryAfterMs } from '../../../domain/server-said.ts';
import type { Completion, CompletionRequest, Provider, SoFar } from '../../../ports/provider.ts';
import { contextSizes } from './context-size.ts';
import { failureOf, refused } from './errors.ts';
import { shareSchema } from './share-schema.ts';
import { wholeLines } from './whole-lines.ts';

/** How long the server may take to say which models it has. */
const READY_MS = 5_000;
/** A server sends a token a part. No token is this long: a part that is holds many, and they are counted by its length. */
const LONG_PART_CHARS = 100;

/**
 * An Ollama server. Replies are streamed and put together here; the deadline is total. A server that says it is a relay (its models have the
 * family `relay`) is named so in `servedBy`, and its counts are marked as estimates: they are never shown under a real model's name.
 */
export function ollamaProvider(options: { readonly host: string }): Provider {
  // A model may think for minutes before its first byte; the deadline is ours, not the HTTP client's.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 });
  let relayed: ReadonlySet<string> | null = null;

  /** A client whose every request is bound to one signal: ollama-js itself cannot cancel one. */
  function client(signal: AbortSignal): Ollama {
    const bound = async (input: unknown, init?: object) =>
      readable(await undiciFetch(input as string, { ...(init ?? {}), signal, dispatcher } as never));
    return new Ollama({ host: options.host, fetch: bound as unknown as typeof fetch });
  }

  async function models(signals: readonly AbortSignal[] = []): Promise<{ name: string; relayed: boolean }[]> {
    try {
      const { models: listed } = await client(AbortSignal.any([...signals, AbortSignal.timeout(READY_MS)])).list();
      return listed.map(({ name, details }) => ({ name, relayed: details?.family === 'relay' }));
    } catch (error) {
      throw failureOf(error, options.host, 'model_unavailable');
    }
  }

  async function isRelayed(model: string, signals: readonly AbortSignal[]): Promise<boolean> {
    relayed ??= new Set((await models(signals)).filter((one) => one.relayed).map(({ name }) => name));
    return relayed.has(model);
  }

  return {
    name: 'ollama',

    price: () => ({ inUsd: 0, outUsd: 0 }),

    contextTokens: contextSizes(options.host),

    async ready(wanted) {
      const names = (await models()).map(({ name }) => name);
      const missing = wanted.filter((model) => !names.includes(model) && !names.includes(`${model}:latest`));
      if (missing.length > 0) {
        throw new Failure(
          'model_missing',
          `${options.host} does not have ${missing.join(', ')}; it has ${names.join(', ') || 'none'}. Pull: ollama pull ${missing.join(' && ollama pull ')}`,
        );
      }
    },

    async complete(request, signal, onProgress = () => {}) {
      const started = Date.now();
      const deadline = AbortSignal.timeout(request.deadlineMs);
      const over = new AbortController();
      const ends = [signal, deadline, over.signal];
      try {
        const isRelay = await isRelayed(request.model, ends);
        return await chat(client(AbortSignal.any(ends)), request, { isRelay, started, onProgress });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (deadline.aborted)
          throw new Failure(
            'model_timeout',
            `${request.model} at ${options.host} gave no whole reply within ${request.deadlineMs / 1000} s`,
          );
        throw error instanceof Failure ? error : failureOf(error, options.host, 'model_unavailable');
      } finally {
        // A server that goes on after its end, or whose reply is not wanted any more, is hung up on.
        over.abort();
      }
    },
  };
}

/** An answer in the one form that ollama-js reads quietly: it prints what is not JSON, and drops it from a reply. */
async function readable(response: Awaited<ReturnType<typeof undiciFetch>>): Promise<Response> {
  if (response.ok) {
    if (!response.url.endsWith('/api/chat') || response.body === null) return response as unknown as Response;
    return new Response(wholeLines(response.body) as unknown as globalThis.ReadableStream, { status: response.status });
  }
  const text = await response.text();
  let error = text.slice(0, 2_000) || response.statusText;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'error' in body) error = String(body.error);
  } catch {
    // Not JSON: the text itself is the error.
  }
  // Thrown here: ollama-js keeps the status of an answer and forgets its headers.
  throw refused(error, response.status, retryAfterMs(response.headers.get('retry-after'), Date.now()));
}

interface Chat {
  readonly isRelay: boolean;
  readonly started: number;
  readonly onProgress: (soFar: SoFar) => void;
}

async function chat(ollama: Ollama, request: CompletionRequest, { isRelay, started, onProgress }: Chat): Promise<Completion> {
  const { model, contextTokens, maxOutputTokens } = request;
  const stream = await ollama.chat({
    model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    format: shareSchema(request.schema) as object,
    options: { temperature: request.temperature, num_ctx: contextTokens, num_predict: maxOutputTokens },
  });
  let text = '';
  let outTokens = 0;
  for await (const part of stream) {
    text += part.message?.content ?? '';
    const arrived = tokensOf(part.message?.content ?? '') + tokensOf(part.message?.thinking ?? '');
    outTokens += arrived;
    if (arrived > 0) onProgress({ outTokens });
    if (!part.done) continue;
    const [tokensIn, tokensOut] = [countOf(part.prompt_eval_count), countOf(part.eval_count)];
    const spent = { tokensIn, tokensOut, costUsd: 0 };
    if (part.done_reason === 'length')
      throw new Failure('model_truncated', `${model} stopped at ${maxOutputTokens} tokens of output before its reply was whole`, { spent });
    if (tokensIn !== null && tokensIn >= contextTokens)
      throw new Failure('model_truncated', `the prompt of ${tokensIn} tokens does not fit ${model}'s context of ${contextTokens}`, {
        spent,
      });
    return {
      text,
      servedBy: isRelay ? `relay/${model}` : `ollama/${nameOf(part.model) ?? model}`,
      ...spent,
      estimated: isRelay,
      ms: Date.now() - started,
      replayed: null,
    };
  }
  throw new Failure('model_unavailable', `${model} ended its stream without saying that it was done`);
}

/** Who says that he answers; null where that is no name. */
function nameOf(model: unknown): string | null {
  return typeof model === 'string' && /^[^\s\p{C}]{1,200}$/u.test(model) ? model : null;
}

/** How many tokens one part of a reply brought. */
function tokensOf(part: string): number {
  return part === '' ? 0 : part.length > LONG_PART_CHARS ? Math.ceil(part.length / 4) : 1;
}
