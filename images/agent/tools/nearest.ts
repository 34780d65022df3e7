import { clip } from '../../../orchestrator/protocol/fit.ts';
import { linesOf } from './text-file.ts';

/** Where `find` was probably meant to match, for a model that remembered a file almost right. `find` does not occur in `text`. */
export function hintsFor(text: string, find: string): string {
  const wanted = trimBlank(linesOf(find));
  if (wanted.length > 0 && wanted.every((line) => /^\s*\d+\| /.test(`${line} `))) return 'Leave out the line numbers that read_file shows.';
  const lines = linesOf(text);
  const block = sameButSpace(lines, wanted);
  if (block !== null) {
    const shown = lines.slice(block, block + wanted.length).slice(0, MAX_BLOCK);
    return `These lines differ from it only in white space; copy them exactly:\n${numbered(shown, block)}`;
  }
  const near = nearestLines(lines, wanted);
  if (near.length === 0) return 'No line comes near it: read the file again.';
  return `The nearest lines:\n${near.map((index) => numbered([lines[index] ?? ''], index)).join('\n')}`;
}

const MAX_BLOCK = 40;
const MAX_LINE = 200;
/** Less alike than this is no hint. */
const ALIKE = 0.5;

function numbered(lines: readonly string[], from: number): string {
  return lines.map((line, index) => `${from + index + 1}| ${clip(line, MAX_LINE)}`).join('\n');
}

function trimBlank(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return first === -1 ? [] : lines.slice(first, last + 1);
}

/** Index of the first run of lines that equals `wanted` when white space is left aside. */
function sameButSpace(lines: readonly string[], wanted: readonly string[]): number | null {
  const [first, ...rest] = wanted.map(squeeze);
  if (first === undefined) return null;
  const squeezed = lines.map(squeeze);
  const at = squeezed.findIndex((line, index) => line === first && rest.every((one, offset) => squeezed[index + offset + 1] === one));
  return at === -1 ? null : at;
}

function squeeze(line: string): string {
  return line.replace(/\s+/g, '');
}

/** Up to three lines most like the longest line wanted, best first. */
function nearestLines(lines: readonly string[], wanted: readonly string[]): number[] {
  const longest = wanted.reduce((best, line) => (line.trim().length > best.length ? line.trim() : best), '').slice(0, MAX_LINE);
  const pairs = pairsOf(longest);
  return lines
    .map((line, index) => ({ index, score: likeness(pairs, pairsOf(line.trim().slice(0, MAX_LINE))) }))
    .filter(({ score }) => score >= ALIKE)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, 3)
    .map(({ index }) => index);
}

/** Dice's coefficient over sets of letter pairs: 1 for the same pairs, 0 for none in common. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 0;
  let common = 0;
  for (const pair of a) if (b.has(pair)) common += 1;
  return (2 * common) / (a.size + b.size);
}

function pairsOf(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2)));
}
