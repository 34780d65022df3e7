import type { Json } from '../../json.ts';
import type { CallExample } from '../../spec.ts';
import { splitDotted } from '../dotted.ts';
import { callValues } from '../problems.ts';
import { BROAD_ERRORS, BUILTIN_ERRORS } from '../python/errors.ts';
import { type Expression, layOut, oneLine, WIDTH } from '../python/layout.ts';
import { stringLiteral } from '../python/literal.ts';
import { isPythonName, pythonName } from '../python/names.ts';
import { namesIn } from '../template.ts';
import { INDENT, NotCompiled, type TestBody } from './function.ts';
import { dictOf, type Scope, scopeOf, valueExpression } from './scope.ts';
import { parametrize, usedColumns } from './table.ts';

/**
 * One call as the inside of a test function. The module is imported in the function and without a type, so that a name the base lacks
 * fails this test alone, when it runs, and no type checker judges arguments that JSON cannot type.
 */
export function compileCall(example: CallExample): TestBody | NotCompiled {
  const { then } = example;
  const error = 'raises' in then ? then.raises : null;
  const unusable = [example.call, ...(error === null || BUILTIN_ERRORS.has(error) ? [] : [error])].find((name) => !canLookUp(name));
  if (unusable !== undefined) return new NotCompiled(`\`${unusable}\` names nothing that can be looked up in a module`);

  const columns = usedColumns(example.table ?? {}, new Set(callValues(example).flatMap(namesIn)));
  const scope = scopeOf(columns, []);
  const table = parametrize(example.table ?? {}, columns, scope);
  const taken = new Set([...scope.values()].map(({ name }) => name));
  const callee = lookUp(example.call, taken);
  const call = callOf(callee.name, example, scope);
  return {
    decorator: table?.decorator ?? null,
    parameters: table?.parameters ?? [],
    lines: [
      callee.line,
      ...('returns' in then ? ['', ...check(call, then.returns, scope)] : expectError(call, then.raises, new Set([...taken, callee.name]))),
    ],
    imports: ['from importlib import import_module', ...(table === null && error === null ? [] : ['import pytest'])],
  };
}

function expectError(call: Expression, error: string, taken: ReadonlySet<string>): string[] {
  const own = BUILTIN_ERRORS.has(error) ? null : lookUp(error, taken);
  return [...(own === null ? [] : [own.line]), '', `    with pytest.raises(${own?.name ?? matching(error)}):`, statement(call, INDENT * 2)];
}

function canLookUp(dotted: string): boolean {
  const { attributes } = splitDotted(dotted);
  return attributes.length > 0 && attributes.every(isPythonName);
}

/** `slugify = import_module("app.text").slugify` */
function lookUp(dotted: string, taken: ReadonlySet<string>): { readonly name: string; readonly line: string } {
  const { module, attributes } = splitDotted(dotted);
  const name = pythonName(attributes.at(-1) ?? '', taken);
  return { name, line: statement(`${name} = import_module(${stringLiteral(module)}).${attributes.join('.')}`, INDENT) };
}

function callOf(name: string, { args = [], kwargs = {} }: CallExample, scope: Scope): Expression {
  const named = Object.entries(kwargs);
  const plain = named
    .filter(([key]) => isPythonName(key))
    .map(([key, value]): Expression => ({ before: `${key}=`, value: valueExpression(value, scope) }));
  const others = named.filter(([key]) => !isPythonName(key)).map(([key, value]) => [key, valueExpression(value, scope)] as const);
  const items = [
    ...args.map((value) => valueExpression(value, scope)),
    ...plain,
    ...(others.length === 0 ? [] : [{ before: '**', value: dictOf(others) }]),
  ];
  return { open: `${name}(`, items, close: ')' };
}

function check(call: Expression, returns: Json, scope: Scope): string[] {
  // A linter refuses `== True` and `== None`.
  const word = returns === null || typeof returns === 'boolean' ? 'is' : '==';
  const expected = valueExpression(returns, scope);
  const inOne = statement({ before: `assert ${oneLine(call)} ${word} `, value: expected }, INDENT);
  if (inOne.split('\n').every((line) => line.length <= WIDTH)) return [inOne];
  return [
    statement({ before: 'result = ', value: call }, INDENT),
    statement({ before: `assert result ${word} `, value: expected }, INDENT),
  ];
}

/** A built-in exception; the commonest with a `match`, which linters want there, that anything matches. */
function matching(error: string): string {
  return BROAD_ERRORS.has(error) ? `${error}, match=r".*"` : error;
}

function statement(expression: Expression, indent: number): string {
  return ' '.repeat(indent) + layOut(expression, indent);
}
