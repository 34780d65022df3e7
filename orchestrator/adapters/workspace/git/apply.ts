/** Laying a patch over a tree of files, where only those files exist. */
import { Failure } from '../../../domain/failure.ts';
import type { Base } from '../../../domain/target.ts';
import type { FileTree } from '../../../domain/tree.ts';
import { type Environment, GitError } from './command.ts';
import { formatOf, treeObjects } from './objects.ts';
import { packOf } from './pack.ts';
import { inScratch } from './scratch.ts';
import { listTree, readTarget } from './tree.ts';

/**
 * The target's files with a patch laid over them whose paths begin at the repository's top, as `Repository.patch` makes it; every line of it
 * must fit exactly. An empty patch changes nothing. Throws verify_mismatch, naming the patch, where it does not apply or leaves the target.
 */
export async function applyPatch(
  base: Pick<Base, 'commit' | 'prefix'>,
  tree: FileTree,
  patch: { readonly name: string; readonly text: string },
  ambient: Environment,
): Promise<FileTree> {
  if (patch.text.trim() === '') return tree;
  const format = formatOf(base.commit);
  const folder = base.prefix === '' ? '' : `${base.prefix}/`;
  const { id, objects } = treeObjects(format, new Map([...tree].map(([path, entry]) => [`${folder}${path}`, entry])));
  return inScratch(format, ambient, async (git) => {
    await git.bytes(['index-pack', '--stdin'], { input: packOf(format, [...objects.values()]) });
    await git.bytes(['read-tree', id]);
    try {
      const input = new TextEncoder().encode(patch.text);
      await git.bytes(['-c', 'apply.whitespace=nowarn', 'apply', '--cached', '--whitespace=nowarn', '-p1', '-'], { input });
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw new Failure('verify_mismatch', `${patch.name} does not apply to the base: ${error.words.slice(0, 300)}`, { cause: error });
    }
    const whole = await git.text(['write-tree']);
    const strays = (await listTree(git, whole, [])).map(({ path }) => path.toString('utf8')).filter((path) => !path.startsWith(folder));
    if (strays.length > 0) throw new Failure('verify_mismatch', `${patch.name} changes files outside of the target: ${strays[0]}`);
    return readTarget(git, await git.text(['write-tree', ...(folder === '' ? [] : [`--prefix=${folder}`])]));
  });
}
