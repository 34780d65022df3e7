/** Paths that models name, kept inside the tree. The mounts are the wall; this says no in words that a model can use. */
import { readdirSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Tree } from '../tree.ts';
import { ToolError } from './tool-error.ts';

/** A path inside one root, not yet looked at. */
export interface Place {
  /** The path as models write it, normalised: `app/main.py`, `head/app/main.py`. */
  readonly shown: string;
  /** Absolute folder of its root. */
  readonly root: string;
  /** Segments below the root; empty for the root itself. */
  readonly segments: readonly string[];
}

/** Where a model's path points, by its words alone. Throws ToolError for what is absolute, climbs, or names no root. */
export function placeOf(tree: Tree, path: string): Place {
  if (/\p{Cc}/u.test(path)) throw new ToolError('the path holds control characters');
  if (path.startsWith('/')) throw new ToolError('paths are relative to the tree: leave out the leading slash');
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw new ToolError('`..` is not allowed: paths are relative to the tree');
  const names = Object.keys(tree.roots).sort();
  const named = names.length > 1;
  const name = named ? segments[0] : names[0];
  const root = name !== undefined && Object.hasOwn(tree.roots, name) ? tree.roots[name] : undefined;
  if (root === undefined) throw new ToolError(`a path begins with one of: ${names.map((one) => `${one}/`).join(', ')}`);
  return { shown: segments.join('/') || '.', root, segments: named ? segments.slice(1) : segments };
}

/** The absolute, link-free path of what exists at a place. Throws ToolError when nothing does, or when links lead out of the root. */
export function realPathOf(place: Place): string {
  const root = realpathSync(place.root);
  let real: string;
  try {
    real = realpathSync(join(root, ...place.segments));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new ToolError(nothingAt(place, root));
    throw error;
  }
  if (!isInside(root, real)) throw new ToolError('a symbolic link there leads out of the tree');
  return real;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (!way.startsWith('../') && way !== '..' && !way.startsWith('/'));
}

/** Names what does exist on the way there: most missing files are misremembered ones. */
function nothingAt(place: Place, root: string): string {
  for (let depth = place.segments.length - 1; depth >= 0; depth -= 1) {
    const above = place.segments.slice(0, depth);
    const names = namesIn(root, above);
    if (names === null) continue;
    const listed = names.slice(0, 20).join(', ') + (names.length > 20 ? ', …' : '');
    return `no such file or folder; ${above.join('/') || 'the top folder'} holds: ${listed || 'nothing'}`;
  }
  return 'no such file or folder';
}

function namesIn(root: string, segments: readonly string[]): string[] | null {
  try {
    const real = realpathSync(join(root, ...segments));
    return isInside(root, real) ? readdirSync(real).sort().map(printable) : null;
  } catch {
    return null; // Absent, or not a folder: the next one up is tried.
  }
}

/** A file's name as it may stand in a line of text. */
export function printable(name: string): string {
  return /[\p{Cc}\p{Cf}]/u.test(name) ? JSON.stringify(name).replace(/\p{Cf}/gu, '?') : name;
}
