import type { Fixture } from '../../card.ts';
import type { Json } from '../../json.ts';
import type { Constant, HttpExample, HttpStep } from '../../spec.ts';
import { statusesOf } from '../columns.ts';
import { IMPORT_FOR_LOOK_UP } from '../look-up.ts';
import { absenceCondition, parsePath, pathExpression, type Segment } from '../path.ts';
import { httpValues, requestValues } from '../problems.ts';
import { type Expression, layOut } from '../python/layout.ts';
import { stringLiteral } from '../python/literal.ts';
import { namesIn, soleName } from '../template.ts';
import { constantLines, constantsIn } from './constants.ts';
import { INDENT, NotCompiled, type Parameter, type TestBody } from './function.ts';
import { type Client, folderOf, visibleFrom } from './place.ts';
import { requestLines } from './request.ts';
import { type Scope, scopeOf, stringExpression, valueExpression, variableOf } from './scope.ts';
import { parametrize, usedColumns } from './table.ts';

export interface HttpContext {
  readonly client: Client | NotCompiled;
  /** Of the file, for which fixtures it may use. */
  readonly path: string;
  readonly fixtures: readonly Fixture[];
  readonly background: readonly HttpStep[];
  readonly constants: readonly Constant[];
  /** Set when the background is a function of its own because several tests need it. */
  readonly scene: Scene | null;
}

/** The function that takes the background's steps. */
export interface Scene {
  readonly parameters: readonly Parameter[];
  readonly lines: readonly string[];
  readonly imports: readonly string[];
  /** The names it returns, as in the Spec. */
  readonly saves: readonly string[];
}

/** One http example as the inside of a test function. */
export function compileHttp(example: HttpExample, context: HttpContext): TestBody | NotCompiled {
  const { client, scene } = context;
  if (client instanceof NotCompiled) return client;
  const given = example.given ?? [];
  const fixtures = headerFixtures([...context.background, ...given, example.when]);
  const hidden = fixtures.find(
    (name) => !context.fixtures.some((fixture) => fixture.name === name && visibleFrom(folderOf(context.path), fixture)),
  );
  if (hidden !== undefined) return new NotCompiled(`the fixture ${hidden} cannot be used beside ${client.name}`);

  const own = new Set(httpValues(example).flatMap(namesIn));
  const inner = new Set(context.background.flatMap(requestValues).flatMap(namesIn));
  const used = new Set([...own, ...inner]);
  const columns = usedColumns(example.table ?? {}, used);
  const constants = constantsIn(scene === null ? used : own, context.constants);
  const saved = [...context.background, ...given].flatMap((step) => Object.keys(step.save ?? {})).filter((name) => used.has(name));
  const scope = scopeOf(
    [...columns, ...[...saved, ...constants.map(({ name }) => name)].map((name) => ({ name, type: 'Any' }))],
    [client.name, ...fixtures],
  );
  const table = parametrize(example.table ?? {}, columns, scope);

  const setting = scene === null ? steps(context.background, client, scope) : sceneLines(scene, example, scope);
  const before = [...constantLines(constants, scope), ...setting, ...steps(given, client, scope)];
  const lines = [
    ...before,
    ...(before.length > 0 ? [''] : []),
    ...requestLines(example.when, client.name, scope, statusesOf(example).some(isRedirection)),
    '',
    ...checks(example.then, scope),
  ];
  return {
    decorator: table?.decorator ?? null,
    parameters: [...sharedParameters(client, fixtures), ...(table?.parameters ?? [])],
    lines,
    imports: [
      ...importsOf(client),
      ...(constants.length === 0 ? [] : [IMPORT_FOR_LOOK_UP]),
      ...(table === null ? [] : ['import pytest']),
      ...(lines.some((line) => /\bdict\[str, Any\]/.test(line)) ? ['from typing import Any'] : []),
    ],
  };
}

