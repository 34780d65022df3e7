import { CATALOGUE, type Failure, type FailureCode } from '../domain/failure.ts';
import { applyChanges } from '../domain/tree.ts';
import { oneLine } from '../domain/untrusted.ts';
import { wayOn } from '../domain/ways-on.ts';
import type { Repository } from '../ports/repository.ts';
import type { RunOrder } from './order.ts';
import type { Products } from './products.ts';

/**
 * What a failed run still hands over: the patch so far, with a head that says it is UNPROVEN, what held, what did not, and how to go on.
 * `git apply` skips the head. null when BUILD had not handed anything over.
 */
export async function unproven(repository: Repository, order: RunOrder, made: Partial<Products>, failure: Failure): Promise<string | null> {
  const { ground } = order;
  if (made.source === undefined) return null;
  const head = applyChanges(applyChanges(ground.tree, made.source), made.tests?.changes ?? []);
  const patch = await repository.patch(ground.base, ground.tree, head);
  const held = [...(made.validated ?? []), ...(made.tests?.facts ?? []), ...(made.tested?.facts ?? [])].filter(({ holds }) => holds);
  const lines = [
    `UNPROVEN change of run ${order.run} on ${ground.base.commit}: ${failure.code}. ${CATALOGUE[failure.code].sentence}`,
    `did not hold: ${oneLine(failure.detail, 400)}`,
    ...new Set(held.map(({ name, evidence }) => `held: ${name}: ${oneLine(evidence, 200)}`)),
    'look at it: git apply --stat change.patch; try it: git apply change.patch in a clean work tree',
    `go on: ${CATALOGUE[failure.code].advice}`,
    ...goingOn(order.run, failure.code),
  ];
  return `${lines.map((line) => `# ${line}`).join('\n')}\n\n${patch}`;
}

function goingOn(run: string, code: FailureCode): string[] {
  const { resumable, words } = wayOn(code);
  if (!resumable) return [];
  return [`go on: factory run --resume ${run}${words === null ? '' : ' --rework "what to do differently"'}`];
}
