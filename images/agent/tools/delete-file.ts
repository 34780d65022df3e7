import { unlinkSync } from 'node:fs';
import type { Tree } from '../tree.ts';
import { ToolError } from './tool-error.ts';
import { writableOf } from './writable.ts';

export function deleteFile(tree: Tree, path: string): string {
  const place = writableOf(tree, path);
  if (place.mode === null) throw new ToolError('no such file');
  unlinkSync(place.real);
  return `deleted ${place.shown}`;
}
