/** What a run wrote into the commit that it made: the one thing about its trace that does not lie in its own folder. */
import type { Base } from '../../../domain/target.ts';
import { type Environment, GitError, gitIn } from './command.ts';

export interface Anchor {
  /** SHA-256 of the trace's last line when the commit was made; null where the commit's message names none. */
  readonly traceHead: string | null;
  /** Tree id of the target's folder in the commit; null where it has no such folder. */
  readonly tree: string | null;
}

/** The anchor of a commit; null where the repository does not hold it. */
export async function anchorOf({ root, prefix }: Base, commit: string, ambient: Environment): Promise<Anchor | null> {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return null;
  const git = gitIn(root, ambient);
  const ask = async (args: readonly string[]) => {
    try {
      return await git.text(args);
    } catch (error) {
      if (error instanceof GitError) return null;
      throw error;
    }
  };
  const object = await ask(['cat-file', 'commit', commit]);
  if (object === null) return null;
  const traceHead = /^Factory-Trace: ([0-9a-f]{64})$/m.exec(object)?.[1] ?? null;
  return { traceHead, tree: await ask(['rev-parse', '--verify', '--quiet', `${commit}:${prefix}`]) };
}
