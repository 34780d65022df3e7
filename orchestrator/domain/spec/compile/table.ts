import type { Json } from '../../json.ts';
import { rowsOf } from '../problems.ts';
import type { Expression } from '../python/layout.ts';
import { stringLiteral } from '../python/literal.ts';
import type { Parameter } from './function.ts';
import { type Scope, valueExpression, variableOf } from './scope.ts';
import { typeOf } from './types.ts';

export type Table = Readonly<Record<string, readonly Json[]>>;

/** The columns that the example uses, with their types: one that is not used would be an unused argument. */
export function usedColumns(table: Table, used: ReadonlySet<string>): { readonly name: string; readonly type: string }[] {
  return Object.entries(table)
    .filter(([name]) => used.has(name))
    .map(([name, values]) => ({ name, type: typeOf(values) }));
}

/** `@pytest.mark.parametrize(…)` for the columns, and the parameters it fills; null without columns. */
export function parametrize(
  table: Table,
  columns: readonly { readonly name: string }[],
  scope: Scope,
): { readonly decorator: Expression; readonly parameters: Parameter[] } | null {
  if (columns.length === 0) return null;
  const variables = columns.map(({ name }) => variableOf(name, scope));
  const rows = rowsOf(table).map((row) => columns.map(({ name }) => row.get(name) ?? null));
  const names = variables.map(({ name }) => stringLiteral(name));
  const decorator: Expression = {
    open: '@pytest.mark.parametrize(',
    items: [
      names.length === 1 ? (names[0] ?? '') : { open: '(', items: names, close: ')' },
      { open: '[', items: rows.map(rowOf), close: ']' },
      { before: 'ids=', value: { open: '[', items: rowIds(rows).map(stringLiteral), close: ']' } },
    ],
    close: ')',
  };
  return { decorator, parameters: variables.map(({ name, type }) => ({ name, annotation: type })) };
}

/** No row holds a name (`problemsOfExample` refuses it), so the scope is empty. */
function rowOf(row: readonly Json[]): Expression {
  const values = row.map((value) => valueExpression(value, new Map()));
  return values.length === 1 ? (values[0] ?? 'None') : { open: '(', items: values, close: ')' };
}

/** A short name for each row, made of its values; numbered where two are alike. */
function rowIds(rows: readonly (readonly Json[])[]): string[] {
  const ids: string[] = [];
  for (const row of rows) {
    const id = row.map(wordFor).join('-').slice(0, 48);
    let unique = id;
    for (let n = 2; ids.includes(unique); n++) unique = `${id}-${n}`;
    ids.push(unique);
  }
  return ids;
}

function wordFor(value: Json): string {
  if (value === '') return 'empty';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const word = text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 24);
  return word || 'other';
}
