import type { Json } from '../../../domain/json.ts';

/** Bounds that a strict schema must not have. */
const NOT_TAKEN = new Set(['minLength', 'maxLength']);

/**
 * A schema in the form that OpenAI holds a reply to while it is decoded: every property required, the optional ones null where there is
 * nothing to say. null where it cannot be said so: free keys, or a value of any kind.
 */
export function strictSchema(schema: Json): Json | null {
  return isRecord(schema) && schema.type === 'object' && !isOpen(schema) ? strict(schema) : null;
}

/** A reply to such a schema as one to the schema itself: a null that stands for nothing to say is left out. */
export function withoutAbsent(text: string, schema: Json): string {
  try {
    const absent = onlyOptional(schema);
    return JSON.stringify(JSON.parse(text), (_, value: unknown) => (isObject(value) ? leftOut(value, absent) : value));
  } catch {
    // No JSON: the host tells what is wrong with it.
    return text;
  }
}

function strict(node: Json): Json {
  if (Array.isArray(node)) return node.map(strict);
  if (!isRecord(node)) return node;
  const kept = Object.entries(node).filter(([key]) => !NOT_TAKEN.has(key));
  const out = Object.fromEntries(kept.map(([key, value]) => [key, ['items', 'anyOf'].includes(key) ? strict(value) : value]));
  if (!isRecord(node.properties)) return out;
  const required = requiredOf(node);
  const properties = Object.fromEntries(
    Object.entries(node.properties).map(([name, value]) => [
      name,
      required.includes(name) ? strict(value) : { anyOf: [strict(value), { type: 'null' }] },
    ]),
  );
  return { ...out, properties, required: Object.keys(properties) };
}

function isOpen(node: Json): boolean {
  if (Array.isArray(node)) return node.some(isOpen);
  if (!isRecord(node)) return false;
  if (Array.isArray(node.type) && node.type.includes('object')) return true;
  if (node.type === 'object' && node.additionalProperties !== false) return true;
  const properties = isRecord(node.properties) ? Object.values(node.properties) : [];
  return [...properties, node.items ?? null, node.anyOf ?? null].some(isOpen);
}

/** Names that are optional somewhere and may be null nowhere. */
function onlyOptional(schema: Json): ReadonlySet<string> {
  const optional = new Set<string>();
  const nullable = new Set<string>();
  function look(node: Json): void {
    if (Array.isArray(node)) {
      for (const item of node) look(item);
      return;
    }
    if (!isRecord(node)) return;
    for (const [name, value] of Object.entries(isRecord(node.properties) ? node.properties : {})) {
      if (!requiredOf(node).includes(name)) optional.add(name);
      if (mayBeNull(value)) nullable.add(name);
      look(value);
    }
    look(node.items ?? null);
    look(node.anyOf ?? null);
  }
  look(schema);
  return new Set([...optional].filter((name) => !nullable.has(name)));
}

function mayBeNull(node: Json): boolean {
  if (!isRecord(node)) return false;
  const { type, anyOf } = node;
  return type === 'null' || (Array.isArray(type) && type.includes('null')) || (Array.isArray(anyOf) && anyOf.some(mayBeNull));
}

function requiredOf(node: { [key: string]: Json }): readonly Json[] {
  return Array.isArray(node.required) ? node.required : [];
}

function leftOut(value: object, absent: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(value).filter(([name, item]) => item !== null || !absent.has(name)));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
