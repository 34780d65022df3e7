import type { Json } from '../../json.ts';
import type { HttpExample } from '../../spec.ts';
import { type Expression, layOut } from '../python/layout.ts';
import { stringLiteral } from '../python/literal.ts';
import { soleName } from '../template.ts';
import { INDENT } from './function.ts';
import { dictOf, type Scope, stringExpression, valueExpression } from './scope.ts';
import { typeOf } from './types.ts';

type Request = HttpExample['when'];

/** `response = client.get(…)`, with the statements that it needs before it. `redirected`: whether the answer to look at is a redirection. */
export function requestLines(request: Request, client: string, scope: Scope, redirected = false): string[] {
  const query = queryOf(request.query ?? {}, scope);
  const headers = headersOf(request, scope);
  const body = request.json ?? null;
  // A test client's `get` and `delete` take no body.
  const bodiless = body !== null && (request.method === 'GET' || request.method === 'DELETE');
  const items: Expression[] = [
    ...(bodiless ? [stringLiteral(request.method)] : []),
    stringExpression(request.path, scope),
    ...(query.value === null ? [] : [{ before: 'params=', value: query.value }]),
    ...(body === null ? [] : [{ before: 'json=', value: valueExpression(body, scope) }]),
    ...(headers === null ? [] : [{ before: 'headers=', value: headers }]),
    // A test client follows redirections by itself.
    ...(redirected ? ['follow_redirects=False'] : []),
  ];
  const call: Expression = { open: `${client}.${bodiless ? 'request' : request.method.toLowerCase()}(`, items, close: ')' };
  return [...query.before, { before: 'response = ', value: call }].map((expression) => ' '.repeat(INDENT) + layOut(expression, INDENT));
}

/** Parameters of the query: null is left out, a boolean is lower-case, a list repeats its parameter. */
function queryOf(
  query: Readonly<Record<string, Json>>,
  scope: Scope,
): { readonly before: readonly Expression[]; readonly value: Expression | null } {
  const sent = Object.entries(query).filter(([, value]) => value !== null);
  if (sent.length === 0) return { before: [], value: null };
  const dict = dictOf(sent.map(([name, value]) => [name, valueExpression(lowerCaseBooleans(value), scope)]));
  if (!sent.some(([, value]) => mayBeNull(value, scope))) return { before: [], value: dict };
  const type = queryType(
    sent.map(([, value]) => value),
    scope,
  );
  return {
    before: [{ before: `params: dict[str, ${type}] = `, value: dict }],
    value: '{key: value for key, value in params.items() if value is not None}',
  };
}

function lowerCaseBooleans(value: Json): Json {
  if (Array.isArray(value)) return value.map(lowerCaseBooleans);
  return typeof value === 'boolean' ? String(value) : value;
}

function mayBeNull(value: Json, scope: Scope): boolean {
  return typeOfValue(value, scope).split(' | ').includes('None');
}

function queryType(values: readonly Json[], scope: Scope): string {
  const types = values.flatMap((value) => typeOfValue(value, scope).split(' | '));
  if (types.includes('Any')) return 'Any';
  const unique = [...new Set(types.filter((type) => type !== 'None'))].filter((type) => type !== 'int' || !types.includes('float'));
  return [...unique, 'None'].join(' | ');
}

function typeOfValue(value: Json, scope: Scope): string {
  const name = typeof value === 'string' ? soleName(value) : null;
  return (name === null ? undefined : scope.get(name)?.type) ?? typeOf([lowerCaseBooleans(value)]);
}

function headersOf({ headers_from: fixture, headers = {} }: Request, scope: Scope): Expression | null {
  const own: Expression[] = Object.entries(headers).map(([name, value]) => ({
    before: `${stringLiteral(name)}: `,
    value: stringExpression(value, scope),
  }));
  if (fixture === undefined) return own.length === 0 ? null : { open: '{', items: own, close: '}' };
  return own.length === 0 ? fixture : { open: '{', items: [`**${fixture}`, ...own], close: '}' };
}
