import type { TargetLayout } from '../domain/target.ts';
import type { FileTree } from '../domain/tree.ts';

/** Folders by convention that hold packages without being one. */
const CONTAINERS = ['src', 'lib', 'python'];

/** The folders that absolute imports start from (`''` is the target's own, `src` in a src layout), in order, without doubles. */
export function importRoots(base: FileTree, layout: TargetLayout): string[] {
  return [...new Set(['', ...layout.sources.map((source) => rootOf(base, source))])];
}

function rootOf(base: FileTree, source: string): string {
  if (source === '' || source === '.') return '';
  if (!source.endsWith('.py') && !base.has(`${source}/__init__.py`) && CONTAINERS.includes(baseName(source))) return source;
  let parent = parentOf(source);
  while (parent !== '' && base.has(`${parent}/__init__.py`)) parent = parentOf(parent);
  return parent;
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
