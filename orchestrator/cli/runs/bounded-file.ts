import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A run's folder may hold anything, a named pipe or a link to elsewhere too: neither is followed, and nothing waits. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Open what is there for a look; `null` where nothing is. Throws an `Error` that says what is wrong with whatever is no plain file. */
export function openPlain(path: string): { readonly file: number; readonly size: number } | null {
  let file: number;
  try {
    file = openSync(path, FLAGS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Error(code === 'ELOOP' ? 'is a link' : `cannot be opened (${code})`);
  }
  const about = fstatSync(file);
  if (about.isFile()) return { file, size: about.size };
  closeSync(file);
  throw new Error('is no plain file');
}

/** The text of a file of at most `max` bytes; null where there is none. Throws as `openPlain` does, and for a longer one. */
export function readBounded(path: string, max: number): string | null {
  const opened = openPlain(path);
  if (opened === null) return null;
  try {
    if (opened.size > max) throw new Error(`is larger than ${max} bytes`);
    return readPart(opened.file, 0, opened.size).toString('utf8');
  } finally {
    closeSync(opened.file);
  }
}

/** At most `most` bytes of a file: the first and the last halves of it where it is longer, and how many bytes lie between them. */
export function readEnds(path: string, most: number): { readonly head: string; readonly tail: string; readonly between: number } | null {
  const opened = openPlain(path);
  if (opened === null) return null;
  const { file, size } = opened;
  try {
    if (size <= most) return { head: readPart(file, 0, size).toString('utf8'), tail: '', between: 0 };
    const half = Math.floor(most / 2);
    const [head, tail] = [readPart(file, 0, half), readPart(file, size - half, half)];
    return { head: head.toString('utf8'), tail: tail.toString('utf8'), between: size - 2 * half };
  } finally {
    closeSync(file);
  }
}

function readPart(file: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let at = 0;
  while (at < length) {
    const read = readSync(file, bytes, at, length - at, from + at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}
