/** What keeps an example from being compiled or from meaning anything, found without running it. */
import type { Fixture } from '../card.ts';
import type { Json } from '../json.ts';
import type { CallExample, Constant, Example, HttpExample, HttpStep } from '../spec.ts';
import { pathsOf, statusesOf } from './columns.ts';
import type { SpecFindingCode } from './finding.ts';
import { absenceCondition, parsePath } from './path.ts';
import { namesIn, soleName } from './template.ts';

export interface Problem {
  readonly code: SpecFindingCode;
  /** Where in the example, e.g. `then.json`. */
  readonly at: string;
  readonly message: string;
  /** What to write instead. */
  readonly instead: string;
  /** Whether the example cannot be compiled with it. */
  readonly blocks: boolean;
}

type Request = HttpExample['when'];
type Table = Readonly<Record<string, readonly Json[]>>;

/** What an example stands in: the target's shared fixtures and the Spec's background and constants. */
export interface Surroundings {
  readonly fixtures: readonly Fixture[];
  readonly background: readonly HttpStep[];
  readonly constants: readonly Constant[];
}

/** Problems of the steps that all http examples share; `at` begins with the step's index, e.g. `[0].save`. */
export function problemsOfBackground({ background, fixtures, constants }: Surroundings): Problem[] {
  const defined = namesOf(constants);
  return [
    ...background.flatMap((step, at) => problemsOfStep(step, `[${at}]`, defined, fixtures, {})),
    ...background.flatMap((step, at) => savedConstants(step, `[${at}]`, constants)),
  ];
}

/** Problems of one example. `at` is relative to it. Prose has none. */
export function problemsOfExample(example: Example, surroundings: Surroundings): Problem[] {
  if (example.type === 'http') return problemsOfHttp(example, surroundings);
  if (example.type !== 'call') return [];
  const { table = {} } = example;
  const values = callValues(example);
  const defined = new Set([...namesOf(surroundings.constants), ...Object.keys(table)]);
  return [
    ...undefinedNames(values, defined, 'call'),
    ...problemsOfTable(table, new Set(values.flatMap(namesIn))),
    ...constantColumns(table, surroundings.constants),
  ];
}

function problemsOfHttp(example: HttpExample, { background, fixtures, constants }: Surroundings): Problem[] {
  const table = example.table ?? {};
  const saved = new Set(background.flatMap((step) => Object.keys(step.save ?? {})));
  const defined = new Set([...namesOf(constants), ...saved, ...Object.keys(table)]);
  const given = (example.given ?? []).flatMap((step, at) => problemsOfStep(step, `given[${at}]`, defined, fixtures, table));
  const saves = new Set([...saved, ...(example.given ?? []).flatMap((step) => Object.keys(step.save ?? {}))]);
  const twice = Object.keys(table).filter((column) => saves.has(column));
  const used = new Set(httpValues(example).flatMap(namesIn));
  return [
    ...given,
    ...problemsOfRequest(example.when, 'when', defined, fixtures, table),
    ...problemsOfAnswer(example, defined),
    ...problemsOfTable(table, used),
    ...twice.map((name) => problem('name_twice', 'table', `\`${name}\` is both a column and a saved value`, 'rename the column', true)),
    ...constantColumns(table, constants),
    ...(example.given ?? []).flatMap((step, at) => savedConstants(step, `given[${at}]`, constants)),
  ];
}

const namesOf = (constants: readonly Constant[]): Set<string> => new Set(constants.map(({ name }) => name));

function constantColumns(table: Table, constants: readonly Constant[]): Problem[] {
  const names = namesOf(constants);
  return Object.keys(table)
    .filter((column) => names.has(column))
    .map((name) => problem('name_twice', 'table', `\`${name}\` is both a column and a constant`, 'rename the column', true));
}

function savedConstants({ save = {} }: HttpStep, at: string, constants: readonly Constant[]): Problem[] {
  const names = namesOf(constants);
  return Object.keys(save)
    .filter((name) => names.has(name))
    .map((name) =>
      problem('name_twice', `${at}.save.${name}`, `\`${name}\` is both saved and a constant`, 'save it under another name', true),
    );
}

