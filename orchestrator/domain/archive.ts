import { escapeName, foldName, isCache, judgePath } from './export-path.ts';
import { Failure } from './failure.ts';
import type { FileEntry, FileTree } from './tree.ts';
import { sameEntry } from './tree.ts';

/** One entry of an archive that goes into or comes out of a container, engine-neutral. */
export interface ArchiveEntry {
  /** Relative to the folder that was asked for; as the archive has it, unchecked. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  /** Permission bits, e.g. 0o644, setuid and the like included. */
  readonly mode: number;
  readonly content: Uint8Array;
  /** Target of a link; '' otherwise. */
  readonly link: string;
}

/** What may be taken out of a container at most. */
export interface ArchiveCaps {
  readonly bytes: number;
  readonly entries: number;
}

/** How an export is judged. */
export interface ExportRules {
  /** What stood there before: names and links that are exactly the same there are not judged anew. Empty where nothing stood. */
  readonly base: FileTree;
  readonly caps: ArchiveCaps;
}

const NOTHING = new Uint8Array();

/**
 * A tree as archive entries, parents first, sorted by path. `folders` are made also when empty (mount points); `prefix` is put before every
 * path and made too.
 */
export function treeToEntries(tree: FileTree, folders: readonly string[], prefix = ''): ArchiveEntry[] {
  const under = (path: string) => (prefix === '' ? path : `${prefix}/${path}`);
  const made = [...folders.map(under), ...(prefix === '' ? [] : [prefix])];
  const files = [...tree].map(([path, entry]) => fileEntry(under(path), entry));
  const taken = new Set(files.map(({ path }) => path));
  const parents = new Set([...made, ...made.flatMap(parentsOf), ...files.flatMap(({ path }) => parentsOf(path))]);
  for (const parent of parents) {
    if (taken.has(parent)) throw new Failure('bug', `${escapeName(parent)} is both a file and a folder`);
  }
  return [...files, ...[...parents].map(folderEntry)].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * What came out of a container, judged: regular files and folders only (export_bad_type), names that can stand in every repository
 * (export_bad_path), none of git's own (export_forbidden), not more than the caps (export_too_large). Folders are implied by their files;
 * caches that tools leave (see `isCache`) are dropped, unless the base has that very file.
 */
export async function entriesToTree(entries: AsyncIterable<ArchiveEntry>, rules: ExportRules): Promise<FileTree> {
  const tree = new Map<string, FileEntry>();
  const names = openNames(rules.base);
  let left = { ...rules.caps };
  for await (const entry of entries) {
    left = { bytes: left.bytes - entry.content.length, entries: left.entries - 1 };
    if (left.bytes < 0) throw new Failure('export_too_large', `more than ${rules.caps.bytes} bytes`);
    if (left.entries < 0) throw new Failure('export_too_large', `more than ${rules.caps.entries} files and folders`);
    const path = entry.type === 'directory' ? entry.path.replace(/\/$/, '') : entry.path;
    if (entry.type === 'directory' && (path === '' || path === '.')) continue;
    if (isCache(path) && !names.onBase(path)) continue;
    judgePath(path, isKnown(path, entry, rules.base, names));
    judgeType(path, entry, rules.base);
    names.take(path, entry.type === 'directory');
    if (entry.type !== 'directory') tree.set(path, exportedFile(entry));
  }
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** git's own names are known only with the bytes they had; other names as soon as the base has them. */
function isKnown(path: string, entry: ArchiveEntry, base: FileTree, names: Names): boolean {
  if (!names.onBase(path)) return false;
  if (entry.type === 'directory') return true;
  return !/(^|\/)\.git[^/]*$/i.test(path) || sameEntry(base.get(path) ?? null, exportedFile(entry));
}

function judgeType(path: string, entry: ArchiveEntry, base: FileTree): void {
  const bad = (what: string) => new Failure('export_bad_type', `${escapeName(path)} ${what}`);
  if ((entry.mode & 0o7000) !== 0 && entry.type !== 'symlink') throw bad('has setuid, setgid or sticky bits');
  if (entry.type === 'symlink') {
    if (!sameEntry(base.get(path) ?? null, exportedFile(entry))) throw bad('is a link that the base does not have');
  } else if (entry.type !== 'file' && entry.type !== 'directory') throw bad(`is neither a file nor a folder (${entry.type})`);
}

function exportedFile(entry: ArchiveEntry): FileEntry {
  if (entry.type === 'symlink') return { mode: '120000', content: new TextEncoder().encode(entry.link) };
  return { mode: (entry.mode & 0o100) === 0 ? '100644' : '100755', content: entry.content };
}

interface Names {
  /** Whether the base has a file or an (implied) folder of this name. */
  onBase(path: string): boolean;
  /** Remember a name and its parents; refuse one that is there already in this or another spelling. */
  take(path: string, folder: boolean): void;
}

/** The names of one export: two that some file system takes for one cannot both stand, unless both stood on the base. */
function openNames(base: FileTree): Names {
  const known = new Set([...base.keys(), ...[...base.keys()].flatMap(parentsOf)]);
  const parents = new Set<string>();
  const taken = new Map<string, { readonly path: string; readonly folder: boolean; readonly listed: boolean }[]>();

  function takeOne(path: string, folder: boolean, listed: boolean): void {
    const fold = foldName(path);
    const others = taken.get(fold) ?? [];
    for (const other of others) {
      const both = `${escapeName(path)} and ${escapeName(other.path)}`;
      if (other.path !== path) {
        if (!(known.has(path) && known.has(other.path))) throw new Failure('export_bad_path', `${both} differ in case or composition only`);
      } else if (!(folder && other.folder) || (listed && other.listed)) {
        throw new Failure('export_bad_path', `${escapeName(path)} is in the archive twice`);
      }
    }
    const rest = others.filter((other) => other.path !== path);
    const same = others.find((other) => other.path === path);
    taken.set(fold, [...rest, { path, folder, listed: listed || same?.listed === true }]);
  }

  return {
    onBase: (path) => known.has(path),
    take(path, folder) {
      for (const parent of parentsOf(path)) {
        if (parents.has(parent)) continue;
        takeOne(parent, true, false);
        parents.add(parent);
      }
      takeOne(path, folder, true);
    },
  };
}

function parentsOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

function fileEntry(path: string, { mode, content }: FileEntry): ArchiveEntry {
  if (mode === '120000') return { path, type: 'symlink', mode: 0o777, content: NOTHING, link: new TextDecoder().decode(content) };
  return { path, type: 'file', mode: mode === '100755' ? 0o755 : 0o644, content, link: '' };
}

function folderEntry(path: string): ArchiveEntry {
  return { path, type: 'directory', mode: 0o755, content: NOTHING, link: '' };
}
