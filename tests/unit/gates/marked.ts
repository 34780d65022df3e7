import { type SplitFile, type TakeApartInput, takeApart } from '../../../orchestrator/domain/hunks.ts';
import { type Change, type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';
import { pythonPieces } from '../../../orchestrator/gates/hunks/pieces.ts';

export interface MarkedSource {
  readonly base: FileTree;
  readonly changes: readonly Change[];
  /** The same, not yet taken apart. */
  readonly lines: Omit<TakeApartInput, 'split'>;
  readonly files: readonly SplitFile[];
}

/** A source patch from files whose lines are marked: ` ` stays, `-` goes, `+` comes. A file of nothing but `+` is new. */
export function markedSource(marked: Readonly<Record<string, string>>): MarkedSource {
  const sides = Object.entries(marked).map(([path, text]) => {
    const lines = text.replace(/^\n/, '').split('\n');
    const side = (other: string) => lines.filter((line) => line[0] !== other);
    const numbers = (own: readonly string[], mark: string) => new Set(own.flatMap((line, i) => (line[0] === mark ? [i + 1] : [])));
    const entry = (own: readonly string[]) => (own.length === 0 ? null : textFile(own.map((line) => `${line.slice(1)}\n`).join('')));
    const [before, after] = [side('+'), side('-')];
    return {
      path,
      change: { path, before: entry(before), after: entry(after) },
      added: numbers(after, '+'),
      deleted: numbers(before, '-'),
    };
  });
  const changes = sides.map(({ change }) => change);
  const lines = {
    changes,
    added: new Map(sides.map(({ path, added }) => [path, added])),
    deleted: new Map(sides.map(({ path, deleted }) => [path, deleted])),
  };
  return {
    base: new Map(changes.flatMap(({ path, before }) => (before === null ? [] : [[path, before]]))),
    changes,
    lines,
    files: takeApart({ ...lines, split: pythonPieces }),
  };
}
