import { z } from 'zod';
import type { Json } from '../json.ts';

/**
 * The JSON schema of a turn, for providers that constrain decoding by it. It says less than zod, which judges every reply afterwards:
 * only what grammar builders are known to take. Everything is inlined, objects are closed, and the same schema gives the same text.
 *
 * - any JSON value is a list of types: `{}` is read as "an object" by Ollama's grammar;
 * - a pattern stays only when it is anchored at both ends and holds no `.`, which would let a quotation mark through and break the JSON;
 * - a string's bound of 2,000 and more goes: as a repetition that long a grammar refuses it;
 * - what repeats zod's own limits for safe integers, names keys, or explains, goes.
 */
export function turnJsonSchema(schema: z.ZodType): Json {
  const converted = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline', cycles: 'throw' });
  return simplify(converted as Json);
}

const ANY: Json = { type: ['string', 'number', 'boolean', 'null', 'array', 'object'] };
const LONGEST_REPETITION = 1999;
const DROPPED = new Set(['$schema', 'propertyNames', 'format', 'description', 'title', 'default']);

function simplify(node: Json): Json {
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return node;
  if (Object.keys(node).filter((key) => !DROPPED.has(key)).length === 0) return ANY;
  const out: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(node)) {
    if (DROPPED.has(key) || !isUseful(key, value)) continue;
    if (key === 'properties' && isObject(value))
      out[key] = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, simplify(item)]));
    else if (key === 'oneOf' || key === 'anyOf') out.anyOf = (value as Json[]).map(simplify);
    else if (key === 'items' || key === 'additionalProperties') out[key] = simplify(value);
    else out[key] = value;
  }
  return out;
}

function isUseful(key: string, value: Json): boolean {
  if (key === 'pattern') return typeof value === 'string' && /^\^.*\$$/.test(value) && !/(?<!\\)\./.test(value);
  if (key === 'maxLength') return typeof value === 'number' && value <= LONGEST_REPETITION;
  if (key === 'minimum' || key === 'maximum') return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  return true;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
