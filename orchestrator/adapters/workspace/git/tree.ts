/** Reading trees of the user's repository: `ls-tree` and `cat-file`, which know neither attributes nor filters. */
import { Failure } from '../../../domain/failure.ts';
import type { FileEntry, FileTree } from '../../../domain/tree.ts';
import { type Git, GitError } from './command.ts';

/** What a target may hold at most. */
const MAX_FILES = 50_000;
const MAX_BYTES = 256 * 1024 * 1024;

/** One file of a stored tree. */
export interface Listed {
  readonly mode: FileEntry['mode'];
  readonly id: string;
  readonly path: string;
}

/**
 * The files of the target's tree, not yet read. Whatever the factory could not carry unchanged from here to the commit is
 * `target_unsupported`: submodules, names that are not UTF-8, files that are not here (a partial clone), more than fits.
 */
export async function listTarget(git: Git, tree: string): Promise<Listed[]> {
  const listed: Listed[] = [];
  let bytes = 0;
  for (const line of await listTree(git, tree, ['-l']).catch(notListed)) {
    const path = pathOf(line.path);
    if (line.type === 'commit') throw new Failure('target_unsupported', `it contains a submodule: ${path}`);
    if (!/^[0-9]+$/.test(line.size)) throw notHere(path);
    bytes += Number(line.size);
    listed.push({ mode: modeOf(line.mode), id: line.id, path });
  }
  if (listed.length > MAX_FILES) throw new Failure('target_unsupported', `it has ${listed.length} files; at most ${MAX_FILES} are taken`);
  if (bytes > MAX_BYTES) throw new Failure('target_unsupported', `it has ${bytes} bytes; at most ${MAX_BYTES} are taken`);
  return listed;
}

/** The files of the target's tree with their bytes. */
export async function readTarget(git: Git, tree: string): Promise<FileTree> {
  const listed = await listTarget(git, tree);
  const contents = await readObjects(
    git,
    listed.map(({ id }) => id),
  );
  return new Map(listed.map(({ path, mode }, i) => [path, { mode, content: new Uint8Array(contents[i] as Buffer) }]));
}

/** One line of `ls-tree`; the path is bytes, the size is text (`-` where there is none, `BAD` where the object is missing). */
export interface StoredLine {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  readonly size: string;
  readonly path: Buffer;
}

/** Everything below a tree, folders left out unless `flags` has `-t`. */
export async function listTree(git: Git, tree: string, flags: readonly string[]): Promise<StoredLine[]> {
  const out = await git.bytes(['ls-tree', '-r', '-z', '--full-tree', ...flags, tree]);
  const lines: StoredLine[] = [];
  for (let at = 0; at < out.length; ) {
    const tab = out.indexOf(0x09, at);
    const end = out.indexOf(0, tab);
    const [mode = '', type = '', id = '', size = ''] = out.toString('latin1', at, tab).split(/ +/);
    lines.push({ mode, type, id, size, path: out.subarray(tab + 1, end) });
    at = end + 1;
  }
  return lines;
}

/** The bytes of objects, in the order asked for. */
export async function readObjects(git: Git, ids: readonly string[]): Promise<Buffer[]> {
  if (ids.length === 0) return [];
  const out = await git.bytes(['cat-file', '--batch'], { input: Buffer.from(`${ids.join('\n')}\n`) });
  let at = 0;
  return ids.map((id) => {
    const end = out.indexOf(0x0a, at);
    const [found, , size] = out.toString('latin1', at, end).split(' ');
    if (found !== id || size === undefined) throw notHere(id);
    at = end + 1 + Number(size) + 1;
    return out.subarray(end + 1, at - 1);
  });
}

function modeOf(mode: string): FileEntry['mode'] {
  if (mode === '120000') return mode;
  // Very old commits have group-writable files, which git itself reads as plain ones.
  return Number.parseInt(mode, 8) & 0o100 ? '100755' : '100644';
}

function pathOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Failure('target_unsupported', `a file’s name is not UTF-8: ${JSON.stringify(bytes.toString('latin1'))}`);
  }
}

function notHere(what: string): Failure {
  return new Failure('target_unsupported', `${what} is not in this clone, and the factory fetches nothing: complete a partial clone first`);
}

/** With `-l` git asks for every file's size, and in a partial clone dies where it would have to fetch. */
function notListed(error: unknown): never {
  if (error instanceof GitError) throw notHere(error.words.split('\n').at(-1) ?? 'a file');
  throw error;
}
