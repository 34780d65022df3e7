import { realpathSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { Failure } from '../../../domain/failure.ts';
import type { Base } from '../../../domain/target.ts';
import { type Environment, type Git, GitError, gitIn } from './command.ts';
import { listTarget } from './tree.ts';

/** The folder that is the target when nobody says otherwise and the base has it. */
const DEFAULT_TARGET = 'target-app';

export interface PinOptions {
  readonly directory: string;
  /** Relative to `directory`, or absolute. */
  readonly target: string | null;
  /** Anything git can resolve to a commit. */
  readonly base: string | null;
}

/** Find repository, base commit and target, and judge whether the factory can work there. Nothing is written. */
export async function pin(options: PinOptions, ambient: Environment): Promise<Base> {
  if (statSync(options.directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure('not_a_repository', `${options.directory} is not a folder`);
  }
  const place = await findPlace(options.directory, ambient);
  const git = gitIn(place.root, ambient);
  const { commit, rootTree } = await findCommit(git, options.base);
  const { prefix, tree } = await findTarget(git, rootTree, place, options.target);
  await listTarget(git, tree);
  return { root: place.root, prefix, commit, rootTree, tree, branch: await branchOf(git) };
}

/** Where a directory lies: the top of its work tree, and itself relative to that (`''` or `a/b`). */
interface Place {
  readonly root: string;
  readonly below: string;
}

async function findPlace(directory: string, ambient: Environment): Promise<Place> {
  const git = gitIn(directory, ambient);
  try {
    const root = await git.text(['rev-parse', '--show-toplevel']);
    return { root, below: posix.relative(root, realpathSync(directory)) };
  } catch (error) {
    const isBare = (await ask(git, ['rev-parse', '--is-bare-repository'])) === 'true';
    throw isBare ? new Failure('target_bare', directory) : notARepository(directory, error);
  }
}

function notARepository(directory: string, error: unknown): unknown {
  if (!(error instanceof GitError)) return error;
  if (error.words.includes('dubious ownership')) {
    const advice = `git config --global --add safe.directory '${directory}'`;
    return new Failure('not_a_repository', `${directory} belongs to another user, so git does not trust it; if you do: ${advice}`);
  }
  return new Failure('not_a_repository', `${directory}: ${error.words.split('\n')[0]}`);
}

async function findCommit(git: Git, base: string | null): Promise<{ commit: string; rootTree: string }> {
  const name = base ?? 'HEAD';
  const [commit, rootTree] = /[\0\n]/.test(name) ? [] : await idsOf(git, [`${name}^{commit}`, `${name}^{tree}`]);
  if (commit != null && rootTree != null) return { commit, rootTree };
  if (base !== null) throw new Failure('base_missing', `${JSON.stringify(base)} names no commit here`);
  const branch = await branchOf(git);
  throw new Failure('target_unborn', branch === null ? 'HEAD names no commit' : `branch ${branch} has no commit`);
}

/** The ids of objects by any name git knows, null for what it does not have. Names go over stdin, so that none is taken for an option. */
async function idsOf(git: Git, names: readonly string[]): Promise<(string | null)[]> {
  try {
    const out = await git.bytes(['cat-file', '--batch-check=%(objectname)'], { input: Buffer.from(`${names.join('\n')}\n`) });
    const ids = out.toString('utf8').split('\n');
    return names.map((_, i) => (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(ids[i] ?? '') ? (ids[i] as string) : null));
  } catch (error) {
    // Where git would have to fetch it, it dies.
    if (error instanceof GitError) return names.map(() => null);
    throw error;
  }
}

async function findTarget(git: Git, rootTree: string, place: Place, asked: string | null): Promise<{ prefix: string; tree: string }> {
  if (asked === null && place.below === '') {
    const found = await entryAt(git, rootTree, DEFAULT_TARGET);
    return found?.type === 'tree' ? { prefix: DEFAULT_TARGET, tree: found.id } : { prefix: '', tree: rootTree };
  }
  const prefix = asked === null ? place.below : insideOf(place, asked);
  if (prefix === '') return { prefix, tree: rootTree };
  const found = await entryAt(git, rootTree, prefix);
  if (found === null) throw new Failure('target_missing', `${prefix}/`);
  if (found.type === 'commit') throw new Failure('target_unsupported', `${prefix}/ is a submodule: run inside it`);
  if (found.type !== 'tree') throw new Failure('target_missing', `${prefix} is not a folder`);
  return { prefix, tree: found.id };
}

/** A target as somebody standing in the directory names it, relative to the top. */
function insideOf({ root, below }: Place, asked: string): string {
  const path = posix.isAbsolute(asked) ? posix.relative(root, posix.normalize(asked)) : posix.normalize(posix.join(below, asked));
  const prefix = path.replace(/\/+$/, '');
  if (/^\.\.(\/|$)/.test(prefix)) throw new Failure('target_missing', `${asked} is outside the repository`);
  return prefix === '.' ? '' : prefix;
}

async function entryAt(git: Git, rootTree: string, path: string): Promise<{ type: string; id: string } | null> {
  const line = (await git.bytes(['ls-tree', '-z', '--full-tree', rootTree, path])).toString('latin1');
  const [, type = '', id = ''] = line.split(/[ \t]/);
  return line === '' ? null : { type, id };
}

function branchOf(git: Git): Promise<string | null> {
  return ask(git, ['symbolic-ref', '--short', '--quiet', 'HEAD']);
}

/** The answer, or null where git says there is none. */
async function ask(git: Git, args: readonly string[]): Promise<string | null> {
  try {
    return await git.text(args);
  } catch (error) {
    if (error instanceof GitError) return null;
    throw error;
  }
}
