import { posix } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import { type FileEntry, type FileTree, filterTree, readText } from '../../domain/tree.ts';

/**
 * The files of the base commit that say which packages the target needs, by their paths in the target: the best source there is and
 * no other. Order: `requirements.lock`; `uv.lock` with its `pyproject.toml`; `requirements-dev.txt` and `requirements.txt` with what
 * they include; the dependencies that `pyproject.toml` declares. Empty when the target names none. What they say is kept but for the words
 * by which a package's own code would run while it is installed. Throws target_unsupported for a file that includes one from elsewhere.
 */
export function lockFiles(tree: FileTree): FileTree {
  return new Map(
    [...chosen(tree)].map(([path, entry]) => [path, path.endsWith('.toml') || path === 'uv.lock' ? entry : wheelsOnly(path, entry)]),
  );
}

/** `--no-binary NAME` in a file wins over the builder's own `--only-binary :all:` (seen with uv 0.13.9), and a sdist is a program. */
const BUILDS = /--(?:no|only)-binary[\s=\\]+\S+/g;
const FROM_ELSEWHERE = /^\s*(?:-r|-c|--requirements?|--constraints?)[\s=\\]*(\S+:\/\/\S+)/m;

function wheelsOnly(path: string, entry: FileEntry): FileEntry {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(entry.content).replace(/\r\n?/g, '\n');
  const elsewhere = FROM_ELSEWHERE.exec(text)?.[1];
  if (elsewhere !== undefined)
    throw new Failure('target_unsupported', `${path} includes ${elsewhere}: only files of the base commit say what is installed`);
  const kept = text.replace(BUILDS, '');
  return kept === text ? entry : { ...entry, content: new TextEncoder().encode(kept) };
}

function chosen(tree: FileTree): FileTree {
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
