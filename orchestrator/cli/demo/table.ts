import { wrapped } from '../../adapters/progress/terminal/wrap.ts';
import { oneLine } from '../../domain/untrusted.ts';
import type { DemoBuild } from './data.ts';
import type { NaiveRun } from './naive.ts';

/** What became of one BUILD. */
export interface DemoRow {
  readonly build: Pick<DemoBuild, 'title' | 'isAttack' | 'why'>;
  readonly naive: NaiveRun;
  /** The branch, or the code that ended it, and why. */
  readonly factory: { readonly pr: string | null; readonly code: string | null; readonly why: string };
}

/** A folder in which one byte was changed, and what verify said of it. */
export interface DemoRefusal {
  readonly changed: string;
  /** null: it was not refused. */
  readonly code: string | null;
  readonly says: string;
}

const COLUMNS = 80;
const NAIVE = 23;
const FACTORY = 40;

/** One request, its BUILDs, and what both runners make of each: at most 80 columns. */
export function tableText(rows: readonly DemoRow[]): string {
  const rule = '-'.repeat(COLUMNS - 1);
  const head = `${'BUILD'.padEnd(NAIVE)}${'naive runner'.padEnd(FACTORY - NAIVE)}factory`;
  return [rule, head, rule, ...rows.flatMap((row) => [rowText(row), rule])].join('\n');
}

function rowText({ build, naive, factory }: DemoRow): string {
  const left = [build.title, ...(build.isAttack ? ['an attack, by us'] : [])];
  const middle = [naive.green ? 'GREEN' : 'red', naive.passed ?? `exit ${naive.exitCode}`];
  const why = wrapped(oneLine(factory.why, 300), { columns: COLUMNS - FACTORY, indent: 0, most: 4 }).split('\n');
  const right = [factory.pr === null ? `NO  ${factory.code}` : 'PR', ...(factory.pr === null ? [] : [factory.pr]), ...why];
  const lines = Math.max(left.length, middle.length, right.length);
  return Array.from({ length: lines }, (_, i) =>
    `${(left[i] ?? '').padEnd(NAIVE)}${(middle[i] ?? '').padEnd(FACTORY - NAIVE)}${right[i] ?? ''}`.trimEnd(),
  ).join('\n');
}

export function refusalText({ changed, code, says }: DemoRefusal): string {
  const words = wrapped(oneLine(says, 300), { columns: COLUMNS, indent: 4, most: 3 });
  return `one byte of ${changed} changed: factory verify ${code === null ? 'says it holds' : `refuses, ${code}`}\n    ${words}`;
}
