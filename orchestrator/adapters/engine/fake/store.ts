import type { ArchiveEntry } from '../../../domain/archive.ts';

/** What lies at a path of a store; a folder is an entry too. */
export type Node = Omit<ArchiveEntry, 'path'>;

/** A file operation that a kernel would refuse, with the kernel's name for it. */
export class FileError extends Error {
  readonly code: 'EROFS' | 'ENOSPC' | 'ENOENT' | 'EBUSY' | 'ENOTDIR' | 'EISDIR';

  constructor(code: FileError['code'], path: string) {
    super(`${code}: ${WORDS[code]}: ${path}`);
    this.code = code;
  }
}

const WORDS = {
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  ENOENT: 'No such file or directory',
  EBUSY: 'Device or resource busy',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
};

/** An in-memory file system with a quota, as a tmpfs has it. Paths are relative, without slashes at their ends; '' is its root. */
export interface Store {
  get(path: string): Node | undefined;
  /** Put a file, link or folder there; its parents are made. Throws FileError. */
  set(path: string, node: Node): void;
  /** Remove what lies there and below. */
  delete(path: string): void;
  /** Everything below a folder, paths relative to the store, sorted. */
  below(path: string): [string, Node][];
  clear(): void;
}

export const FOLDER: Node = { type: 'directory', mode: 0o755, content: new Uint8Array(), link: '' };

const PAGE = 4096;

export function createStore(limits: { readonly bytes: number; readonly files: number }): Store {
  const nodes = new Map<string, Node>();
  let used = 0;

  function set(path: string, node: Node): void {
    if (path === '') return;
    for (const parent of parentsOf(path)) {
      const there = nodes.get(parent);
      if (there === undefined) put(parent, FOLDER);
      else if (there.type !== 'directory') throw new FileError('ENOTDIR', path);
    }
    if (nodes.get(path)?.type === 'directory' && node.type !== 'directory') throw new FileError('EISDIR', path);
    put(path, node);
  }

  function put(path: string, node: Node): void {
    const bytes = used + pages(node) - pages(nodes.get(path));
    // The root is a file too.
    const files = 1 + nodes.size + (nodes.has(path) ? 0 : 1);
    if (bytes > limits.bytes || files > limits.files) throw new FileError('ENOSPC', path);
    nodes.set(path, node);
    used = bytes;
  }

  function drop(path: string): void {
    used -= pages(nodes.get(path));
    nodes.delete(path);
  }

  const below = (path: string) =>
    [...nodes].filter(([name]) => path === '' || name.startsWith(`${path}/`)).sort(([a], [b]) => (a < b ? -1 : 1));

  return {
    get: (path) => (path === '' ? FOLDER : nodes.get(path)),
    set,
    delete(path) {
      for (const [name] of below(path)) drop(name);
      drop(path);
    },
    below,
    clear() {
      nodes.clear();
      used = 0;
    },
  };
}

/** A file's size as a quota counts it. */
function pages(node: Node | undefined): number {
  return node === undefined ? 0 : Math.ceil(node.content.length / PAGE) * PAGE;
}

function parentsOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}
