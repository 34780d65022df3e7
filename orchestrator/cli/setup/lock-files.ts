import { posix } from 'node:path';
import { type FileTree, filterTree, readText } from '../../domain/tree.ts';

/**
 * The files of the base commit that say which packages the target needs, by their paths in the target: the best source there is and
 * no other. Order: `requirements.lock`; `uv.lock` with its `pyproject.toml`; `requirements-dev.txt` and `requirements.txt` with what
 * they include; the dependencies that `pyproject.toml` declares. Empty when the target names none.
 */
export function lockFiles(tree: FileTree): FileTree {
  const pick = (...paths: string[]): FileTree => filterTree(tree, (path) => paths.includes(path) && readText(tree, path) !== null);
  const has = (path: string): boolean => readText(tree, path) !== null;
  if (has('requirements.lock')) return pick('requirements.lock');
  if (has('uv.lock') && has('pyproject.toml')) return pick('uv.lock', 'pyproject.toml');
  const written = ['requirements-dev.txt', 'requirements.txt'].filter(has);
  if (written.length > 0) return pick(...withIncluded(tree, written));
  return pick('pyproject.toml');
}

/** The given requirement files and all that their `-r` and `-c` lines lead to inside the tree. */
function withIncluded(tree: FileTree, first: readonly string[]): string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    const text = found.includes(path) ? null : readText(tree, path);
    if (text === null) return;
    found.push(path);
    for (const [, name = ''] of text.matchAll(/^\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)/gm)) {
      visit(posix.normalize(posix.join(posix.dirname(path), name)));
    }
  };
  first.forEach(visit);
  return found;
}
