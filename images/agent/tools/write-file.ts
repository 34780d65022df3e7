import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Tree } from '../tree.ts';
import { linesOf } from './text-file.ts';
import { ToolError } from './tool-error.ts';
import { type Writable, writableOf } from './writable.ts';

/** Makes or replaces a whole file, folders included. Says what happened; throws ToolError. */
export function writeFile(tree: Tree, path: string, content: string): string {
  const place = writableOf(tree, path);
  if (place.mode !== null && holds(place, content)) return `unchanged: ${place.shown} already has this content`;
  putText(tree, place, content);
  return `${place.mode === null ? 'made' : 'replaced'} ${place.shown}, ${linesOf(content).length} lines`;
}

/** Puts a text in place whole or not at all: a full disk leaves the old file. */
export function putText(tree: Tree, place: Writable, content: string): void {
  const bytes = Buffer.from(content);
  if (bytes.length > tree.maxFileBytes) throw new ToolError(`${bytes.length} bytes are more than a file may have (${tree.maxFileBytes})`);
  if (/\p{Surrogate}/u.test(content)) throw new ToolError('the text holds half a character (a lone surrogate)');
  if (content.includes('\0')) throw new ToolError('the text holds NUL characters');
  const folder = dirname(place.real);
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `.draft-${process.pid}`);
  try {
    writeFileSync(draft, bytes, { flag: 'wx' });
    chmodSync(draft, place.mode ?? 0o644);
    renameSync(draft, place.real);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function holds(place: Writable, content: string): boolean {
  return statSync(place.real).size === Buffer.byteLength(content) && readFileSync(place.real, 'utf8') === content;
}
