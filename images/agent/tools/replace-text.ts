import type { Tree } from '../tree.ts';
import { placeOf, realPathOf } from './jail.ts';
import { hintsFor } from './nearest.ts';
import { lineEndsOf, readTextFile } from './text-file.ts';
import { ToolError } from './tool-error.ts';
import { writableOf } from './writable.ts';
import { putText } from './write-file.ts';

/**
 * Replaces the one place where `find` stands. In a file that ends all its lines with CRLF, the line ends of both texts are taken as CRLF.
 * Throws ToolError when `find` stands nowhere (with the nearest lines) or more than once (with their numbers).
 */
export function replaceText(tree: Tree, path: string, find: string, replace: string): string {
  const place = writableOf(tree, path);
  realPathOf(placeOf(tree, path)); // Throws when nothing is there, naming what is.
  const text = readTextFile(place.real, tree.maxFileBytes);
  const crlf = lineEndsOf(text) === 'crlf';
  const [wanted, instead] = crlf ? [toCrlf(find), toCrlf(replace)] : [find, replace];
  if (wanted === instead) throw new ToolError('`find` and `replace` are the same');
  const [at, ...others] = positions(text, wanted);
  if (at === undefined) throw new ToolError(absent(text, find, replace));
  if (others.length > 0) throw new ToolError(ambiguous(text, [at, ...others]));
  putText(tree, place, text.slice(0, at) + instead + text.slice(at + wanted.length));
  return `replaced at line ${lineAt(text, at)}${crlf ? ' (the file’s CRLF line ends are kept)' : ''}`;
}

/** Beyond so many it does not matter how many more. */
const MAX_POSITIONS = 20;

function positions(text: string, wanted: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(wanted); at !== -1 && found.length < MAX_POSITIONS; at = text.indexOf(wanted, at + 1)) found.push(at);
  return found;
}

function absent(text: string, find: string, replace: string): string {
  if (lineEndsOf(text) === 'mixed' && find.includes('\n')) {
    const ends = text.includes(find.replace(/\r?\n/g, '\r\n')) ? 'CRLF' : 'LF and CRLF mixed';
    return `\`find\` does not occur: line ends there are ${ends}. Replace line by line, or write \\r\\n`;
  }
  const already = replace.trim() === '' ? -1 : text.indexOf(replace);
  const there = already === -1 ? '' : ` (\`replace\` already stands at line ${lineAt(text, already)})`;
  return `\`find\` does not occur in the file${there}. ${hintsFor(text, find)}`;
}

function ambiguous(text: string, at: readonly number[]): string {
  const count = at.length >= MAX_POSITIONS ? `at least ${at.length}` : `${at.length}`;
  return `\`find\` occurs ${count} times, at lines ${at.map((one) => lineAt(text, one)).join(', ')}: take in more lines around the one you mean`;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function toCrlf(text: string): string {
  return text.replace(/\r?\n/g, '\r\n');
}
