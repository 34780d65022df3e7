import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import type { Json } from '../../../domain/json.ts';
import { type Counts, countOf } from '../../../domain/prices.ts';
import { oneLine } from '../../../domain/untrusted.ts';

/** What has come of a reply. */
export interface Received {
  readonly model: string | null;
  readonly text: string;
  /** How much it thought aloud, in characters: it is paid for, and no part of the reply. */
  readonly thoughtChars: number;
  readonly declined: string | null;
  readonly finish: string | null;
  /** null: nothing was said, or nothing that can be. */
  readonly counts: Counts | null;
}

export const NOTHING_RECEIVED: Received = { model: null, text: '', thoughtChars: 0, declined: null, finish: null, counts: null };

const text = z.string().nullish();
const partSchema = z.object({
  model: text,
  choices: z
    .array(
      z.object({
        delta: z.object({ content: text, refusal: text, reasoning: text, reasoning_content: text }).nullish(),
        finish_reason: text,
      }),
    )
    .nullish(),
  usage: z
    .object({
      prompt_tokens: z.unknown(),
      completion_tokens: z.unknown(),
      prompt_tokens_details: z.object({ cached_tokens: z.unknown(), cache_write_tokens: z.unknown() }).partial().nullish(),
    })
    .partial()
    .nullish(),
});

/** An error that a server tells in the middle of a stream. */
export class ToldError extends Error {
  readonly kind: string | null;
  readonly status: number | null;

  constructor(error: unknown) {
    const { message, type, code } = (typeof error === 'object' && error !== null ? error : { message: error }) as Record<string, unknown>;
    super(String(message ?? JSON.stringify(error)));
    this.kind = ([code, type].find((one) => typeof one === 'string') as string | undefined) ?? null;
    this.status = typeof code === 'number' && code >= 400 && code < 600 ? code : null;
  }
}

/** What has come, with the data of one more event. Throws ToldError, and model_unavailable for what is no part of a reply. */
export function receive(so: Received, data: string): Received {
  const value = parse(data);
  if (typeof value === 'object' && value !== null && 'error' in value && value.error !== null) throw new ToldError(value.error);
  const part = partSchema.safeParse(value);
  if (!part.success) throw notAPart(data);
  const { model, choices, usage } = part.data;
  const [choice] = choices ?? [];
  const { content, refusal, reasoning, reasoning_content } = choice?.delta ?? {};
  return {
    model: so.model ?? model ?? null,
    text: so.text + (content ?? ''),
    thoughtChars: so.thoughtChars + (reasoning ?? reasoning_content ?? '').length,
    declined: refusal ? (so.declined ?? '') + refusal : so.declined,
    finish: choice?.finish_reason ?? so.finish,
    counts: usage === null || usage === undefined ? so.counts : countsOf(usage),
  };
}

/** The prompt's count holds what came from the cache; each token is to be counted once. */
function countsOf(usage: z.infer<typeof partSchema>['usage'] & object): Counts | null {
  const [prompt, out] = [countOf(usage.prompt_tokens), countOf(usage.completion_tokens)];
  const { cached_tokens = 0, cache_write_tokens = 0 } = usage.prompt_tokens_details ?? {};
  const [cacheRead, cacheWrite] = [countOf(cached_tokens ?? 0), countOf(cache_write_tokens ?? 0)];
  if (prompt === null || out === null || cacheRead === null || cacheWrite === null || cacheRead + cacheWrite > prompt) return null;
  return { fresh: prompt - cacheRead - cacheWrite, cacheRead, cacheWrite, out };
}

function parse(data: string): Json {
  try {
    return JSON.parse(data) as Json;
  } catch {
    throw notAPart(data);
  }
}

function notAPart(data: string): Failure {
  return new Failure('model_unavailable', `a part of the reply is none: ${oneLine(data, 200)}`);
}
