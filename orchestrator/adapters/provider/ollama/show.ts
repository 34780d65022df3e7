import { fetch } from 'undici';
import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import { failureOf } from './errors.ts';

/** Bytes of an answer that are read at most: a model's licence and template come with it. */
const MAX_ANSWER = 4 * 1024 * 1024;

const listSchema = z.object({ models: z.array(z.object({ name: z.string(), digest: z.string().optional() })) });
const showSchema = z.object({
  details: z.object({ parameter_size: z.string().optional(), quantization_level: z.string().optional() }).optional(),
  model_info: z.record(z.string(), z.unknown()).optional(),
});

/** A model as its server describes it; null where the server does not say. */
export interface ShownModel {
  /** With its tag: `qwen2.5:3b`. */
  readonly name: string;
  /** First twelve characters of its content's hash. */
  readonly digest: string | null;
  /** `7.6B`. */
  readonly parameters: string | null;
  /** `Q4_K_M`. */
  readonly quantization: string | null;
  /** Tokens that it was made for. */
  readonly contextTokens: number | null;
}

/** Names and digests of all models that the server has. Errors: model_unavailable with the server's words. */
export async function listModels(host: string, signal: AbortSignal): Promise<{ name: string; digest: string | null }[]> {
  const { models } = await ask(host, '/api/tags', null, listSchema, signal);
  return models.map(({ name, digest }) => ({ name, digest: digest?.replace(/^sha256:/, '').slice(0, 12) ?? null }));
}

/** What the server says about one model. Errors: model_missing, model_unavailable. */
export async function showModel(host: string, model: string, signal: AbortSignal): Promise<Omit<ShownModel, 'digest'>> {
  const { details, model_info } = await ask(host, '/api/show', { model }, showSchema, signal);
  return {
    name: model,
    parameters: details?.parameter_size || null,
    quantization: details?.quantization_level || null,
    contextTokens: contextOf(model_info ?? {}),
  };
}

/** The key is named after the model's architecture: `qwen2.context_length`. */
function contextOf(info: Readonly<Record<string, unknown>>): number | null {
  const value = info[`${String(info['general.architecture'])}.context_length`];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

async function ask<T>(host: string, path: string, body: object | null, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
  try {
    const sent = body === null ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${host}${path}`, { ...sent, signal });
    const text = await bounded(response.body);
    if (!response.ok) throw Object.assign(new Error(text.slice(0, 500)), { status_code: response.status });
    const parsed = schema.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Failure('model_unavailable', `${host}${path} did not answer as Ollama does`);
    return parsed.data;
  } catch (error) {
    throw error instanceof Failure ? error : failureOf(error, host, 'model_unavailable');
  }
}

async function bounded(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) throw new Error(`its answer is longer than ${MAX_ANSWER} bytes`);
  }
  return text;
}
