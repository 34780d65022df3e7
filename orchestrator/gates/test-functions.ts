import { type LogicalLine, logicalLines } from './python-lines.ts';

/** A test that stands in a file's text: what pytest collects by its default names. */
export interface TestFunction {
  /** `test_y` or `TestA::test_y`. */
  readonly name: string;
  /** Physical lines of the function, decorators included, from 1, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly docstring: string | null;
}

interface Scope {
  readonly indent: number;
  readonly name: string;
  readonly kind: 'class' | 'other';
}

/** The test functions and methods of a Python file, in order. */
export function testFunctions(text: string): TestFunction[] {
  const lines = logicalLines(text);
  const found: TestFunction[] = [];
  let scopes: Scope[] = [];
  let decorated: number | null = null;
  for (const [i, line] of lines.entries()) {
    scopes = scopes.filter(({ indent }) => indent < line.indent);
    const definition = /^(?:async\s+)?(def|class)\s+([^\W\d]\w*)/u.exec(line.code);
    if (definition === null) {
      decorated = line.code.startsWith('@') ? (decorated ?? line.from) : null;
      continue;
    }
    const name = definition[2] as string;
    const isClass = definition[1] === 'class';
    if (!isClass && name.startsWith('test') && scopes.every(({ kind }) => kind === 'class')) {
      const path = [...scopes.map((scope) => scope.name), name].join('::');
      found.push({ name: path, from: decorated ?? line.from, to: endOf(lines, i), docstring: docstringOf(line, lines[i + 1]) });
    }
    scopes = [...scopes, { indent: line.indent, name, kind: isClass && isTestClass(name, line.code) ? 'class' : 'other' }];
    decorated = null;
  }
  return found;
}

function isTestClass(name: string, code: string): boolean {
  return name.startsWith('Test') || /\(.*TestCase\b/.test(code);
}

/** The last physical line of a definition's body. */
function endOf(lines: readonly LogicalLine[], at: number): number {
  const head = lines[at] as LogicalLine;
  let last = head;
  for (let i = at + 1; i < lines.length && (lines[i] as LogicalLine).indent > head.indent; i += 1) last = lines[i] as LogicalLine;
  return last.to;
}

function docstringOf(head: LogicalLine, next: LogicalLine | undefined): string | null {
  const inline = head.code.slice(endOfHeader(head.code)).trim();
  if (inline !== '') return stringAtStart(inline, head);
  return next !== undefined && next.indent > head.indent ? stringAtStart(next.code, next) : null;
}

function stringAtStart(code: string, line: LogicalLine): string | null {
  const index = /^[rRuU]?"(\d+)"/.exec(code)?.[1];
  return index === undefined ? null : (line.strings[Number(index)] ?? null);
}

/** Where the header of a definition ends: after its first colon outside of brackets. */
function endOfHeader(code: string): number {
  let depth = 0;
  for (let i = 0; i < code.length; i += 1) {
    const char = code[i] as string;
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    else if (char === ':' && depth === 0) return i + 1;
  }
  return code.length;
}
