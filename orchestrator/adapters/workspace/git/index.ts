import { Failure, type FailureCode } from '../../../domain/failure.ts';
import type { Base } from '../../../domain/target.ts';
import type { Repository } from '../../../ports/repository.ts';
import { type Environment, GitError, gitIn } from './command.ts';
import { diff } from './diff.ts';
import { formatOf, treeObjects } from './objects.ts';
import { pin } from './pin.ts';
import { publish } from './publish.ts';
import { readTarget } from './tree.ts';

export interface GitRepositoryOptions {
  /** Where PATH, HOME, XDG_CONFIG_HOME and TMPDIR come from; everything else in it is kept from git. Default: the process's own. */
  readonly environment?: Environment;
  /** The commit's time. Default: now. */
  readonly now?: () => Date;
}

/** The user's repository, through the `git` that is installed (2.32 or newer). */
export function gitRepository(options: GitRepositoryOptions = {}): Repository {
  const ambient = options.environment ?? process.env;
  const now = options.now ?? (() => new Date());
  const compared = (base: Base, prefix: string, binary: boolean) => ({ format: formatOf(base.commit), prefix, binary });
  return {
    pin: (asked) => guarded('not_a_repository', pin(asked, ambient)),
    readTree: (base) => guarded('target_unsupported', readTarget(gitIn(base.root, ambient), base.tree)),
    treeId: async (base, tree) => treeObjects(formatOf(base.commit), tree).id,
    diff: (base, from, to) => guarded('bug', diff(from, to, compared(base, '', false), ambient)),
    patch: (base, from, to) => guarded('bug', diff(from, to, compared(base, folderOf(base), true), ambient)),
    publish: (base, head, branch, message) =>
      guarded('pr_not_made', publish(gitIn(base.root, ambient), base, head, { branch, message, at: now() })),
  };
}

function folderOf({ prefix }: Base): string {
  return prefix === '' ? '' : `${prefix}/`;
}

/** Git's own errors as the failure that they mean in this place; what is a `Failure` already passes. */
async function guarded<T>(code: FailureCode, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Failure || !(error instanceof Error)) throw error;
    if (error.message.includes('spawn git ENOENT')) throw new Failure('git_missing', error.message, { cause: error });
    if (/ENOSPC|No space left on device/.test(error.message)) throw new Failure('disk', error.message, { cause: error });
    if (error instanceof GitError) throw new Failure(code, error.message, { cause: error });
    throw error;
  }
}
