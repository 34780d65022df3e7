import type { Json } from '../../../domain/json.ts';

interface Shared {
  /** Name by the text of the part. */
  readonly names: Map<string, string>;
  readonly parts: Record<string, Json>;
}

/**
 * The same schema with every object and choice in it told once, under `$defs`. Ollama turns a schema into a grammar whose rules are named by
 * the path to them and cuts that grammar at 32 kB without a word: the model's process then dies on the broken rest (seen with 0.17.4). With
 * short names and nothing told twice the largest of the factory's schemas stays far below.
 */
export function shareSchema(schema: Json): Json {
  const shared: Shared = { names: new Map(), parts: {} };
  const root = shareInside(schema, shared);
  return isRecord(root) && Object.keys(shared.parts).length > 0 ? { ...root, $defs: shared.parts } : root;
}

/** The children of a schema, each replaced by a reference where it is an object or a choice. */
function shareInside(value: Json, shared: Shared): Json {
  if (Array.isArray(value)) return value.map((item) => share(item, shared));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, childrenOf(key, item, shared)]));
}

/** Only what stands where a schema stands is one: names of properties and constants are left as they are. */
function childrenOf(key: string, value: Json, shared: Shared): Json {
  if (key === 'properties' && isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, share(item, shared)]));
  if (key === 'items' || key === 'additionalProperties') return share(value, shared);
  if ((key === 'anyOf' || key === 'oneOf' || key === 'allOf') && Array.isArray(value)) return value.map((item) => share(item, shared));
  return value;
}

function share(value: Json, shared: Shared): Json {
  const inside = isRecord(value) ? shareInside(value, shared) : value;
  if (!isRecord(inside) || !(isRecord(inside.properties) || inside.anyOf || inside.oneOf || inside.items)) return inside;
  const text = JSON.stringify(inside);
  let name = shared.names.get(text);
  if (name === undefined) {
    name = `d${shared.names.size}`;
    shared.names.set(text, name);
    shared.parts[name] = inside;
  }
  return { $ref: `#/$defs/${name}` };
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
