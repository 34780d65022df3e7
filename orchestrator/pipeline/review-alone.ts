import { openAgents } from './agents.ts';
import type { Usage } from './asking.ts';
import { openAsking } from './asking.ts';
import { openContainers } from './containers.ts';
import type { World } from './order.ts';
import type { Products, Reviewed } from './products.ts';
import type { Outcome } from './stage.ts';
import { review } from './stages/review.ts';
import { openWorkspace } from './workspace.ts';

/** What REVIEW is asked about: a change that has gone through every gate before it. */
export type ReviewedWork = Pick<Products, 'request' | 'planned' | 'ground' | 'tests' | 'tested'>;

/**
 * REVIEW and nothing else, asked as on the line: its own container, its prompt, request, Spec and diff. Throws the `Failure` that would end the
 * run; leaves nothing on the engine.
 */
export async function reviewAlone(
  world: World,
  { run, work }: { readonly run: string; readonly work: ReviewedWork },
): Promise<{ readonly outcome: Outcome<Reviewed>; readonly usage: Usage }> {
  const { engine, records, trace, signal } = world;
  const asking = openAsking({ models: world.models, records, trace, signal, progress: world.progress });
  const containers = openContainers({ ...world, run });
  const workspace = openWorkspace({
    ...world,
    holderImage: world.images.holder.reference,
    run,
    nextSeq: containers.nextSeq,
    onContainer: (holder) => containers.noteHolder(holder),
  });
  const agents = openAgents({
    containers,
    asking,
    prompts: world.prompts,
    lineBytes: world.policies.plan.output.line_kb * 1024,
    onTurn: () => {},
  });
  try {
    const stage = review(agents, workspace, world.repository);
    const outcome = (await stage.run(work as Products, { number: 1, returned: null })) as Outcome<Reviewed>;
    return { outcome, usage: asking.stageTotal('REVIEW') };
  } finally {
    await containers.close();
    await workspace.dispose();
    await engine.sweep({ 'factory.run': run });
  }
}
