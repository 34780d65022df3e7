/** Whether two examples expect different things of the same act. */
import type { Json } from '../../json.ts';
import type { Example, Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';
import { rowsOf } from '../problems.ts';
import { fillTemplate } from '../template.ts';

interface Expectation {
  readonly where: string;
  /** The act, in a form in which equal acts are equal strings. */
  readonly act: string;
  /** What is expected of it: aspect (`status`, a path, a header) -> value, as such a string. */
  readonly expects: ReadonlyMap<string, string>;
}

export function contradictions(spec: Spec): SpecFinding[] {
  const known = new Map<string, Expectation[]>();
  const found: SpecFinding[] = [];
  for (const expectation of expectations(spec)) {
    const same = known.get(expectation.act) ?? [];
    known.set(expectation.act, [...same, expectation]);
    const clash = same.map((other) => clashOf(other, expectation)).find((sentence) => sentence !== null);
    if (clash === undefined || found.some(({ where }) => where === expectation.where)) continue;
    const instead = 'keep the example that the request asks for, or make the two requests differ';
    found.push({ code: 'contradiction', where: expectation.where, message: clash ?? '', instead });
  }
  return found;
}

function clashOf(a: Expectation, b: Expectation): string | null {
  for (const [aspect, value] of b.expects) {
    const other = a.expects.get(aspect);
    if (other !== undefined && other !== value) return `\`${aspect}\` is ${value} here and ${other} in ${a.where}, for the same act`;
  }
  return null;
}

function expectations(spec: Spec): Expectation[] {
  return spec.acceptance_criteria.flatMap(({ id, examples }) =>
    examples.flatMap((example, at) => expectationsOf(example, `${id}.examples[${at}]`)),
  );
}

function expectationsOf(example: Example, where: string): Expectation[] {
  if (example.type === 'http') {
    const { given = [], when, then } = example;
    return rowsOf(example.table ?? {}).map((row) => {
      const filled = fillTemplate({ status: then.status, json: then.json ?? {}, headers: then.headers ?? {} }, row) as {
        status: Json;
        json: Named;
        headers: Named;
      };
      const expects: [string, Json][] = [
        ['status', filled.status],
        ...Object.entries(filled.json),
        ...(then.absent ?? []).map((path): [string, Json] => [path, '(absent)']),
      ];
      const headers = Object.entries(filled.headers).map(([name, value]): [string, Json] => [name.toLowerCase(), value]);
      return { where, act: canonical(fillTemplate({ given, when } as unknown as Json, row)), expects: toMap([...expects, ...headers]) };
    });
  }
  if (example.type === 'call') {
    const { call, args = [], kwargs = {}, then } = example;
    return rowsOf(example.table ?? {}).map((row) => {
      const outcome = 'returns' in then ? { returns: fillTemplate(then.returns, row) } : { raises: then.raises };
      return { where, act: canonical(fillTemplate([call.replace(':', '.'), args, kwargs], row)), expects: toMap([['outcome', outcome]]) };
    });
  }
  if (example.type === 'cli') return [{ where, act: canonical(example.argv), expects: toMap([['exit', example.then.exit]]) }];
  return [];
}

type Named = Record<string, Json>;

function toMap(entries: readonly (readonly [string, Json])[]): Map<string, string> {
  return new Map(entries.map(([name, value]) => [name, canonical(value)]));
}

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
