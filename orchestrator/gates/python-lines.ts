/** One statement's lines of a Python file (a compound statement's header alone), as far as finding definitions and docstrings needs it. */
export interface LogicalLine {
  /** Physical lines, from 1, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** Width of the leading white space. */
  readonly indent: number;
  /** The code without comments; each string literal stands as `"n"`, the index of its text in `strings`. */
  readonly code: string;
  readonly strings: readonly string[];
}

const OPENING = '([{';
const CLOSING = ')]}';

/**
 * A Python file cut into logical lines: brackets, backslashes and triple quotes join physical ones; comments and what stands inside strings
 * are never taken for code. A file that does not parse gives some lines all the same; that it does not parse, the tools say.
 */
export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const read = readLogicalLine(text, at, line);
    if (read.code.trim() !== '')
      lines.push({ from: line, to: read.line, indent: read.indent, code: read.code.trim(), strings: read.strings });
    at = read.at;
    line = read.line + 1;
  }
  return lines;
}

function readLogicalLine(text: string, start: number, firstLine: number) {
  const blank = /^[ \t\f]*/.exec(text.slice(start, start + 400))?.[0] ?? '';
  const code: string[] = [];
  const strings: string[] = [];
  let at = start + blank.length;
  let line = firstLine;
  let depth = 0;
  for (; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === '#') {
      at = endOfLine(text, at) - 1;
    } else if (char === '"' || char === "'") {
      const string = readString(text, at);
      code.push(`"${strings.length}"`);
      strings.push(string.content);
      line += string.newlines;
      at = string.end - 1;
    } else if (char === '\\' && text[at + 1] === '\n') {
      at += 1;
      line += 1;
    } else if (char === '\n') {
      if (depth === 0) break;
      line += 1;
      code.push(' ');
    } else {
      if (OPENING.includes(char)) depth += 1;
      else if (CLOSING.includes(char)) depth = Math.max(0, depth - 1);
      code.push(char);
    }
  }
  return { at: at + 1, line, indent: widthOf(blank), code: code.join(''), strings };
}

function readString(text: string, start: number): { content: string; end: number; newlines: number } {
  const quote = text[start] as string;
  const isTriple = text.startsWith(quote.repeat(3), start);
  const fence = isTriple ? quote.repeat(3) : quote;
  let at = start + fence.length;
  while (at < text.length && !text.startsWith(fence, at)) {
    // A string in single quotes that its line does not end is a mistake of the file; stop there, so that the rest is still read.
    if (!isTriple && text[at] === '\n') return { content: text.slice(start + 1, at), end: at, newlines: 0 };
    at += text[at] === '\\' ? 2 : 1;
  }
  const content = text.slice(start + fence.length, at);
  return { content, end: Math.min(text.length, at + fence.length), newlines: content.split('\n').length - 1 };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function widthOf(blank: string): number {
  return [...blank].reduce((width, char) => (char === '\t' ? (Math.floor(width / 8) + 1) * 8 : char === ' ' ? width + 1 : 0), 0);
}
