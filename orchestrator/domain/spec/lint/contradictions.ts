/** Whether two examples expect different things of the same act. */
import type { Json } from '../../json.ts';
import type { Constant, Example, Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';
import { rowsOf } from '../problems.ts';
import { fillTemplate, namesIn, soleName } from '../template.ts';

interface Expectation {
  readonly where: string;
  /** The act, in a form in which equal acts are equal strings. */
  readonly act: string;
  /** What is expected of it: aspect (`status`, a path, a header) -> value. */
  readonly expects: ReadonlyMap<string, Json>;
}

export function contradictions(spec: Spec): SpecFinding[] {
  const known = new Map<string, Expectation[]>();
  const found: SpecFinding[] = [];
  const constants = new Set(spec.constants?.map(({ name }) => name));
  for (const expectation of expectations(spec)) {
    const same = known.get(expectation.act) ?? [];
    known.set(expectation.act, [...same, expectation]);
    const clash = same.map((other) => clashOf(other, expectation, constants)).find((sentence) => sentence !== null);
    if (clash === undefined || found.some(({ where }) => where === expectation.where)) continue;
    const instead = 'keep the example that the request asks for, or make the two requests differ';
    found.push({ code: 'contradiction', where: expectation.where, message: clash ?? '', instead });
  }
  return found;
}

function clashOf(a: Expectation, b: Expectation, constants: ReadonlySet<string>): string | null {
  for (const [aspect, value] of b.expects) {
    const other = a.expects.get(aspect);
    if (other !== undefined && !mayBeEqual(value, other, constants))
      return `\`${aspect}\` is ${shown(value)} here and ${shown(other)} in ${a.where}, for the same act`;
  }
  return null;
}

/** Whether one answer can be both. What a constant holds is not known here: it may be any value, but it is not absent. */
function mayBeEqual(a: Json, b: Json, constants: ReadonlySet<string>): boolean {
  if (canonical(a) === canonical(b)) return true;
  if (a === ABSENT || b === ABSENT) return false;
  const isConstant = (value: Json) => typeof value === 'string' && constants.has(soleName(value) ?? '');
  if (isConstant(a) || isConstant(b)) return true;
  if (typeof a === 'string' && typeof b === 'string') return namesIn([a, b]).some((name) => constants.has(name));
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object' || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return (
    left.size === right.size && [...left].every(([key, value]) => right.has(key) && mayBeEqual(value, right.get(key) ?? null, constants))
  );
}

/** For what must not be there; no filled-in text is a single dollar sign. */
const ABSENT = '$';

const shown = (value: Json): string => (value === ABSENT ? 'absent' : canonical(value));

function expectations(spec: Spec): Expectation[] {
  const constants = namedAlike(spec.constants ?? []);
  return spec.acceptance_criteria.flatMap(({ id, examples }) =>
    examples.flatMap((example, at) => expectationsOf(example, `${id}.examples[${at}]`, constants)),
  );
}

/** Constants that are the same value get the same name. */
function namedAlike(constants: readonly Constant[]): [string, Json][] {
  const first = (of: string) => constants.find((other) => other.of.replace(':', '.') === of.replace(':', '.'));
  return constants.map(({ name, of }) => [name, `\${${first(of)?.name ?? name}}`]);
}

function expectationsOf(example: Example, where: string, constants: readonly [string, Json][]): Expectation[] {
  const values = (row: ReadonlyMap<string, Json>) =>
    new Map([...constants, ...[...row].map(([name, value]): [string, Json] => [name, fillTemplate(value, NOTHING)])]);
  if (example.type === 'http') {
    const { given = [], when, then } = example;
    return rowsOf(example.table ?? {})
      .map(values)
      .map((row) => {
        const filled = fillTemplate({ status: then.status, json: then.json ?? {}, headers: then.headers ?? {} }, row) as {
          status: Json;
          json: Named;
          headers: Named;
        };
        const expects: [string, Json][] = [
          ['status', filled.status],
          ...Object.entries(filled.json),
          ...(then.absent ?? []).map((path): [string, Json] => [path, ABSENT]),
        ];
        const headers = Object.entries(filled.headers).map(([name, value]): [string, Json] => [name.toLowerCase(), value]);
        return { where, act: canonical(fillTemplate({ given, when } as unknown as Json, row)), expects: new Map([...expects, ...headers]) };
      });
  }
  if (example.type === 'call') {
    const { call, args = [], kwargs = {}, then } = example;
    return rowsOf(example.table ?? {})
      .map(values)
      .map((row) => {
        const outcome = 'returns' in then ? { returns: fillTemplate(then.returns, row) } : { raises: then.raises };
        return {
          where,
          act: canonical(fillTemplate([call.replace(':', '.'), args, kwargs], row)),
          expects: new Map([['outcome', outcome]]),
        };
      });
  }
  if (example.type === 'cli') return [{ where, act: canonical(example.argv), expects: new Map([['exit', example.then.exit]]) }];
  return [];
}

type Named = Record<string, Json>;
const NOTHING: ReadonlyMap<string, Json> = new Map();

/** JSON text in which the order of keys is no difference. */
function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .join(',')}}`;
}