/** Problems of a step; its saved names are added to `defined` for the steps after it. */
function problemsOfStep(step: HttpStep, at: string, defined: Set<string>, fixtures: readonly Fixture[], table: Table): Problem[] {
  const found = problemsOfRequest(step, at, defined, fixtures, table);
  for (const [name, path] of Object.entries(step.save ?? {})) {
    defined.add(name);
    found.push(...unreadable(path, `${at}.save.${name}`));
  }
  return found;
}

function problemsOfRequest(
  request: Request,
  at: string,
  defined: ReadonlySet<string>,
  fixtures: readonly Fixture[],
  table: Table,
): Problem[] {
  const found = undefinedNames(requestValues(request), defined, at);
  const fixture = request.headers_from;
  if (fixture !== undefined) found.push(...problemsOfFixture(fixture, `${at}.headers_from`, fixtures));
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (isFlat(value)) continue;
    found.push(
      problem(
        'query_not_flat',
        `${at}.query.${name}`,
        'a query parameter is a string, number, boolean, null or a list of those',
        'write each parameter by its own name, e.g. {"a": 1, "b": [1, 2]}',
        true,
      ),
    );
  }
  const paths = pathsOf(request.path, table);
  const isPath = (path: Json) => typeof path === 'string' && path.startsWith('/');
  if (!paths.every(isPath)) {
    found.push(
      problem(
        'path_template',
        `${at}.path`,
        'a path begins with `/`',
        'begin it with `/`, or write "$name" alone, the name of a column of such paths',
        true,
      ),
    );
  }
  if (paths.some((path) => /[{}<>]|\/:[A-Za-z]/.test(String(path).replaceAll(/\$\{\w+\}/g, '')))) {
    found.push(
      problem(
        'path_template',
        `${at}.path`,
        'the path holds a placeholder of a route',
        'write a real value, or $name of a saved one',
        true,
      ),
    );
  }
  if (paths.some((path) => String(path).includes('?')) && Object.keys(request.query ?? {}).length > 0) {
    found.push(problem('query_twice', `${at}.path`, 'the path holds a query and `query` does too', 'keep all parameters in `query`', true));
  }
  return found;
}

function problemsOfFixture(name: string, at: string, fixtures: readonly Fixture[]): Problem[] {
  const found = fixtures.filter((fixture) => fixture.name === name);
  if (found.some(({ returns }) => returns === null || /dict|mapping|headers/i.test(returns))) return [];
  const usable = [
    ...new Set(fixtures.filter(({ returns }) => /dict\[str, str\]|headers/i.test(returns ?? '')).map((fixture) => fixture.name)),
  ];
  const instead =
    usable.length > 0 ? `use one of: ${usable.sort().join(', ')}` : 'leave `headers_from` out and write the headers in `headers`';
  const why = found.length > 0 ? 'is a fixture, but not one that gives a dict of headers' : 'is no fixture that the target’s tests share';
  return [problem('fixture_unknown', at, `\`${name}\` ${why}`, instead, true)];
}

function problemsOfAnswer(example: HttpExample, defined: ReadonlySet<string>): Problem[] {
  const { then } = example;
  const statuses = statusesOf(example);
  const found = undefinedNames([then.json ?? null, then.headers ?? null], defined, 'then');
  if (!statuses.every((status) => typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599)) {
    found.push(
      problem(
        'value_never_equal',
        'then.status',
        'a status is a number from 100 to 599',
        'write the number, or "$name" of a column of such numbers',
        true,
      ),
    );
  }
  for (const [path, value] of Object.entries(then.json ?? {}))
    found.push(...unreadable(path, `then.json.${path}`), ...neverEqual(path, value));
  for (const path of then.absent ?? []) {
    const parsed = parsePath(path);
    if (!parsed.ok) found.push(...unreadable(path, `then.absent.${path}`));
    else if (absenceCondition('body', parsed.segments, JSON.stringify) === null) {
      found.push(
        problem('path_unreadable', `then.absent.${path}`, 'only a key or an element can be absent', 'end the path with .key or [0]', true),
      );
    }
  }
  const empty = statuses.find((status) => status === 204 || status === 304);
  if (empty !== undefined && (then.json !== undefined || then.absent !== undefined)) {
    found.push(
      problem('body_of_no_content', 'then.json', `an answer with status ${empty} has no body`, 'leave out `json` and `absent`', false),
    );
  }
  return found;
}

