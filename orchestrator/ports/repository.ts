import type { Base } from '../domain/target.ts';
import type { FileTree } from '../domain/tree.ts';

/**
 * The git repository that holds the target. Duties: nothing but new objects and, in `publish`, one new ref is ever written to the user's
 * repository; its work tree, index, stash, config, hooks and default branch are neither read as instructions nor changed; no porcelain
 * command runs over content that came out of a container.
 */
export interface Repository {
  /** Pin the base: errors not_a_repository, target_bare, target_unborn, target_missing, base_missing, target_unsupported. */
  pin(options: { readonly directory: string; readonly target: string | null; readonly base: string | null }): Promise<Base>;
  /** All files of the target's folder on the base. Submodules are `target_unsupported`. */
  readTree(base: Base): Promise<FileTree>;
  /** The git tree id that these files would have as the target's folder. */
  treeId(base: Base, tree: FileTree): Promise<string>;
  /** Git's own unified diff from `from` to `to`, paths relative to the target's folder, no renames, stable. */
  diff(base: Base, from: FileTree, to: FileTree): Promise<string>;
  /** The same with paths relative to the repository's top, as `git apply` wants it. */
  patch(base: Base, from: FileTree, to: FileTree): Promise<string>;
  /** Commit `head` as the target's folder on top of the base and point the new branch at it. Fails (pr_not_made) if the branch exists or the written tree is not the expected one. */
  publish(base: Base, head: FileTree, branch: string, message: string): Promise<{ readonly commit: string; readonly tree: string }>;
}
