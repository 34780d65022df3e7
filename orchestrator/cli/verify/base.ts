import { type Anchor, anchorOf } from '../../adapters/workspace/git/anchor.ts';
import { Failure } from '../../domain/failure.ts';
import { orderFileSchema } from '../../domain/order-file.ts';
import type { Base } from '../../domain/target.ts';
import type { Repository } from '../../ports/repository.ts';
import { type Check, fails, holds, judged, unknown } from './check.ts';
import type { KeptRun } from './kept-run.ts';
import type { TraceChain } from './trace-chain.ts';

/** The base that a run says it began from; null where the repository does not hold it. */
export async function baseOf(repository: Repository, kept: KeptRun, directory: string): Promise<{ base: Base | null; check: Check }> {
  const { receipt } = kept;
  const short = receipt.base.slice(0, 12);
  const target = kept.bytes('evidence/order.json') === null ? null : kept.json('evidence/order.json', orderFileSchema).target;
  try {
    // The target is named from the repository's top, wherever in it a person stands.
    const top = await repository.pin({ directory, target: null, base: receipt.base });
    const base = await repository.pin({ directory: top.root, target: target === null ? null : target || '.', base: receipt.base });
    const good = `commit ${short} is in the repository, with the target’s tree ${receipt.base_tree.slice(0, 12)}`;
    const bad = `commit ${short} has the tree ${base.tree.slice(0, 12)} as its target, and the receipt says ${receipt.base_tree.slice(0, 12)}`;
    const check = judged('base', base.tree === receipt.base_tree, good, bad);
    return { base: check.ok ? base : null, check };
  } catch (error) {
    if (!(error instanceof Failure) || !['base_missing', 'target_missing'].includes(error.code)) throw error;
    return { base: null, check: fails('base', `commit ${short} with its target is not in the repository: ${error.detail}`) };
  }
}

/** What holds the run from outside of its folder: the commit that it made, where the repository has it. */
export async function anchorCheck(kept: KeptRun, base: Base, { hashes }: TraceChain, env: NodeJS.ProcessEnv): Promise<Check> {
  const { commit } = kept.result;
  const anchor: Anchor | null = commit === null ? null : await anchorOf(base, commit, env);
  if (commit === null || anchor === null)
    return unknown(
      'commit',
      `${commit?.slice(0, 12) ?? 'none'} is not in this repository: the folder agrees with itself, and nothing else vouches for it`,
    );
  const short = commit.slice(0, 12);
  if (anchor.tree !== kept.receipt.head_tree) return fails('commit', `${short} has another tree than the receipt says`);
  if (hashes.length === 0) return unknown('commit', `${short} has the tree, and the trace cannot be compared with it`);
  if (anchor.traceHead === null) return unknown('commit', `${short} has the tree, and names no trace`);
  return hashes.includes(anchor.traceHead)
    ? holds('commit', `${short} in the repository has the tree and names a line of this trace`)
    : fails('commit', `${short} names a trace that is not this one: trace.jsonl was written again`);
}
