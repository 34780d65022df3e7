import type { TargetCard } from '../domain/card.ts';
import { gateConfig, pluginsOf } from '../gates/config.ts';
import type { Keep } from '../ports/keep.ts';
import { makeCard } from './card.ts';
import { type ContainersOptions, openContainers } from './containers.ts';
import type { Ground } from './products.ts';
import { openToolbox } from './toolbox.ts';
import { openWorkspace, type WorkspaceOptions } from './workspace.ts';

/** The target card outside a run, for commands that need no more; kept by tree and image. Nothing is left on the engine. */
export async function takeCard(
  options: ContainersOptions & Pick<WorkspaceOptions, 'policies'> & { readonly keep: Keep },
  ground: Ground,
): Promise<TargetCard> {
  const containers = openContainers(options);
  const workspace = openWorkspace({ ...options, holderImage: options.images.holder.reference, nextSeq: containers.nextSeq });
  try {
    const toolbox = openToolbox({
      containers,
      workspace,
      ground,
      config: gateConfig(ground.tree, ground.layout),
      plugins: pluginsOf(ground.tree),
    });
    return await makeCard(
      toolbox,
      ground,
      options.keep,
      `card-${ground.base.tree}-${options.images.card.id.replace(/\W/g, '').slice(-32)}`,
    );
  } finally {
    await containers.close();
    await workspace.dispose();
  }
}
