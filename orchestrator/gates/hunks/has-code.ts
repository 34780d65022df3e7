import type { LineRange, SourceHunk, SplitFile } from '../../domain/hunks.ts';
import { readText } from '../../domain/tree.ts';
import type { LogicalLine } from '../python-lines.ts';
import { isDocstring, pythonText } from './statements.ts';

/** Documents and type stubs: nothing runs them. */
const NOT_RUN = /(?:\.(?:md|markdown|rst|adoc|pyi)|(?:^|\/)(?:readme|changelog|license|notice|authors|contributing)(?:\.[^/]*)?)$/i;

/** Whether taking this hunk out changes a statement: not where only comments, docstrings, blank lines or the layout differ. */
export function hasCode(file: SplitFile, hunk: SourceHunk): boolean {
  const { path } = file;
  if (NOT_RUN.test(path)) return false;
  if (!path.endsWith('.py')) return true;
  const [before, after] = [textOf(file, 'before'), textOf(file, 'after')];
  if (before === null || after === null) return true;
  const isWhole = hunk.before.length + hunk.after.length === 0;
  const [old, now] = [codeIn(before, isWhole ? null : hunk.old), codeIn(after, isWhole ? null : hunk.new)];
  return old !== now;
}

function textOf({ path, before, after }: SplitFile, side: 'before' | 'after'): string | null {
  const entry = side === 'before' ? before : after;
  return entry === null ? '' : readText(new Map([[path, entry]]), path);
}

/** The statements that these lines are part of, without layout; those of the whole text for null. */
function codeIn(text: string, range: LineRange | null): string {
  const lines = pythonText(text).logical.filter((line) => range === null || touches(line, range));
  return JSON.stringify(lines.filter((line) => !isDocstring(line)).map(({ indent, code, strings }) => [indent, onOneLine(code), strings]));
}

function onOneLine(code: string): string {
  return code.replace(/\s*([^\w\s])\s*/g, '$1').replace(/\s+/g, ' ');
}

function touches({ from, to }: LogicalLine, range: LineRange): boolean {
  // Lines added inside of a statement belong to it on the side without them, too.
  return range.count === 0 ? from < range.from && to >= range.from : from < range.from + range.count && to >= range.from;
}
