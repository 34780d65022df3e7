import type { LineRange } from '../../domain/hunks.ts';
import { type LogicalLine, logicalLines } from '../python-lines.ts';

/** A Python file as physical and as logical lines. */
export interface PythonText {
  readonly physical: readonly string[];
  readonly logical: readonly LogicalLine[];
}

export function pythonText(text: string): PythonText {
  return { physical: text.split('\n'), logical: logicalLines(text) };
}

const CONTINUES = /^(?:else|elif|except|finally)\b/;
const DEFINES = /^(?:@|(?:async\s+)?def\b|class\b)/;
const IMPORTS = /^(?:import|from)\b/;

/**
 * Where each statement begins that can be taken out of these lines by itself, as line numbers; the first is the range's own. In a module and a
 * class that is every statement (imports side by side count as one); in a function or another block only definitions stand alone. Decorators
 * and the comments right above belong to what follows.
 */
export function statementStarts(text: PythonText, range: LineRange): number[] {
  const own = text.logical.filter(({ from }) => from >= range.from && from < range.from + range.count);
  const indent = Math.min(...own.map((line) => line.indent));
  const level = own.filter((line) => line.indent === indent);
  const [first] = level;
  if (first === undefined) return [range.from];
  const isOpen = indent === 0 || enclosing(text, first)?.code.startsWith('class ') === true;
  const starts = level.filter((line, i) => {
    const previous = level[i - 1];
    return previous === undefined ? line !== own[0] : isStart(line, previous, isOpen);
  });
  return [range.from, ...starts.map((line) => withComments(text, line, range.from)).filter((start) => start > range.from)];
}

/**
 * Where each statement begins in the body of the first definition of these lines, its docstring apart; of lines without a definition, each statement at
 * their own level. The first is the range's own: the definition's head.
 */
export function stepsIn(text: PythonText, range: LineRange): number[] {
  const own = text.logical.filter(({ from }) => from >= range.from && from < range.from + range.count);
  const head = own.findIndex(({ code }) => /^(?:(?:async\s+)?def|class)\b/.test(code));
  const body = own.slice(head + 1).filter((line) => !(head >= 0 && line === own[head + 1] && isDocstring(line)));
  const indent = head < 0 ? Math.min(...own.map((line) => line.indent)) : body[0]?.indent;
  const steps = body.filter(
    (line, i) => line.indent === indent && !CONTINUES.test(line.code) && body[i - 1]?.code.startsWith('@') !== true,
  );
  return [range.from, ...steps.map(({ from }) => from).filter((from) => from > range.from)];
}

/** A string by itself says nothing to Python: a docstring, or a comment in another form. */
export function isDocstring({ code }: LogicalLine): boolean {
  return /^[rRuUbB]{0,2}"\d+"$/.test(code);
}

function isStart({ code }: LogicalLine, { code: previous }: LogicalLine, isOpen: boolean): boolean {
  if (previous.startsWith('@') || CONTINUES.test(code)) return false;
  if (!isOpen) return DEFINES.test(code) || DEFINES.test(previous);
  return !(IMPORTS.test(code) && IMPORTS.test(previous));
}

/** The header of the block that a line stands in. */
function enclosing({ logical }: PythonText, line: LogicalLine): LogicalLine | undefined {
  return logical.slice(0, logical.indexOf(line)).findLast(({ indent }) => indent < line.indent);
}

/** The first line of the comments that stand right above a statement, without a blank line between. */
function withComments({ physical, logical }: PythonText, line: LogicalLine, least: number): number {
  const end = Math.max(least, (logical[logical.indexOf(line) - 1]?.to ?? 0) + 1);
  let start = line.from;
  while (start - 1 >= end && /^\s*#/.test(physical[start - 2] ?? '')) start -= 1;
  return start;
}
