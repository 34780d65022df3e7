/** The commit and its branch, made without work tree or index. */
import { Failure } from '../../../domain/failure.ts';
import type { Base } from '../../../domain/target.ts';
import type { FileTree } from '../../../domain/tree.ts';
import { type Environment, type Git, GitError } from './command.ts';
import { blobId, formatOf, type GitObject, type ObjectFormat, parseTree, type TreeObjects, treeObject, treeObjects } from './objects.ts';
import { packOf } from './pack.ts';
import { listTree, readObjects, type StoredLine } from './tree.ts';

/** The only names a branch of ours can have. */
const BRANCH = /^factory\/[a-z0-9-]{1,48}$/;

const FALLBACK_IDENTITY = { name: 'software factory', email: 'factory@localhost' };

export interface Publication {
  readonly branch: string;
  readonly message: string;
  readonly at: Date;
}

/**
 * Commit `head` as the target's folder on the base and point a new branch at it. In this order, so that a stop at any point leaves at most
 * unreachable objects: new objects in, the written tree read back and compared, the commit, and last the one new ref.
 */
export async function publish(
  git: Git,
  base: Base,
  head: FileTree,
  publication: Publication,
): Promise<{ readonly commit: string; readonly tree: string }> {
  if (!BRANCH.test(publication.branch)) throw new Failure('bug', `${JSON.stringify(publication.branch)} is no branch of the factory`);
  const format = formatOf(base.commit);
  const folder = treeObjects(format, head);
  const root = await graft(git, format, base, head.size === 0 ? null : folder.id);
  const stored = await listTree(git, base.rootTree, ['-t']);
  await store(git, format, [...folder.objects.values(), ...root.objects.values()], stored);
  await compare(git, expected(format, stored, base.prefix, head), root.id);
  const env = await identity(git, publication.at);
  const commit = await commitTree(git, base, root.id, publication.message, env);
  await createBranch(git, publication.branch, commit, env);
  return { commit, tree: folder.id };
}

/** The base's top tree with the target's folder replaced (null: taken out), and the folders on the way to it. */
async function graft(git: Git, format: ObjectFormat, base: Base, folder: string | null): Promise<TreeObjects> {
  const names = base.prefix === '' ? [] : base.prefix.split('/');
  const objects = new Map<string, GitObject>();
  const replace = async (tree: string, [name, ...rest]: readonly string[]): Promise<string | null> => {
    if (name === undefined) return folder;
    const [content] = await readObjects(git, [tree]);
    const lines = parseTree(format, content as Buffer);
    const isIt = (line: { readonly name: Buffer }) => line.name.equals(Buffer.from(name));
    const old = lines.find(isIt);
    if (old === undefined) throw new Failure('bug', `${base.prefix}/ is not in the base`);
    const id = await replace(old.id, rest);
    const others = lines.filter((line) => !isIt(line));
    if (id === null && others.length === 0) return null;
    const written = treeObject(format, id === null ? others : [...others, { ...old, id }]);
    objects.set(written.id, written);
    return written.id;
  };
  const id = (await replace(base.rootTree, names)) ?? treeObject(format, []).id;
  return { id, objects };
}

/** Write what the base does not have. Git computes every object's id again and refuses malformed trees. */
async function store(git: Git, format: ObjectFormat, objects: readonly GitObject[], stored: readonly StoredLine[]): Promise<void> {
  const known = new Set(stored.map(({ id }) => id));
  const fresh = new Map(objects.filter(({ id }) => !known.has(id)).map((object) => [object.id, object]));
  if (fresh.size === 0) return;
  await git.bytes(['unpack-objects', '-q', '--strict'], { input: packOf(format, [...fresh.values()]) });
}

/** What the commit has to hold, a line a file: the base everywhere else and exactly these files in the folder. */
function expected(format: ObjectFormat, stored: readonly StoredLine[], prefix: string, head: FileTree): string[] {
  const folder = prefix === '' ? '' : `${prefix}/`;
  const inside = Buffer.from(folder);
  const elsewhere = stored.filter(({ type, path }) => type !== 'tree' && !path.subarray(0, inside.length).equals(inside));
  const files = [...head].map(([path, { mode, content }]) => ({ mode, id: blobId(format, content), path: Buffer.from(folder + path) }));
  return [...elsewhere, ...files].map(fileLine).sort();
}

function fileLine({ mode, id, path }: Pick<StoredLine, 'mode' | 'id' | 'path'>): string {
  return `${mode} ${id} ${path.toString('latin1')}`;
}

/** Read back what was written: all that is expected and nothing else, or no PR. */
async function compare(git: Git, wanted: readonly string[], written: string): Promise<void> {
  const found = (await listTree(git, written, [])).map(fileLine).sort();
  const odd = wanted.find((line, i) => line !== found[i]) ?? found[wanted.length];
  if (odd !== undefined) throw new Failure('pr_not_made', `the written tree is not the expected one, first at ${JSON.stringify(odd)}`);
}

async function commitTree(git: Git, base: Base, tree: string, message: string, env: Environment): Promise<string> {
  const out = await git.bytes(['commit-tree', '--no-gpg-sign', '-p', base.commit, '-F', '-', tree], { input: Buffer.from(message), env });
  return out.toString('latin1').trim();
}

/** Only where there is no such branch: the last argument is what it must have been before. */
async function createBranch(git: Git, branch: string, commit: string, env: Environment): Promise<void> {
  await git.bytes(['update-ref', '-m', 'software factory', `refs/heads/${branch}`, commit, '0'.repeat(commit.length)], { env });
}

/** Who commits: the user as git knows them, else the factory. */
async function identity(git: Git, at: Date): Promise<Environment> {
  const { name, email } = await configuredUser(git);
  const who = name && email ? { name, email } : FALLBACK_IDENTITY;
  const date = `${Math.floor(at.getTime() / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: who.name,
    GIT_AUTHOR_EMAIL: who.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: who.name,
    GIT_COMMITTER_EMAIL: who.email,
    GIT_COMMITTER_DATE: date,
  };
}

async function configuredUser(git: Git): Promise<{ readonly name?: string; readonly email?: string }> {
  try {
    const settings = (await git.bytes(['config', '--null', '--get-regexp', '^user\\.(name|email)$']))
      .toString('utf8')
      .split('\0')
      .filter(Boolean);
    return Object.fromEntries(
      settings.map((setting) => [setting.slice('user.'.length, setting.indexOf('\n')), setting.slice(setting.indexOf('\n') + 1)]),
    );
  } catch (error) {
    // 1: neither is set.
    if (error instanceof GitError && error.exitCode === 1) return {};
    throw error;
  }
}
