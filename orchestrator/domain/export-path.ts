import { Failure } from './failure.ts';

const MAX_SEGMENT_BYTES = 200;
const MAX_PATH_BYTES = 1024;
const MAX_DEPTH = 40;

/** Folders and files that tools leave beside what they read. They are no part of anybody's work, so an export leaves them out. */
const CACHE_FOLDERS = new Set(['__pycache__', '.mypy_cache', '.ruff_cache', '.pytest_cache']);

export function isCache(path: string): boolean {
  const segments = path.split('/');
  return segments.some((segment) => CACHE_FOLDERS.has(segment)) || /(^|\/)\.coverage$|\.pyc$/.test(path);
}

/**
 * Refuse a path that came out of a container and could not stand in every repository: export_forbidden for git's own names, export_bad_path
 * for the rest, with the name escaped. `known` says that the base has this very path: then only what could leave the tree is judged.
 */
export function judgePath(path: string, known: boolean): void {
  const segments = path.split('/');
  if (path.includes('\0')) throw badPath(path, 'holds a NUL');
  if (path.startsWith('/')) throw badPath(path, 'is absolute');
  for (const segment of segments) {
    if (segment === '') throw badPath(path, 'has an empty segment');
    if (segment === '.' || segment === '..') throw badPath(path, 'has a segment that is not a name');
  }
  if (known) return;
  if (segments.some(isGitName)) throw new Failure('export_forbidden', `${escapeName(path)} is one of git’s own names`);
  const fault = nameFault(path, segments);
  if (fault !== null) throw badPath(path, fault);
}

/** A name for a message: ASCII letters as they are, all else as escapes, cut at 120 characters. */
export function escapeName(name: string): string {
  const shown = [...name.slice(0, 120)]
    .map((char) => (/^[ !#-[\]-~]$/.test(char) ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`))
    .join('');
  return `"${shown}${name.length > 120 ? '…' : ''}"`;
}

/** One name for all spellings that a file system without case, or with composed letters, takes for the same file. */
export function foldName(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

function nameFault(path: string, segments: readonly string[]): string | null {
  if (segments.length > MAX_DEPTH) return `is deeper than ${MAX_DEPTH} folders`;
  if (utf8Bytes(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  if (segments.some((segment) => utf8Bytes(segment) > MAX_SEGMENT_BYTES)) return `has a segment longer than ${MAX_SEGMENT_BYTES} bytes`;
  if (segments.some((segment) => segment.startsWith('-'))) return 'has a segment that reads as an option';
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(path)) return 'holds a control character';
  if (/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(path)) return 'holds a character that cannot be seen';
  if (/[\p{Cs}\ufffd]/u.test(path)) return 'is not UTF-8';
  if (path.includes('\\')) return 'holds a backslash';
  return null;
}

/** `.git` and the files that git obeys, in every spelling that some file system reads as them. */
function isGitName(segment: string): boolean {
  const seen = segment.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
  const name =
    foldName(seen)
      .split(':')[0]
      ?.replace(/[. ]+$/, '') ?? '';
  return ['.git', '.gitmodules', '.gitattributes'].includes(name) || /^(git|gitmod|gitatt|gi7eba|gi7d29)~[0-9]+$/.test(name);
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function badPath(path: string, fault: string): Failure {
  return new Failure('export_bad_path', `${escapeName(path)} ${fault}`);
}
