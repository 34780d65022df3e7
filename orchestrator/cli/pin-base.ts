import type { Base } from '../domain/target.ts';
import type { Repository } from '../ports/repository.ts';
import type { From } from './task.ts';

/**
 * The base of a run. Of a replay it is HEAD when the target's folder is the same there as in the recorded run, else the recorded commit; of
 * a run that goes on it is the recorded commit and target.
 */
export async function pinBase(
  repository: Repository,
  flags: { readonly directory: string; readonly target?: string | undefined; readonly base?: string | undefined },
  from: From | null,
): Promise<Base> {
  const { directory, target = null, base: revision = null } = flags;
  if (from?.how === 'resume') return pinRecorded(repository, directory, from);
  const base = await repository.pin({ directory, target, base: revision });
  if (from === null || base.tree === from.recorded.baseTree) return base;
  return repository.pin({ directory, target, base: from.recorded.base });
}

/** The recorded target is named from the repository's top, wherever in it a person stands. */
async function pinRecorded(repository: Repository, directory: string, { recorded }: From): Promise<Base> {
  const base = await repository.pin({ directory, target: null, base: recorded.base });
  const target = recorded.order?.target ?? base.prefix;
  return target === base.prefix ? base : repository.pin({ directory: base.root, target: target || '.', base: recorded.base });
}
