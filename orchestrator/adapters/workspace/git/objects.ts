/** Git objects made without git: what a tree of files is called, and the bytes that git stores for it. */
import { createHash } from 'node:crypto';
import { Failure } from '../../../domain/failure.ts';
import type { FileTree } from '../../../domain/tree.ts';

/** A repository names its objects by one of two hashes. */
export type ObjectFormat = 'sha1' | 'sha256';

export interface GitObject {
  readonly type: 'blob' | 'tree';
  readonly id: string;
  readonly content: Uint8Array;
}

/** One line of a tree object; names are bytes, since a repository may hold any. */
export interface TreeLine {
  readonly mode: string;
  readonly name: Buffer;
  readonly id: string;
}

/** A tree of files as git objects: its id, and every blob and tree in it by id. */
export interface TreeObjects {
  readonly id: string;
  readonly objects: ReadonlyMap<string, GitObject>;
}

export function formatOf(id: string): ObjectFormat {
  return id.length === 64 ? 'sha256' : 'sha1';
}

/**
 * Blobs and trees for these files, ids as git would give them. Paths that git itself could read as something else than a file's name
 * (`..`, `.git` in any spelling) are `export_bad_path` or `export_forbidden`: whoever exported them should have said so before.
 */
export function treeObjects(format: ObjectFormat, files: FileTree): TreeObjects {
  const objects = new Map<string, GitObject>();
  const keep = (object: GitObject) => {
    objects.set(object.id, object);
    return object.id;
  };
  const write = (folder: Folder): string => {
    const lines = [...folder].map(([name, child]) =>
      child instanceof Map
        ? { mode: '40000', name: Buffer.from(name), id: write(child) }
        : { mode: child.mode, name: Buffer.from(name), id: keep(gitObject(format, 'blob', child.content)) },
    );
    return keep(treeObject(format, lines));
  };
  return { id: write(folders(files)), objects };
}

export function blobId(format: ObjectFormat, content: Uint8Array): string {
  return gitObject(format, 'blob', content).id;
}

/** A tree object of these lines, in git's order: by bytes, a folder as if its name ended in a slash. */
export function treeObject(format: ObjectFormat, lines: readonly TreeLine[]): GitObject {
  const sorted = lines.map((line) => ({ line, key: sortKey(line) })).sort((a, b) => Buffer.compare(a.key, b.key));
  const parts = sorted.flatMap(({ line }) => [Buffer.from(`${line.mode} `), line.name, Buffer.of(0), Buffer.from(line.id, 'hex')]);
  return gitObject(format, 'tree', Buffer.concat(parts));
}

/** The lines of a tree object's bytes. */
export function parseTree(format: ObjectFormat, content: Buffer): TreeLine[] {
  const idLength = format === 'sha256' ? 32 : 20;
  const lines: TreeLine[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    const id = content.subarray(end + 1, end + 1 + idLength).toString('hex');
    lines.push({ mode: content.toString('latin1', at, space), name: content.subarray(space + 1, end), id });
    at = end + 1 + idLength;
  }
  return lines;
}

function gitObject(format: ObjectFormat, type: GitObject['type'], content: Uint8Array): GitObject {
  const id = createHash(format).update(`${type} ${content.length}\0`).update(content).digest('hex');
  return { type, id, content };
}

function sortKey({ mode, name }: TreeLine): Buffer {
  return mode === '40000' ? Buffer.concat([name, Buffer.from('/')]) : name;
}

type Folder = Map<string, Folder | NonNullable<ReturnType<FileTree['get']>>>;

function folders(files: FileTree): Folder {
  const top: Folder = new Map();
  for (const [path, entry] of files) {
    const names = path.split('/');
    for (const name of names) assertName(name, path);
    const last = names.pop() as string;
    let folder = top;
    for (const name of names) {
      const next = folder.get(name) ?? new Map();
      if (!(next instanceof Map)) throw new Failure('export_bad_path', `${JSON.stringify(path)} lies inside a file`);
      folder.set(name, next);
      folder = next;
    }
    if (folder.has(last)) throw new Failure('export_bad_path', `${JSON.stringify(path)} is a file and a folder`);
    folder.set(last, entry);
  }
  return top;
}

/** Characters that one file system or another drops from a name. */
const DROPPED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

function assertName(name: string, path: string): void {
  if (name === '' || name === '.' || name === '..' || /[\0\p{Surrogate}]/u.test(name)) {
    throw new Failure('export_bad_path', `${JSON.stringify(path)} is not a path inside the target`);
  }
  if (/^(\.git|git~1)[ .]*$/i.test(name.replace(DROPPED, ''))) {
    throw new Failure('export_forbidden', `${JSON.stringify(path)} could be taken for git’s own folder`);
  }
}