/** The background as a function of its own, returning the saved values that `examples` use; null when there is none. */
export function compileScene(examples: readonly HttpExample[], { background, client, constants: all }: HttpContext): Scene | null {
  if (background.length === 0 || client instanceof NotCompiled) return null;
  const fixtures = headerFixtures(background);
  const wanted = new Set(examples.flatMap((example) => httpValues(example).flatMap(namesIn)));
  const inner = new Set(background.flatMap((step) => requestValues(step).flatMap(namesIn)));
  const saved = [...new Set(background.flatMap((step) => Object.keys(step.save ?? {})))];
  const constants = constantsIn(inner, all);
  const variables = [...saved.filter((name) => wanted.has(name) || inner.has(name)), ...constants.map(({ name }) => name)];
  const scope = scopeOf(
    variables.map((name) => ({ name, type: 'Any' })),
    [client.name, ...fixtures],
  );
  const saves = saved.filter((name) => wanted.has(name));
  const result: Expression = {
    open: '{',
    items: saves.map((name) => `${stringLiteral(name)}: ${variableOf(name, scope).name}`),
    close: '}',
  };
  return {
    parameters: sharedParameters(client, fixtures),
    lines: [
      ...constantLines(constants, scope),
      ...steps(background, client, scope),
      ...(saves.length === 0 ? [] : [statement({ before: 'return ', value: result })]),
    ],
    imports: [
      ...importsOf(client),
      ...(constants.length === 0 ? [] : [IMPORT_FOR_LOOK_UP]),
      ...(saves.length === 0 ? [] : ['from typing import Any']),
    ],
    saves,
  };
}

function sceneLines(scene: Scene, example: HttpExample, scope: Scope): string[] {
  const call = `set_the_scene(${scene.parameters.map(({ name }) => name).join(', ')})`;
  const used = new Set(httpValues(example).flatMap(namesIn));
  const needed = scene.saves.filter((name) => used.has(name));
  if (needed.length === 0) return [statement(call)];
  return [
    statement(`scene = ${call}`),
    ...needed.map((name) => statement(`${variableOf(name, scope).name} = scene[${stringLiteral(name)}]`)),
  ];
}

function steps(list: readonly HttpStep[], client: Client, scope: Scope): string[] {
  return list.flatMap((step) => [
    ...requestLines(step, client.name, scope),
    statement('assert response.status_code < 300, response.text'),
    ...Object.entries(step.save ?? {})
      .filter(([name]) => scope.has(name))
      .map(([name, path]) =>
        statement(`${variableOf(name, scope).name} = ${pathExpression('response.json()', segmentsOf(path), stringLiteral)}`),
      ),
  ]);
}

function checks(then: HttpExample['then'], scope: Scope): string[] {
  const json = Object.entries(then.json ?? {});
  const absent = then.absent ?? [];
  const several = json.length + absent.length > 1;
  const root = several ? 'body' : 'response.json()';
  return [
    statement(`assert response.status_code == ${statusExpression(then.status, scope)}, response.text`),
    ...Object.entries(then.headers ?? {}).map(([name, value]) =>
      statement(equality(`response.headers[${stringLiteral(name)}]`, stringExpression(value, scope))),
    ),
    ...(several ? [statement('body = response.json()')] : []),
    ...json.map(([path, value]) => statement(expectation(pathExpression(root, segmentsOf(path), stringLiteral), value, scope))),
    ...absent.map((path) => statement(`assert ${absenceCondition(root, segmentsOf(path), stringLiteral) ?? 'True'}`)),
  ];
}

function statusExpression(status: number | string, scope: Scope): string {
  return typeof status === 'number' ? String(status) : variableOf(soleName(status) ?? '', scope).name;
}

function isRedirection(status: Json): boolean {
  return typeof status === 'number' && status >= 300 && status < 400;
}

function expectation(actual: string, value: Json, scope: Scope): Expression {
  // A linter refuses `== True` and `== None`.
  if (value === null || typeof value === 'boolean') return { before: `assert ${actual} is `, value: valueExpression(value, scope) };
  return equality(actual, valueExpression(value, scope));
}

const equality = (actual: string, expected: Expression): Expression => ({ before: `assert ${actual} == `, value: expected });
const statement = (expression: Expression): string => ' '.repeat(INDENT) + layOut(expression, INDENT);

/** Only paths that `problemsOfExample` has passed come here. */
function segmentsOf(path: string): readonly Segment[] {
  const parsed = parsePath(path);
  if (!parsed.ok) throw new Error(`${path}: ${parsed.reason}`);
  return parsed.segments;
}

function headerFixtures(requests: readonly HttpExample['when'][]): string[] {
  return [...new Set(requests.flatMap(({ headers_from }) => headers_from ?? []))];
}

function sharedParameters(client: Client, fixtures: readonly string[]): Parameter[] {
  return [{ name: client.name, annotation: client.annotation }, ...fixtures.map((name) => ({ name, annotation: 'dict[str, str]' }))];
}

function importsOf(client: Client): string[] {
  return client.import === null ? [] : [client.import];
}
