import type { ArchiveEntry } from '../../../domain/archive.ts';
import type { ContainerSpec } from '../../../domain/container.ts';
import type { FileTree } from '../../../domain/tree.ts';
import { createStore, FileError, FOLDER, type Node, type Store } from './store.ts';

/** The file system as a container sees it. Paths are absolute. What a kernel would refuse throws `FileError` (EROFS, ENOSPC, EBUSY …). */
export interface Files {
  /** A file's bytes; null where there is no file. */
  read(path: string): Uint8Array | null;
  readText(path: string): string | null;
  /** A file's bytes; throws FileError where there is no file. */
  mustRead(path: string): Uint8Array;
  /** Write a file; missing folders are made. */
  write(path: string, content: string | Uint8Array, mode?: number): void;
  makeFolder(path: string): void;
  link(path: string, target: string): void;
  /** Remove a file, or a folder with all that is in it. */
  remove(path: string): void;
  /** All files and links below a folder by their path relative to it, as a stage sees its tree. */
  tree(path: string): FileTree;
}

/** The same for the engine, which copies files in and out. */
export interface ContainerFiles extends Files {
  put(path: string, entry: ArchiveEntry): void;
  /** Everything below a folder, its tmpfs left out; null where there is no such folder. */
  entries(path: string): ArchiveEntry[] | null;
}

interface Mounted {
  readonly path: string;
  readonly store: Store;
  readonly write: boolean;
  readonly kind: 'root' | 'tmpfs' | 'volume';
}

const NO_LIMIT = { bytes: Number.POSITIVE_INFINITY, files: Number.POSITIVE_INFINITY };

/**
 * The view of one container: its image (empty here), its tmpfs and its volumes, nested as the spec says. Throws `FileError` where a
 * nested mount point is missing and cannot be made.
 */
export function mountFiles(spec: ContainerSpec, volumeStore: (name: string) => Store): ContainerFiles {
  const unsorted: Mounted[] = [
    { path: '', store: createStore(NO_LIMIT), write: !spec.readOnlyRoot, kind: 'root' },
    ...spec.tmpfs.map(({ path, sizeBytes }) => tmpfs(path, sizeBytes)),
    ...spec.mounts.map(({ volume, path, write }): Mounted => ({ path: trimmed(path), store: volumeStore(volume), write, kind: 'volume' })),
  ];
  const mounts = unsorted.toSorted((a, b) => a.path.length - b.path.length);
  for (const mount of mounts) makeMountPoint(mounts, mount);

  function locate(path: string): { mount: Mounted; inner: string } {
    const clean = trimmed(path);
    const mount = mounts.findLast((one) => one.path === '' || clean === one.path || clean.startsWith(`${one.path}/`));
    if (mount === undefined) throw new FileError('ENOENT', path);
    return { mount, inner: clean.slice(mount.path.length).replace(/^\//, '') };
  }

  function change(path: string, act: (store: Store, inner: string) => void): void {
    const { mount, inner } = locate(path);
    if (!mount.write) throw new FileError('EROFS', path);
    act(mount.store, inner);
  }

  function nodeAt(path: string): Node | undefined {
    const { mount, inner } = locate(path);
    return mount.store.get(inner);
  }

  function put(path: string, { type, mode, content, link }: Node): void {
    change(path, (store, inner) => store.set(inner, { type, mode, content, link }));
  }

  function read(path: string): Uint8Array | null {
    const node = nodeAt(path);
    return node?.type === 'file' ? node.content : null;
  }

  function below(path: string, kinds: readonly Mounted['kind'][]): [string, Node][] {
    const folder = trimmed(path);
    const prefix = folder === '' ? '' : `${folder}/`;
    return mounts
      .flatMap((mount) =>
        mount.store
          .below('')
          .map(([name, node]): [Mounted, string, Node] => [mount, mount.path === '' ? `/${name}` : `${mount.path}/${name}`, node]),
      )
      .filter(([mount, full]) => kinds.includes(mount.kind) && full.startsWith(prefix) && locate(full).mount === mount)
      .map(([, full, node]): [string, Node] => [full.slice(prefix.length), node])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  return {
    read,
    readText(path) {
      const bytes = read(path);
      return bytes === null ? null : new TextDecoder().decode(bytes);
    },
    mustRead(path) {
      const bytes = read(path);
      if (bytes === null) throw new FileError('ENOENT', path);
      return bytes;
    },
    write(path, content, mode = 0o644) {
      put(path, { type: 'file', mode, content: typeof content === 'string' ? new TextEncoder().encode(content) : content, link: '' });
    },
    makeFolder: (path) => put(path, FOLDER),
    link: (path, target) => put(path, { type: 'symlink', mode: 0o777, content: new Uint8Array(), link: target }),
    remove(path) {
      const clean = trimmed(path);
      if (mounts.some((mount) => mount.path === clean || mount.path.startsWith(`${clean}/`))) throw new FileError('EBUSY', path);
      if (nodeAt(path) === undefined) throw new FileError('ENOENT', path);
      change(path, (store, inner) => store.delete(inner));
    },
    tree(path) {
      const nodes = below(path, ['root', 'tmpfs', 'volume']).filter(([, { type }]) => type === 'file' || type === 'symlink');
      return new Map(nodes.map(([name, node]) => [name, treeEntry(node)]));
    },
    put,
    entries(path) {
      if (nodeAt(path)?.type !== 'directory') return null;
      return below(path, ['root', 'volume']).map(([name, node]) => ({ path: name, ...node }));
    },
  };
}

function tmpfs(path: string, bytes: number): Mounted {
  return { path: trimmed(path), store: createStore({ ...NO_LIMIT, bytes }), write: true, kind: 'tmpfs' };
}

/** As the kernel does it: in the image anything can be a mount point, in a volume it must be there or be writable. */
function makeMountPoint(mounts: readonly Mounted[], mount: Mounted): void {
  if (mount.path === '') return;
  const outer = mounts.findLast((one) => one !== mount && (one.path === '' || mount.path.startsWith(`${one.path}/`)));
  if (outer === undefined) return;
  const inner = mount.path.slice(outer.path.length).replace(/^\//, '');
  const there = outer.store.get(inner);
  if (there?.type === 'directory') return;
  if (there !== undefined) throw new FileError('ENOTDIR', mount.path);
  if (outer.kind === 'volume' && !outer.write) throw new FileError('EROFS', mount.path);
  outer.store.set(inner, FOLDER);
}

function treeEntry(node: Node): { mode: '100644' | '100755' | '120000'; content: Uint8Array } {
  if (node.type === 'symlink') return { mode: '120000', content: new TextEncoder().encode(node.link) };
  return { mode: (node.mode & 0o100) === 0 ? '100644' : '100755', content: node.content };
}

/** Without slashes at the end; the root is ''. */
function trimmed(path: string): string {
  return path.replace(/\/+(\.\/*)?$/, '');
}
