import type { Json } from '../../json.ts';
import type { CallExample, Constant } from '../../spec.ts';
import { canLookUp, IMPORT_FOR_LOOK_UP, lookUp } from '../look-up.ts';
import { callValues } from '../problems.ts';
import { BROAD_ERRORS, BUILTIN_ERRORS } from '../python/errors.ts';
import { type Expression, layOut, oneLine, WIDTH } from '../python/layout.ts';
import { isPythonName, pythonName } from '../python/names.ts';
import { namesIn } from '../template.ts';
import { constantLines, constantsIn } from './constants.ts';
import { INDENT, NotCompiled, type TestBody } from './function.ts';
import { dictOf, type Scope, scopeOf, valueExpression } from './scope.ts';
import { parametrize, usedColumns } from './table.ts';

/**
 * One call as the inside of a test function. The module is imported in the function and without a type, so that a name the base lacks
 * fails this test alone, when it runs, and no type checker judges arguments that JSON cannot type.
 */
export function compileCall(example: CallExample, constants: readonly Constant[]): TestBody | NotCompiled {
  const { then } = example;
  const error = 'raises' in then ? then.raises : null;
  const unusable = [example.call, ...(error === null || BUILTIN_ERRORS.has(error) ? [] : [error])].find((name) => !canLookUp(name));
  if (unusable !== undefined) return new NotCompiled(`\`${unusable}\` names nothing that can be looked up in a module`);

  const used = new Set(callValues(example).flatMap(namesIn));
  const columns = usedColumns(example.table ?? {}, used);
  const wanted = constantsIn(used, constants);
  const scope = scopeOf([...columns, ...wanted.map(({ name }) => ({ name, type: 'Any' }))], []);
  const table = parametrize(example.table ?? {}, columns, scope);
  const taken = new Set([...scope.values()].map(({ name }) => name));
  const callee = called(example.call, taken);
  const call = callOf(callee.name, example, scope);
  return {
    decorator: table?.decorator ?? null,
    parameters: table?.parameters ?? [],
    lines: [
      ...constantLines(wanted, scope),
      callee.line,
      ...('returns' in then ? ['', ...check(call, then.returns, scope)] : expectError(call, then.raises, new Set([...taken, callee.name]))),
    ],
    imports: [IMPORT_FOR_LOOK_UP, ...(table === null && error === null ? [] : ['import pytest'])],
  };
}

function expectError(call: Expression, error: string, taken: ReadonlySet<string>): string[] {
  const own = BUILTIN_ERRORS.has(error) ? null : called(error, taken);
  return [...(own === null ? [] : [own.line]), '', `    with pytest.raises(${own?.name ?? matching(error)}):`, statement(call, INDENT * 2)];
}

/** What is called or raised, under the last part of its name. */
function called(dotted: string, taken: ReadonlySet<string>): { readonly name: string; readonly line: string } {
  const name = pythonName(/\w+$/.exec(dotted)?.[0] ?? '', taken);
  return { name, line: statement(lookUp(dotted, name), INDENT) };
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
