import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Base } from '../../../domain/target.ts';
import type { FileEntry, FileTree } from '../../../domain/tree.ts';
import { type Environment, GitError, gitIn } from './command.ts';

/**
 * How many files of the target's folder on disk differ from the base: changed, gone, staged, or not known to git and not ignored. 0 where
 * the base is another tree than HEAD's, since then they differ for another reason. Compared here, not by git: its own comparison runs the
 * filters that a repository's configuration names. Nothing is written.
 */
export async function countUncommitted(base: Base, tree: FileTree, ambient: Environment): Promise<number> {
  const git = gitIn(base.root, ambient);
  try {
    const head = await git.text(['rev-parse', '--verify', '--quiet', `HEAD:${base.prefix}`]);
    if (head !== base.tree) return 0;
    const listed = await git.bytes([
      'ls-files',
      '--full-name',
      '--cached',
      '--others',
      '--exclude-standard',
      '-z',
      '--',
      base.prefix || '.',
    ]);
    const below = base.prefix === '' ? 0 : base.prefix.length + 1;
    const paths = new Set(
      listed
        .toString('utf8')
        .split('\0')
        .filter(Boolean)
        .map((path) => path.slice(below)),
    );
    const added = [...paths].filter((path) => !tree.has(path)).length;
    return added + [...tree].filter(([path, entry]) => differs(join(base.root, base.prefix, path), entry)).length;
  } catch (error) {
    if (error instanceof GitError) return 0;
    throw error;
  }
}

function differs(path: string, entry: FileEntry): boolean {
  try {
    return isOther(path, entry);
  } catch {
    // What cannot be read is not what was committed.
    return true;
  }
}

function isOther(path: string, { mode, content }: FileEntry): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (mode === '120000') return stat?.isSymbolicLink() !== true || readlinkSync(path) !== Buffer.from(content).toString();
  if (stat?.isFile() !== true) return true;
  // Git keeps the file itself elsewhere; what is on disk is meant to differ.
  if (LFS_POINTER.test(Buffer.from(content.subarray(0, 60)).toString('latin1'))) return false;
  const onDisk = readFileSync(path);
  return !onDisk.equals(content) && onDisk.toString('latin1').replaceAll('\r\n', '\n') !== Buffer.from(content).toString('latin1');
}

const LFS_POINTER = /^version https:\/\/git-lfs\.github\.com\//;
