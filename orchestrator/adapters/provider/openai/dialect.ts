import type { Json } from '../../../domain/json.ts';
import type { Transcript } from '../../../domain/transcript.ts';
import type { CompletionRequest } from '../../../ports/provider.ts';
import { strictSchema } from './strict-schema.ts';

/**
 * How one server wants to be asked: all speak the same protocol, each a little differently. `strict`: a schema in OpenAI's own form. `schema`:
 * any schema, held by a grammar with its bounds (vLLM, llama.cpp, LM Studio). `object`: some JSON object. `words`: told, nothing is held.
 */
export interface Dialect {
  readonly form: 'strict' | 'schema' | 'object' | 'words';
  readonly limit: 'max_completion_tokens' | 'max_tokens';
  readonly temperature: boolean;
  /** Whether it takes the wish to be told the counts at the end of a stream. */
  readonly usage: boolean;
}

/** What a server is taken to speak before it refused anything. */
export function firstDialect(baseUrl: string): Dialect {
  const isOpenAi = new URL(baseUrl).hostname === 'api.openai.com';
  return { form: isOpenAi ? 'strict' : 'schema', limit: isOpenAi ? 'max_completion_tokens' : 'max_tokens', temperature: true, usage: true };
}

/** What to speak after a refusal in these words; null where they are about nothing that could be said otherwise. */
export function otherDialect(dialect: Dialect, words: string): Dialect | null {
  if (dialect.temperature && /temperature/i.test(words)) return { ...dialect, temperature: false };
  if (dialect.limit === 'max_tokens' && /max_completion_tokens/i.test(words)) return { ...dialect, limit: 'max_completion_tokens' };
  if (dialect.limit === 'max_completion_tokens' && /max_completion_tokens/i.test(words)) return { ...dialect, limit: 'max_tokens' };
  if (dialect.usage && /stream_options|include_usage/i.test(words)) return { ...dialect, usage: false };
  if (!/response_format|json_schema|json_object|schema|grammar|structured/i.test(words)) return null;
  const weaker = { strict: 'schema', schema: 'object', object: 'words', words: null } as const;
  const form = weaker[dialect.form];
  return form === null ? null : { ...dialect, form };
}

/** The form that this schema goes in: a strict one has no free keys. */
export function formOf(dialect: Dialect, schema: Json): Dialect['form'] {
  return dialect.form === 'strict' && strictSchema(schema) === null ? 'object' : dialect.form;
}

/** The body of a request. */
export function questionOf(request: CompletionRequest, dialect: Dialect): object {
  const { model, messages, schema, temperature, maxOutputTokens } = request;
  const form = formOf(dialect, schema);
  const told = form === 'object' || form === 'words';
  return {
    model,
    messages: told ? withWords(messages, inWords(schema)) : messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    ...(dialect.usage ? { stream_options: { include_usage: true } } : {}),
    ...(dialect.temperature ? { temperature } : {}),
    [dialect.limit]: maxOutputTokens,
    ...responseFormat(form, schema),
  };
}

/** With more at the end of what stands before the conversation: many chat templates take no other place for it. */
function withWords(messages: Transcript, words: string): Transcript {
  const [first, ...rest] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content: words }, ...messages];
  return [{ role: 'system', content: `${first.content}\n\n${words}` }, ...rest];
}

function responseFormat(form: Dialect['form'], schema: Json): object {
  if (form === 'words') return {};
  if (form === 'object') return { response_format: { type: 'json_object' } };
  const sent = form === 'strict' ? strictSchema(schema) : schema;
  return { response_format: { type: 'json_schema', json_schema: { name: 'reply', strict: true, schema: sent } } };
}

function inWords(schema: Json): string {
  return `Answer with one JSON object that fits this JSON schema, and nothing around it:\n${JSON.stringify(schema)}`;
}
