import Anthropic, { APIError } from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages';
import { Failure, type Spent } from '../../../domain/failure.ts';
import { atMost, costUsd, findPrice, type ModelPrice, promptTokens } from '../../../domain/prices.ts';
import { oneLine } from '../../../domain/untrusted.ts';
import type { Completion, CompletionRequest, Provider, SoFar } from '../../../ports/provider.ts';
import { failureOf, wordsOf } from './errors.ts';
import { type Form, formFields, formWords, isAboutForm, replyOfTool, strictestForm, weakerForm } from './form.ts';
import { countsOf, NOTHING_RECEIVED, type Received, receive } from './received.ts';
import { boundedFetch } from './transport.ts';

/** How long the server may take to describe a model, in milliseconds. */
const READY_MS = 8_000;
/** The client's own limit, which must never be the one that ends a call. */
const NO_LIMIT_MS = 2_147_483_647;

export interface AnthropicOptions {
  readonly baseUrl: string;
  readonly key: string;
  /** By model. */
  readonly prices: Readonly<Record<string, ModelPrice>>;
}

/**
 * Anthropic's API. A reply is streamed and put together here; the deadline is total; nothing is retried but a form of the reply that the API
 * refuses, before anything is spent. The conversation so far is kept in the provider's cache, so that the next turn pays a part of it. There is
 * no temperature on this API.
 */
export function anthropicProvider({ baseUrl, key, prices }: AnthropicOptions): Provider {
  const client = new Anthropic({
    ...{ baseURL: baseUrl, apiKey: key, authToken: null, maxRetries: 0, timeout: NO_LIMIT_MS, logLevel: 'off' },
    fetch: boundedFetch(baseUrl),
  });
  const forms = new Map<string, Form>();
  const described = new Map<string, Promise<number | null>>();

  /** What a model takes at most, by the API's own words. */
  async function retrieve(model: string): Promise<number | null> {
    const { max_input_tokens: most } = await client.models.retrieve(model, {}, { signal: AbortSignal.timeout(READY_MS) });
    return typeof most === 'number' && Number.isSafeInteger(most) && most > 0 ? most : null;
  }

  async function inSomeForm(request: CompletionRequest, signal: AbortSignal, told: (soFar: SoFar) => void): Promise<Answered> {
    const key = `${request.model} ${JSON.stringify(request.schema)}`;
    for (;;) {
      const form = forms.get(key) ?? strictestForm(request.schema);
      try {
        return { form, received: await stream(request, form, signal, told) };
      } catch (error) {
        const weaker = weakerForm(form);
        if (!(error instanceof APIError) || error.status !== 400 || weaker === null || !isAboutForm(wordsOf(error))) throw error;
        forms.set(key, weaker);
      }
    }
  }

  async function stream(request: CompletionRequest, form: Form, signal: AbortSignal, told: (soFar: SoFar) => void): Promise<Received> {
    let received = NOTHING_RECEIVED;
    try {
      for await (const event of await client.messages.create(questionOf(request, form), { signal })) {
        const before = received.text.length + received.input.length;
        received = receive(received, event);
        const chars = received.text.length + received.input.length;
        if (chars > before) told({ outTokens: Math.ceil(chars / 4) });
        if (received.whole) break;
      }
    } catch (error) {
      throw received === NOTHING_RECEIVED ? error : new CutOff(received, error);
    }
    return received;
  }

  /** What it used, at the price of whoever answered. */
  function spentOf(received: Received, asked: string): Spent {
    const counts = countsOf(received);
    const price = findPrice(prices, received.model ?? asked);
    return { tokensIn: counts && promptTokens(counts), tokensOut: counts?.out ?? null, costUsd: costUsd(price, counts) };
  }

  return {
    name: 'anthropic',

    price(model) {
      const price = findPrice(prices, model);
      return price === null ? null : atMost(price);
    },

    contextTokens(model) {
      const asked = described.get(model) ?? retrieve(model).catch(() => null);
      described.set(model, asked);
      return asked;
    },

    async ready(models) {
      for (const model of models) {
        try {
          described.set(model, Promise.resolve(await retrieve(model)));
        } catch (error) {
          throw failureOf(error, { where: baseUrl, key, spent: null });
        }
      }
    },

    async complete(request, signal, onProgress = () => {}) {
      const started = Date.now();
      const deadline = AbortSignal.timeout(request.deadlineMs);
      const over = new AbortController();
      try {
        const { form, received } = await inSomeForm(request, AbortSignal.any([signal, deadline, over.signal]), onProgress);
        // A stream that was aborted ends without an error.
        if (!received.whole) throw new CutOff(received, new Error('the reply ended without saying that it was whole'));
        return completionOf({ request, form, received, spent: spentOf(received, request.model), ms: Date.now() - started });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const spent = error instanceof CutOff ? spentOf(error.received, request.model) : null;
        if (deadline.aborted)
          throw new Failure('model_timeout', `${request.model} at ${baseUrl} gave no whole reply within ${request.deadlineMs / 1000} s`, {
            spent,
          });
        const cause = error instanceof CutOff ? error.cause : error;
        throw causeFailure(cause) ?? failureOf(cause, { where: baseUrl, key, spent });
      } finally {
        over.abort();
      }
    },
  };
}

interface Answered {
  readonly form: Form;
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

/** A failure that was thrown below the client, which wraps what it does not know. */
function causeFailure(error: unknown): Failure | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof Failure) return cause;
  return null;
}

function questionOf(request: CompletionRequest, form: Form): MessageCreateParamsStreaming {
  const words = formWords(form, request.schema);
  const system = [
    ...request.messages.filter(({ role }) => role === 'system').map(({ content }) => content),
    ...(words === null ? [] : [words]),
  ];
  return {
    model: request.model,
    max_tokens: request.maxOutputTokens,
    stream: true,
    cache_control: { type: 'ephemeral' },
    system: system.join('\n\n'),
    messages: request.messages.flatMap(({ role, content }) => (role === 'system' ? [] : [{ role, content }])),
    ...formFields(form, request.schema),
  };
}

/** The reply as the line wants it; throws what its end says. */
function completionOf(done: { request: CompletionRequest; form: Form; received: Received; spent: Spent; ms: number }): Completion {
  const { request, form, received, spent, ms } = done;
  const { model, maxOutputTokens } = request;
  switch (received.stopReason) {
    case 'end_turn':
    case 'stop_sequence':
    case 'tool_use': {
      const text = form === 'tool' ? replyOfTool(received.input || received.text, request.schema) : received.text;
      return { text, servedBy: `anthropic/${nameOf(received.model) ?? model}`, ...spent, estimated: false, ms, replayed: null };
    }
    case 'max_tokens':
      throw new Failure('model_truncated', `${model} stopped at ${maxOutputTokens} tokens of output before its reply was whole`, { spent });
    case 'model_context_window_exceeded':
      throw new Failure('model_truncated', `prompt and reply do not fit ${model}'s context`, { spent });
    case 'refusal':
      throw new Failure('model_declined', `${model}: ${oneLine(received.declined ?? 'it gives no reason', 500)}`, { spent });
    default:
      throw new Failure(
        'model_unavailable',
        `${model} stopped for a reason that is not known: ${oneLine(String(received.stopReason), 100)}`,
        { spent },
      );
  }
}

/** A model's name as a server says it; null where that is no name. */
function nameOf(model: string | null): string | null {
  return model !== null && /^[^\s/\p{C}][^\s\p{C}]{0,199}$/u.test(model) ? model : null;
}
