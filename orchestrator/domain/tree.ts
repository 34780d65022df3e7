/** One file of a tree: git's mode and its bytes. A symlink's bytes are its target. */
export interface FileEntry {
  readonly mode: '100644' | '100755' | '120000';
  readonly content: Uint8Array;
}

/** The files of a target's sub-folder by path, `/`-separated, relative to that folder. Folders are implied. */
export type FileTree = ReadonlyMap<string, FileEntry>;

/** What differs at one path. `before` is null for an added file, `after` for a deleted one. */
export interface Change {
  readonly path: string;
  readonly before: FileEntry | null;
  readonly after: FileEntry | null;
}

/** The differences that lead from `base` to `head`, sorted by path. */
export function diffTrees(base: FileTree, head: FileTree): Change[] {
  const paths = [...new Set([...base.keys(), ...head.keys()])].sort();
  return paths
    .map((path) => ({ path, before: base.get(path) ?? null, after: head.get(path) ?? null }))
    .filter(({ before, after }) => !sameEntry(before, after));
}

/** `base` with `changes` laid over it: every `after` wins, every null `after` removes. */
export function applyChanges(base: FileTree, changes: readonly Change[]): FileTree {
  const tree = new Map(base);
  for (const { path, after } of changes) {
    if (after === null) tree.delete(path);
    else tree.set(path, after);
  }
  return tree;
}

/** The part of a tree whose paths satisfy `keep`. */
export function filterTree(tree: FileTree, keep: (path: string) => boolean): FileTree {
  return new Map([...tree].filter(([path]) => keep(path)));
}

/** A text file as a tree entry. */
export function textFile(text: string): FileEntry {
  return { mode: '100644', content: new TextEncoder().encode(text) };
}

/** A file's text, or null where it is absent, a symlink, or not valid UTF-8. */
export function readText(tree: FileTree, path: string): string | null {
  const entry = tree.get(path);
  if (entry === undefined || entry.mode === '120000') return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(entry.content);
  } catch {
    return null;
  }
}

export function sameEntry(a: FileEntry | null, b: FileEntry | null): boolean {
  if (a === null || b === null) return a === b;
  return a.mode === b.mode && a.content.length === b.content.length && a.content.every((byte, i) => byte === b.content[i]);
}
