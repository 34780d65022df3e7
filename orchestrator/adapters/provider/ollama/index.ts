import { Ollama } from 'ollama';
import { Agent, fetch as undiciFetch } from 'undici';
import { Failure } from '../../../domain/failure.ts';
import type { Completion, CompletionRequest, Provider } from '../../../ports/provider.ts';
import { failureOf } from './errors.ts';
import { shareSchema } from './share-schema.ts';

/** How long the server may take to say which models it has. */
const READY_MS = 5_000;

/**
 * An Ollama server. Replies are streamed and put together here; the deadline is total. A server that says it is a relay (its models have the
 * family `relay`) is named so in `servedBy`, and its counts are marked as estimates: they are never shown under a real model's name.
 */
export function ollamaProvider(options: { readonly host: string }): Provider {
  // A model may think for minutes before its first byte; the deadline is ours, not the HTTP client's.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 });
  let relayed: Promise<ReadonlySet<string>> | null = null;

  /** A client whose every request is bound to one signal: ollama-js itself cannot cancel one. */
  function client(signal: AbortSignal): Ollama {
    const bound = async (input: unknown, init?: object) =>
      readable(await undiciFetch(input as string, { ...(init ?? {}), signal, dispatcher } as never));
    return new Ollama({ host: options.host, fetch: bound as unknown as typeof fetch });
  }

  async function models(): Promise<{ name: string; relayed: boolean }[]> {
    try {
      const { models: listed } = await client(AbortSignal.timeout(READY_MS)).list();
      return listed.map(({ name, details }) => ({ name, relayed: details?.family === 'relay' }));
    } catch (error) {
      throw failureOf(error, options.host, 'model_unavailable');
    }
  }

  const relayedModels = () => {
    relayed ??= models().then((all) => new Set(all.filter((model) => model.relayed).map(({ name }) => name)));
    return relayed;
  };

  return {
    name: 'ollama',

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

    async complete(request, signal) {
      const isRelay = (await relayedModels()).has(request.model);
      const started = Date.now();
      const deadline = AbortSignal.timeout(request.deadlineMs);
      try {
        return await chat(client(AbortSignal.any([signal, deadline])), request, isRelay, started);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (deadline.aborted)
          throw new Failure(
            'model_timeout',
            `${request.model} at ${options.host} gave no whole reply within ${request.deadlineMs / 1000} s`,
          );
        throw error instanceof Failure ? error : failureOf(error, options.host, 'model_unavailable');
      }
    },
  };
}

/** An error answer in the one form that ollama-js reads quietly: it prints to stdout when an error's body is not JSON. */
async function readable(response: Awaited<ReturnType<typeof undiciFetch>>): Promise<Response> {
  if (response.ok) return response as unknown as Response;
  const text = await response.text();
  let error = text.slice(0, 2_000) || response.statusText;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'error' in body) error = String(body.error);
  } catch {
    // Not JSON: the text itself is the error.
  }
  return new Response(JSON.stringify({ error }), { status: response.status, headers: { 'content-type': 'application/json' } });
}

async function chat(ollama: Ollama, request: CompletionRequest, isRelay: boolean, started: number): Promise<Completion> {
  const { model, contextTokens, maxOutputTokens } = request;
  const stream = await ollama.chat({
    model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    format: shareSchema(request.schema) as object,
    options: { temperature: request.temperature, num_ctx: contextTokens, num_predict: maxOutputTokens },
  });
  let text = '';
  for await (const part of stream) {
    text += part.message?.content ?? '';
    if (!part.done) continue;
    const tokensIn = part.prompt_eval_count ?? null;
    if (part.done_reason === 'length')
      throw new Failure('model_truncated', `${model} stopped at ${maxOutputTokens} tokens of output before its reply was whole`);
    if (tokensIn !== null && tokensIn >= contextTokens)
      throw new Failure('model_truncated', `the prompt of ${tokensIn} tokens does not fit ${model}'s context of ${contextTokens}`);
    return {
      text,
      servedBy: isRelay ? `relay/${model}` : `ollama/${model}`,
      tokensIn,
      tokensOut: part.eval_count ?? null,
      estimated: isRelay,
      costUsd: 0,
      ms: Date.now() - started,
      replayed: null,
    };
  }
  throw new Failure('model_unavailable', `${model} ended its stream without saying that it was done`);
}