function problemsOfTable(table: Table, used: ReadonlySet<string>): Problem[] {
  const columns = Object.entries(table);
  const lengths = new Set(columns.map(([, values]) => values.length));
  const found = undefinedNames(
    columns.map(([, values]) => [...values]),
    new Set(),
    'table',
  );
  if (lengths.size > 1) {
    const counts = columns.map(([name, values]) => `${name} ${values.length}`).join(', ');
    found.push(problem('table_uneven', 'table', `the columns differ in length: ${counts}`, 'give every column one value a row', true));
  }
  for (const [name] of columns.filter(([column]) => !used.has(column))) {
    found.push(
      problem(
        'column_unused',
        `table.${name}`,
        `no string uses \`$${name}\``,
        `write "$${name}" where it belongs, or drop the column`,
        false,
      ),
    );
  }
  const rows = rowsOf(table).map((row) => JSON.stringify([...row.values()]));
  if (lengths.size === 1 && new Set(rows).size < rows.length) {
    found.push(problem('table_row_twice', 'table', 'two rows are the same', 'drop one of them', false));
  }
  return found;
}

/** The rows of a table, one map of column to value each; a table without columns has one empty row. */
export function rowsOf(table: Table): ReadonlyMap<string, Json>[] {
  const columns = Object.entries(table);
  const length = Math.min(...columns.map(([, values]) => values.length), ...(columns.length === 0 ? [1] : []));
  return Array.from({ length }, (_, row) => new Map(columns.map(([name, values]) => [name, values[row] ?? null])));
}

/** Every value of an http example in which `$name` may stand. */
export function httpValues(example: HttpExample): Json[] {
  const { given = [], when, then } = example;
  return [...given.flatMap(requestValues), ...requestValues(when), then.status, then.json ?? null, then.headers ?? null];
}

/** The same for a call. */
export function callValues(example: CallExample): Json[] {
  return [example.args ?? null, example.kwargs ?? null, 'returns' in example.then ? example.then.returns : null];
}

/** The same for one request. */
export function requestValues(request: Request): Json[] {
  return [request.path, request.query ?? null, request.headers ?? null, request.json ?? null];
}

function undefinedNames(values: readonly Json[], defined: ReadonlySet<string>, at: string): Problem[] {
  const missing = new Set(values.flatMap(namesIn).filter((name) => !defined.has(name)));
  return [...missing].map((name) =>
    problem(
      'name_undefined',
      at,
      `nothing defines \`$${name}\` ${at === 'table' ? 'in a table' : 'here'}`,
      `save it in an earlier step, make it a column of the table or a constant, or write "$$${name}" for a literal dollar sign`,
      true,
    ),
  );
}

function unreadable(path: string, at: string): Problem[] {
  const parsed = parsePath(path);
  if (parsed.ok) return [];
  return [problem('path_unreadable', at, parsed.reason, 'write a path such as $.items[0].name, $.items[*].name or $.items.length', true)];
}

/** `[*]` gives a list and `.length` a number: nothing else can be equal to them. */
function neverEqual(path: string, value: Json): Problem[] {
  const parsed = parsePath(path);
  if (!parsed.ok || (typeof value === 'string' && soleName(value) !== null)) return [];
  const at = `then.json.${path}`;
  if (parsed.segments.some(({ kind }) => kind === 'each')) {
    if (Array.isArray(value)) return [];
    return [problem('value_never_equal', at, 'a path with [*] gives a list', 'write the whole list, or [0] for one element', true)];
  }
  if (parsed.segments.at(-1)?.kind !== 'length' || typeof value === 'number') return [];
  return [problem('value_never_equal', at, '.length gives a number', "write the number, or ['length'] for a key of that name", true)];
}

function isFlat(value: Json): boolean {
  const scalar = (item: Json) => item === null || typeof item !== 'object';
  return scalar(value) || (Array.isArray(value) && value.every((item) => scalar(item) && item !== null));
}

function problem(code: SpecFindingCode, at: string, message: string, instead: string, blocks: boolean): Problem {
  return { code, at, message, instead, blocks };
}
