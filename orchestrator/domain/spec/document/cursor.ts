import type { Json } from '../../json.ts';
import { invalidAt } from './invalid.ts';

/** A place in the text of a fenced block, moved on by what is read. Every reader skips white space first; line breaks are white space. */
export interface Cursor {
  /** Whether only white space is left. */
  isAtEnd(): boolean;
  /** Whether the current line has nothing more. */
  isAtLineEnd(): boolean;
  /** The text that `pattern` (sticky) takes here, without moving; null where it does not fit. */
  peek(pattern: RegExp): string | null;
  /** The same, moving behind it. */
  take(pattern: RegExp): string | null;
  /** Like `take`, but throws where it does not fit. */
  need(pattern: RegExp, expected: string): string;
  /** A JSON value, over several lines where it takes them. */
  json(): Json;
  /** `spec_invalid` at this place. */
  fail(expected: string): Error;
}

/** Opens the text of a block whose first line has this number. */
export function openCursor(text: string, firstLine: number): Cursor {
  let at = 0;

  const skip = () => {
    at += matchAt(WHITE, text, at)?.length ?? 0;
  };
  const lineAt = (offset: number) => firstLine + (text.slice(0, offset).match(/\n/g)?.length ?? 0);
  const restOfLine = (offset: number) => /.*/.exec(text.slice(offset, offset + 200))?.[0] ?? '';
  const failAt = (offset: number, expected: string) => invalidAt(lineAt(offset), expected, restOfLine(offset));

  const peek = (pattern: RegExp) => {
    skip();
    return matchAt(pattern, text, at);
  };
  const take = (pattern: RegExp) => {
    const found = peek(pattern);
    at += found?.length ?? 0;
    return found;
  };
  return {
    isAtEnd: () => {
      skip();
      return at >= text.length;
    },
    isAtLineEnd: () => /^[^\S\n]*(\n|$)/.test(text.slice(at, at + 200)),
    peek,
    take,
    need: (pattern, expected) => {
      const found = take(pattern);
      if (found === null) throw failAt(at, expected);
      return found;
    },
    json: () => {
      skip();
      const start = at;
      const end = endOfJson(text, start);
      if (end === null) throw failAt(start, 'a JSON value');
      at = end;
      return parseJson(text.slice(start, end), () => failAt(start, 'a JSON value'));
    },
    fail: (expected) => {
      skip();
      return failAt(at, expected);
    },
  };
}

/** What a sticky pattern takes of a text at an offset. */
export function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

const WHITE = /\s*/y;
const SCALAR = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true(?!\w)|false(?!\w)|null(?!\w)/y;

/** The offset behind the JSON value that begins at `start`; null where none does or it has no end. */
function endOfJson(text: string, start: number): number | null {
  const open = text[start];
  if (open !== '{' && open !== '[') {
    const scalar = matchAt(SCALAR, text, start);
    return scalar === null ? null : start + scalar.length;
  }
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const string = matchAt(SCALAR, text, at);
      if (string === null) return null;
      at += string.length - 1;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

function parseJson(text: string, failure: () => Error): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw failure();
  }
}
