import type { Coverage } from '../domain/report.ts';
import type { Fact } from '../domain/verdict.ts';
import { broken, held } from './fact.ts';
import { percentOf } from './parse-coverage.ts';
import { counted, trimmedWords } from './words.ts';

/** Percent points that coverage may fall by: removing covered lines lowers the share without leaving anything untested. */
const TOLERANCE = 0.5;

export interface CoverageInput {
  readonly head: Coverage | null;
  readonly base: Coverage | null;
  /** Lines that the change adds, by path. */
  readonly added?: ReadonlyMap<string, ReadonlySet<number>>;
  /** Percent that must be reached. */
  readonly floor?: number;
}

/**
 * Coverage of the whole stands above the floor and not below the base's, and that of the added lines above the floor; a single missed line is
 * borne, since in a small change it is a large share. Code coverage_low.
 */
export function coverageFact({ head, base, added = new Map(), floor = 80 }: CoverageInput): Fact {
  const name = 'coverage_is_kept';
  if (head === null) return broken(name, 'coverage_low', 'no coverage was measured on the change');
  const changed = changedLines(head, added);
  const share =
    changed.all === 0
      ? 'no executable line changed'
      : `changed lines ${shown(percentOf(changed.all - changed.missing.length, changed.all))} %`;
  const before = base === null ? 'unknown on the base' : `${shown(base.percent)} % on the base`;
  const evidence = `coverage ${shown(head.percent)} % (${before}, floor ${floor} %), ${share}`;
  const isWholeKept = head.percent >= floor && (base === null || head.percent >= base.percent - TOLERANCE);
  const areAddedRun = changed.missing.length <= 1 || percentOf(changed.all - changed.missing.length, changed.all) >= floor;
  if (isWholeKept && areAddedRun) return held(name, evidence);
  return broken(name, 'coverage_low', evidence, {
    where: changed.missing,
    words: trimmedWords([
      `${counted(changed.missing.length, 'added line')} that no test runs:`,
      ...changed.missing.map(({ path, line }) => `${path}:${line}`),
    ]),
  });
}

/** The executable ones among the added lines of measured files, and those of them that did not run. */
function changedLines(
  head: Coverage,
  added: ReadonlyMap<string, ReadonlySet<number>>,
): { all: number; missing: { path: string; line: number }[] } {
  const measured = [...added].map(([path, lines]) => ({
    path,
    lines,
    file: Object.hasOwn(head.files, path) ? head.files[path] : undefined,
  }));
  const missing = measured.flatMap(({ path, lines, file }) =>
    (file?.missing ?? []).filter((line) => lines.has(line)).map((line) => ({ path, line })),
  );
  const executed = measured.flatMap(({ lines, file }) => (file?.executed ?? []).filter((line) => lines.has(line)));
  return { all: missing.length + executed.length, missing };
}

function shown(percent: number): string {
  return (Math.floor(percent * 10) / 10).toFixed(1);
}
