import type { Coverage } from '../domain/report.ts';
import type { TargetLayout } from '../domain/target.ts';
import type { FileTree } from '../domain/tree.ts';
import { readText, textFile } from '../domain/tree.ts';
import type { Fact } from '../domain/verdict.ts';
import { plausibleName } from './canaries.ts';
import { broken, held } from './fact.ts';
import { percentOf } from './parse-coverage.ts';
import { logicalLines } from './python-lines.ts';
import { counted, named } from './words.ts';

/** What was planted in one measured file, to see whether the measure tells the truth. */
export interface CoverageControl {
  readonly path: string;
  /** Body lines of functions that nothing calls: each must be reported as not run. */
  readonly never: readonly number[];
  /** A function that only a canary calls, and its body line: it must be reported as run. null where no canary was asked to. */
  readonly called: { readonly name: string; readonly line: number } | null;
  /** Every planted line that counts as executable. */
  readonly lines: readonly number[];
}

export interface Planted {
  /** The same files with the functions in them; no line that was there before has another number. */
  readonly tree: FileTree;
  readonly controls: readonly CoverageControl[];
}

/** How many files get a function that a canary calls: one that is loaded is enough. */
const MOST_CALLED = 3;

/**
 * Plant functions in every measured source file: one that nothing calls at the end, one more in place of two blank lines before a definition
 * where the file has such a place (raw data forged as "every line up to the last" is then wrong in the middle too). `ran` is the coverage on the
 * base: the files that ran most get one that a canary is to call. The limit: data forged for exactly the lines that are missed looks true.
 */
export function plantControls(tree: FileTree, layout: TargetLayout, random: () => number, ran: Coverage | null = null): Planted {
  const measured = [...tree.keys()].filter((path) => isMeasured(path, layout)).sort();
  const called = new Set(mostRun(ran).filter((path) => measured.includes(path)));
  const planted = measured.flatMap((path) => {
    const text = readText(tree, path);
    return text === null || logicalLines(text).length === 0 ? [] : [plantIn(path, text, random, called.has(path))];
  });
  return {
    tree: new Map([...tree, ...planted.map(({ control, text }) => [control.path, textFile(text)] as const)]),
    controls: planted.map(({ control }) => control),
  };
}

/** Coverage tells the truth about the planted functions: else coverage_control_failed, whatever the figure. */
export function coverageControlFact(head: Coverage, controls: readonly CoverageControl[]): Fact {
  const name = 'coverage_is_true';
  const measured = controls.flatMap((control) => {
    const file = Object.hasOwn(head.files, control.path) ? head.files[control.path] : undefined;
    return file === undefined ? [] : [{ control, missing: new Set(file.missing), executed: new Set(file.executed) }];
  });
  const forged = measured.filter(({ control, missing }) => control.never.some((line) => !missing.has(line)));
  if (forged.length > 0) {
    const paths = forged.map(({ control }) => control.path);
    return broken(name, 'coverage_control_failed', `functions that nothing calls are not reported as missed: ${named(paths)}`, {
      where: paths.map((path) => ({ path })),
      words: 'The coverage data was changed by the code under test. Take out whatever touches the measure of coverage.',
    });
  }
  const due = controls.filter(({ called }) => called !== null);
  const hit = measured.filter(({ control, executed }) => control.called !== null && executed.has(control.called.line));
  if (due.length > 0 && hit.length === 0) {
    return broken(
      name,
      'coverage_control_failed',
      `functions that a planted test calls are reported as missed: ${named(due.map(({ path }) => path))}`,
      {
        words: 'Code that ran is not in the coverage data. Take out whatever touches the measure of coverage or the loaded modules.',
      },
    );
  }
  return held(name, `planted functions are reported as they ran in ${counted(measured.length, 'file')}`);
}

/** The same coverage without the planted lines. */
export function withoutControls(coverage: Coverage, controls: readonly CoverageControl[]): Coverage {
  const planted = new Map(controls.map(({ path, lines }) => [path, new Set(lines)]));
  const files = Object.fromEntries(
    Object.entries(coverage.files).map(([path, { executed, missing }]) => {
      const own = (line: number) => !(planted.get(path)?.has(line) ?? false);
      return [path, { executed: executed.filter(own), missing: missing.filter(own) }];
    }),
  );
  const executed = Object.values(files).reduce((sum, file) => sum + file.executed.length, 0);
  const missing = Object.values(files).reduce((sum, file) => sum + file.missing.length, 0);
  return { percent: percentOf(executed, executed + missing), files };
}

function isMeasured(path: string, { sources, tests }: TargetLayout): boolean {
  if (!path.endsWith('.py') || (tests !== null && path.startsWith(`${tests}/`))) return false;
  return sources.some((source) => source === '' || source === '.' || path === source || path.startsWith(`${source}/`));
}

function mostRun(ran: Coverage | null): string[] {
  return Object.entries(ran?.files ?? {})
    .filter(([, { executed }]) => executed.length > 0)
    .sort(([a, one], [b, other]) => other.executed.length - one.executed.length || (a < b ? -1 : 1))
    .map(([path]) => path)
    .slice(0, MOST_CALLED);
}

function plantIn(path: string, text: string, random: () => number, isCalled: boolean): { control: CoverageControl; text: string } {
  const taken = new Set<string>();
  const fresh = (): string => {
    const name = freeName(plausibleName(random), text, taken);
    taken.add(name);
    return name;
  };
  const body = `return ${Math.floor(random() * 40) + 1}`;
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
  const gaps = gapsOf(text, lines);
  const gap = gaps[Math.floor(random() * gaps.length)];
  // Both lines of the gap, and only them: the numbers of all others stay.
  if (gap !== undefined) lines.splice(gap - 1, 2, `def ${fresh()}() -> int:`, `    ${body}`);
  const append = (): [name: string, line: number] => {
    const name = fresh();
    lines.push('', '', `def ${name}() -> int:`, `    ${body}`);
    return [name, lines.length];
  };
  const [, last] = append();
  const called = isCalled ? append() : null;
  const never = gap === undefined ? [last] : [gap + 1, last];
  return {
    control: {
      path,
      never,
      called: called === null ? null : { name: called[0], line: called[1] },
      lines: [...never, ...(called === null ? [] : [called[1]])].flatMap((line) => [line - 1, line]),
    },
    text: `${lines.join('\n')}\n`,
  };
}

/** Where two blank lines stand before a definition at the file's left edge: the first of them, from 1. */
function gapsOf(text: string, lines: readonly string[]): number[] {
  if (/\r(?!\n)|\f/.test(text)) return [];
  const logical = logicalLines(text);
  return logical.flatMap((line, i) => {
    const before = logical[i - 1];
    if (before === undefined || before.code.startsWith('@') || line.indent !== 0) return [];
    if (!/^(async\s+def|def|class|@)/.test(line.code)) return [];
    for (let at = before.to + 1; at + 1 < line.from; at += 1) {
      if (lines[at - 1]?.trim() === '' && lines[at]?.trim() === '') return [at];
    }
    return [];
  });
}

function freeName(wanted: string, text: string, taken: ReadonlySet<string>): string {
  let name = `_${wanted}`;
  for (let n = 2; taken.has(name) || text.includes(name); n += 1) name = `_${wanted}_${n}`;
  return name;
}
