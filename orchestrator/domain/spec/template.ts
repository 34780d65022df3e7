import type { Json } from '../json.ts';

/** A piece of a string of an example: text as it is, or the name of a saved or table value. */
export type TemplatePart = string | { readonly name: string };

/** `a$b$$` is text `a`, name `b`, text `$`. `${b}` is the same as `$b`; a `$` before anything that is no name is itself. */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let plain = '';
  let last = 0;
  for (const match of text.matchAll(/\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g)) {
    plain += text.slice(last, match.index);
    last = match.index + match[0].length;
    const name = match[1] ?? match[2];
    if (name === undefined) {
      plain += '$';
      continue;
    }
    if (plain !== '') parts.push(plain);
    plain = '';
    parts.push({ name });
  }
  plain += text.slice(last);
  if (plain !== '' || parts.length === 0) parts.push(plain);
  return parts;
}

/** The name when the whole string is one name: such a string keeps the value's type. */
export function soleName(text: string): string | null {
  const [part, ...more] = parseTemplate(text);
  return more.length === 0 && typeof part === 'object' ? part.name : null;
}

/** The names used in the strings of a JSON value; object keys are never templates. */
export function namesIn(value: Json): string[] {
  if (typeof value === 'string') return parseTemplate(value).flatMap((part) => (typeof part === 'string' ? [] : [part.name]));
  if (value === null || typeof value !== 'object') return [];
  return (Array.isArray(value) ? value : Object.values(value)).flatMap(namesIn);
}

/** The value with each known name replaced, in a form in which equal meanings are equal; other names stay. To compare with, not to go on with. */
export function fillTemplate(value: Json, values: ReadonlyMap<string, Json>): Json {
  if (typeof value === 'string') return fillText(value, values);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => fillTemplate(item, values));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillTemplate(item, values)]));
}

function fillText(text: string, values: ReadonlyMap<string, Json>): Json {
  const sole = soleName(text);
  if (sole !== null) return values.has(sole) ? (values.get(sole) ?? null) : `\${${sole}}`;
  return parseTemplate(text)
    .map((part) => {
      if (typeof part === 'string') return part.replaceAll('$', '$$$$');
      const value = values.get(part.name);
      if (value === undefined) return `\${${part.name}}`;
      return typeof value === 'string' ? value : JSON.stringify(value);
    })
    .join('');
}
