import type { Json } from '../../json.ts';
import type { Expression } from '../python/layout.ts';
import { numberLiteral, stringLiteral } from '../python/literal.ts';
import { pythonName } from '../python/names.ts';
import { parseTemplate, soleName, type TemplatePart } from '../template.ts';

/** A `$name` of an example as a Python variable. */
export interface Variable {
  readonly name: string;
  /** Its annotation; `Any` for what was saved from an answer. */
  readonly type: string;
}

/** The variables of one function, by the name they have in the Spec. */
export type Scope = ReadonlyMap<string, Variable>;

/** A scope with the given names, none of them like another or like anything in `taken`. */
export function scopeOf(names: readonly { readonly name: string; readonly type: string }[], taken: Iterable<string>): Scope {
  const used = new Set(taken);
  const scope = new Map<string, Variable>();
  for (const { name, type } of names) {
    if (scope.has(name)) continue;
    const variable = { name: pythonName(name, used), type };
    used.add(variable.name);
    scope.set(name, variable);
  }
  return scope;
}

/** A JSON value as a Python expression, its `$names` as variables. */
export function valueExpression(value: Json, scope: Scope): Expression {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberLiteral(value);
  if (typeof value === 'string') return textOf(value, scope);
  if (Array.isArray(value)) return { open: '[', items: value.map((item) => valueExpression(item, scope)), close: ']' };
  return dictOf(Object.entries(value).map(([key, item]) => [key, valueExpression(item, scope)]));
}

/** A dict from key to expression. */
export function dictOf(entries: readonly (readonly [string, Expression])[]): Expression {
  return { open: '{', items: entries.map(([key, value]) => ({ before: `${stringLiteral(key)}: `, value })), close: '}' };
}

/** The same for a value that must become a `str`. */
export function stringExpression(text: string, scope: Scope): Expression {
  const sole = soleName(text);
  const variable = sole === null ? undefined : scope.get(sole);
  if (variable === undefined) return textOf(text, scope);
  return variable.type === 'str' ? variable.name : `str(${variable.name})`;
}

function textOf(text: string, scope: Scope): Expression {
  const parts = parseTemplate(text).map(
    (part): TemplatePart => (typeof part === 'string' ? part : { name: variableOf(part.name, scope).name }),
  );
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'object') return only.name;
  return { parts };
}

export function variableOf(name: string, scope: Scope): Variable {
  const variable = scope.get(name);
  if (variable === undefined) throw new Error(`nothing defines $${name}`);
  return variable;
}
