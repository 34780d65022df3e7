import type { ChangedRun, LineRange, Piece } from '../../domain/hunks.ts';
import { type PythonText, pythonText, statementStarts } from './statements.ts';

/** Beyond this many pairs of statements a run stays one hunk: it is a file written anew. */
const MAX_PAIRS = 40_000;
/** What a pair is worth at least: a statement is rather changed into a strange one than deleted beside an added one. */
const ANY_PAIR = 0.1;

/**
 * A run of changed lines as the statements that it changes, adds and deletes, so that a second addition beside the first is a hunk of its own.
 * A statement is taken as changed into the one that it resembles most, in order. Other files than Python's are not split.
 */
export function pythonPieces(run: ChangedRun): Piece[] {
  const { path, old, new: now } = run;
  const whole = [{ before: old.count, after: now.count }];
  if (!path.endsWith('.py')) return whole;
  const before = statementsIn(pythonText(run.beforeText), old);
  const after = statementsIn(pythonText(run.afterText), now);
  if (before.length * after.length > MAX_PAIRS) return whole;
  return aligned(before, after);
}

interface Statement {
  readonly lines: number;
  readonly words: ReadonlyMap<string, number>;
  readonly size: number;
}

function statementsIn(text: PythonText, range: LineRange): Statement[] {
  if (range.count === 0) return [];
  const starts = statementStarts(text, range);
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? range.from + range.count;
    const words =
      text.physical
        .slice(start - 1, end - 1)
        .join('\n')
        .match(/\w+|[^\w\s]/g) ?? [];
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return { lines: end - start, words: counts, size: words.length };
  });
}

/** The pairs in order that resemble each other most, all together; what is left over stands alone. */
function aligned(before: readonly Statement[], after: readonly Statement[]): Piece[] {
  const best = table(before, after);
  const at = (i: number, j: number) => best[i]?.[j] ?? 0;
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]];
    if (old !== undefined && now !== undefined && at(i, j) === at(i + 1, j + 1) + likeness(old, now)) {
      pieces.push({ before: old.lines, after: now.lines });
      i += 1;
      j += 1;
    } else if (old !== undefined && (now === undefined || at(i, j) === at(i + 1, j))) {
      pieces.push({ before: old.lines, after: 0 });
      i += 1;
    } else {
      pieces.push({ before: 0, after: now?.lines ?? 0 });
      j += 1;
    }
  }
  return pieces;
}

/** How much the rest can come to from each pair of places on. */
function table(before: readonly Statement[], after: readonly Statement[]): number[][] {
  const best = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const [row, next] = [best[i] as number[], best[i + 1] as number[]];
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const pair = (next[j + 1] as number) + likeness(before[i] as Statement, after[j] as Statement);
      row[j] = Math.max(pair, next[j] as number, row[j + 1] as number);
    }
  }
  return best;
}

/** The share of words that two statements have in common, 0 to 1, and a little for being a pair at all. */
function likeness(a: Statement, b: Statement): number {
  let common = 0;
  for (const [word, count] of a.words) common += Math.min(count, b.words.get(word) ?? 0);
  return ANY_PAIR + (a.size + b.size === 0 ? 0 : (2 * common) / (a.size + b.size));
}
