import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ToolError } from './tool-error.ts';

/** A regular file's text. `real` is absolute and link-free. Throws ToolError for what is no file, larger than `maxBytes`, or not text. */
export function readTextFile(real: string, maxBytes: number): string {
  // O_NONBLOCK: opening a named pipe must not wait for its other end.
  const file = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new ToolError('that is a folder: use list_dir');
    if (!stat.isFile()) throw new ToolError('that is not a regular file');
    if (stat.size > maxBytes) throw new ToolError(`the file has ${stat.size} bytes; files over ${maxBytes} are not handled here`);
    return decodeText(readFileSync(file));
  } finally {
    closeSync(file);
  }
}

/** The lines of a text without their ends (`\n` or `\r\n`). */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** How a text ends its lines. */
export function lineEndsOf(text: string): 'lf' | 'crlf' | 'mixed' {
  const all = text.split('\n').length - 1;
  const crlf = text.split('\r\n').length - 1;
  if (crlf === 0) return 'lf';
  return crlf === all ? 'crlf' : 'mixed';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string {
  if (bytes.includes(0)) throw new ToolError(`not a text file (${bytes.length} bytes)`);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ToolError(`not a UTF-8 text file (${bytes.length} bytes)`);
  }
}
