import { type Cursor, matchAt } from './cursor.ts';
import { jsonString } from './text.ts';

/**
 * A free text inside an example that is no value: a URL path, a path into an answer, a header's name. It stands bare where one of these
 * patterns takes the whole of it, else as a JSON string.
 */
const BARE = [
  /\/\S*/y,
  /** Up to white space or `=`; in brackets a quoted key may hold anything. */
  /\$(?:[^\s=["']|\[(?:[^\]"'\s]|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")*\])*/y,
  /[A-Za-z0-9_-]+/y,
];

export function writeWord(text: string): string {
  const isSeen = jsonString(text) === JSON.stringify(text);
  return isSeen && BARE.some((pattern) => matchAt(pattern, text, 0) === text) ? text : jsonString(text);
}

/** Throws `spec_invalid` where no word stands, or where one is followed by something that is neither white space nor `=`. */
export function readWord(cursor: Cursor, expected: string): string {
  if (cursor.peek(/"/y) !== null) return String(cursor.json());
  for (const pattern of BARE) {
    const word = cursor.take(pattern);
    if (word !== null) return word;
  }
  throw cursor.fail(expected);
}
