import type { Json } from '../../json.ts';

/** The narrowest annotation that holds all values: `str`, `str | int | None`, `list[str]`, `dict[str, object]`. */
export function typeOf(values: readonly Json[]): string {
  const kinds = new Set(values.map(kindOf));
  // A linter calls `int | float` redundant.
  if (kinds.has('float')) kinds.delete('int');
  const lists = values.filter((value) => Array.isArray(value)).flat();
  const names = ORDER.filter((kind) => kinds.has(kind)).map((kind) => {
    if (kind === 'list') return `list[${lists.length === 0 ? 'str' : typeOf(lists)}]`;
    return kind === 'dict' ? 'dict[str, object]' : kind;
  });
  return names.join(' | ');
}

type Kind = 'str' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'None';
const ORDER: readonly Kind[] = ['str', 'int', 'float', 'bool', 'list', 'dict', 'None'];

function kindOf(value: Json): Kind {
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'string') return 'str';
  return typeof value === 'boolean' ? 'bool' : 'dict';
}
