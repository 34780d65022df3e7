import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { judgePath } from '../../../orchestrator/domain/export-path.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import type { Tree } from '../tree.ts';
import { type Place, placeOf } from './jail.ts';
import { ToolError } from './tool-error.ts';

/** A place that may be written to. */
export interface Writable {
  readonly shown: string;
  /** Absolute; no part of it that exists is a link. */
  readonly real: string;
  /** The permission bits of the file that is there, null when none is. */
  readonly mode: number | null;
}

/**
 * Where a model wants to write. Stricter than reading: no part of the way is a symbolic link, what is there is a regular file, the name
 * is one that the export takes, and it lies under the tree's writable folder. Throws ToolError.
 */
export function writableOf(tree: Tree, path: string): Writable {
  const place = placeOf(tree, path);
  if (place.segments.length === 0) throw new ToolError('that is the top folder, not a file');
  if (path.endsWith('/')) throw new ToolError('a file’s path does not end with a slash');
  refuseOutside(tree, place);
  const stat = walk(place);
  refuseName(place, stat !== null);
  if (stat?.isDirectory()) throw new ToolError('that is a folder');
  if (stat !== null && !stat.isFile()) throw new ToolError('that is not a regular file');
  return { shown: place.shown, real: join(realpathSync(place.root), ...place.segments), mode: stat === null ? null : stat.mode & 0o777 };
}

/** A name that the export would refuse ends the run; said here, it costs a turn. */
function refuseName(place: Place, known: boolean): void {
  try {
    judgePath(place.segments.join('/'), known);
  } catch (error) {
    throw error instanceof Failure ? new ToolError(`not a name for a file here: ${error.detail}`) : error;
  }
}

function refuseOutside(tree: Tree, place: Place): void {
  if (tree.writeUnder === null) return;
  const allowed = tree.writeUnder.split('/').filter((segment) => segment !== '' && segment !== '.');
  const inside = place.segments.length > allowed.length && allowed.every((segment, index) => place.segments[index] === segment);
  if (!inside) throw new ToolError(`only files under ${allowed.join('/')}/ are yours to write`);
}

/** What lies at the place, null when nothing does. Links on the way are refused, each seen by itself. */
function walk(place: Place): Stats | null {
  let path = realpathSync(place.root);
  let stat: Stats | null = null;
  for (const segment of place.segments) {
    path = join(path, segment);
    stat = lstatSync(path, { throwIfNoEntry: false }) ?? null;
    if (stat === null) return null;
    if (stat.isSymbolicLink()) throw new ToolError('a part of the path is a symbolic link: name the file itself');
  }
  return stat;
}
