import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '../tree.ts';
import { placeOf, printable, realPathOf } from './jail.ts';
import { ToolError } from './tool-error.ts';

/** The entries of one folder, sorted: folders end in `/`, files carry their size, other things say what they are. */
export function listDir(tree: Tree, path: string): string {
  const place = placeOf(tree, path);
  const real = realPathOf(place);
  if (!statSync(real).isDirectory()) throw new ToolError('that is a file: use read_file');
  const names = readdirSync(real).sort();
  if (names.length === 0) return `${place.shown} is empty`;
  const lines = names.slice(0, MAX_ENTRIES).map((name) => entryLine(real, name));
  const more = names.length > MAX_ENTRIES ? [`… and ${names.length - MAX_ENTRIES} more`] : [];
  return [`${place.shown}, ${names.length} entries`, ...lines, ...more].join('\n');
}

const MAX_ENTRIES = 300;

function entryLine(folder: string, name: string): string {
  const stat = lstatSync(join(folder, name));
  if (stat.isDirectory()) return `${printable(name)}/`;
  if (stat.isFile()) return `${printable(name)}  ${stat.size} bytes`;
  return `${printable(name)}  ${stat.isSymbolicLink() ? 'symbolic link' : 'special file'}`;
}
