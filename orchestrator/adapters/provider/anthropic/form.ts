import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type { Json } from '../../../domain/json.ts';

/**
 * How a reply is held to a schema. `format`: while it is decoded; takes closed objects only, and not too many choices. `tool`: as the input of
 * a tool that the model has to call; takes any schema, and is followed well but not held. `words`: told, for a server that knows neither.
 */
export type Form = 'format' | 'tool' | 'words';

/** Bounds of the API for one schema that is held while decoding. */
const MOST_OPTIONAL = 24;
const MOST_UNIONS = 16;

/** The strictest form that the API takes for this schema. */
export function strictestForm(schema: Json): Form {
  const { open, optional, unions } = measure(schema);
  return !open && optional <= MOST_OPTIONAL && unions <= MOST_UNIONS && isRecord(schema) && schema.type === 'object' ? 'format' : 'tool';
}

/** The next form to try after a refusal; null after the last. */
export function weakerForm(form: Form): Form | null {
  return form === 'format' ? 'tool' : form === 'tool' ? 'words' : null;
}

/** Whether a refusal is about how the reply was to be held, and not about the question. */
export function isAboutForm(words: string): boolean {
  return /output_config|output_format|output format|structured output|schema|grammar|tool_choice|tools?\b/i.test(words);
}

export const TOOL = 'reply';

/** What a request says of the reply's form. */
export function formFields(form: Form, schema: Json) {
  if (form === 'format') return { output_config: { format: { type: 'json_schema' as const, schema: held(schema) } } };
  if (form === 'words') return {};
  return {
    tools: [{ name: TOOL, description: 'Give the whole reply.', input_schema: isPlainObject(schema) ? schema : wrapped(schema) }],
    tool_choice: { type: 'tool' as const, name: TOOL, disable_parallel_tool_use: true },
  };
}

/** What is said at the end of the system prompt where the server holds nothing. */
export function formWords(form: Form, schema: Json): string | null {
  return form === 'words'
    ? `Answer with one JSON object that fits this JSON schema, and nothing around it:\n${JSON.stringify(schema)}`
    : null;
}

/** The input of the tool as the reply that was asked for; what cannot be read stays as it is, for the host to refuse. */
export function replyOfTool(text: string, schema: Json): string {
  if (isPlainObject(schema)) return text;
  try {
    const { reply } = JSON.parse(text) as { reply?: unknown };
    if (reply === undefined) return text;
    return typeof reply === 'string' ? reply : JSON.stringify(reply);
  } catch {
    return text;
  }
}

/** A tool's input is one object: a choice at the top is put into one. */
function wrapped(schema: Json) {
  return { type: 'object' as const, properties: { reply: schema }, required: ['reply'], additionalProperties: false };
}

/** Bounds that decoding cannot hold become words of the schema: the model reads them, and zod judges the reply. */
function held(schema: Json): Record<string, unknown> {
  return transformJSONSchema(schema as Parameters<typeof transformJSONSchema>[0]) as Record<string, unknown>;
}

function isPlainObject(schema: Json): schema is { type: 'object'; [key: string]: Json } {
  return isRecord(schema) && schema.type === 'object';
}

interface Measures {
  /** It has an object with free keys, or a value of any kind. */
  readonly open: boolean;
  readonly optional: number;
  readonly unions: number;
}

function measure(node: Json): Measures {
  if (Array.isArray(node)) return node.map(measure).reduce(sum, NONE);
  if (!isRecord(node)) return NONE;
  const { properties, required, items, anyOf, additionalProperties, type } = node;
  const names = isRecord(properties) ? Object.keys(properties) : [];
  const needed = Array.isArray(required) ? required : [];
  const isObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
  const own = {
    open: isObject && additionalProperties !== false,
    optional: names.filter((name) => !needed.includes(name)).length,
    unions: Array.isArray(type) || Array.isArray(anyOf) ? 1 : 0,
  };
  const inside = [...names.map((name) => (properties as Record<string, Json>)[name] ?? null), items ?? null, anyOf ?? null];
  return inside.map(measure).reduce(sum, own);
}

const NONE: Measures = { open: false, optional: 0, unions: 0 };

function sum(a: Measures, b: Measures): Measures {
  return { open: a.open || b.open, optional: a.optional + b.optional, unions: a.unions + b.unions };
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
