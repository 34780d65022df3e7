import { codeCardSchema, type TargetCard } from '../domain/card.ts';
import type { Json } from '../domain/json.ts';
import { readText } from '../domain/tree.ts';
import { dependenciesOf } from '../gates/config.ts';
import type { Keep } from '../ports/keep.ts';
import type { Ground } from './products.ts';
import type { Toolbox } from './toolbox.ts';

const README_LINES = 40;

/** What the host can say about the target without a model. Kept by tree and image ids, like the baseline. */
export async function makeCard(toolbox: Toolbox, ground: Ground, keep: Keep, key: string): Promise<TargetCard> {
  const kept = codeCardSchema.safeParse(keep.get(key));
  const code = kept.success ? kept.data : await toolbox.card(ground.tree, { stage: 'baseline', attempt: 1 });
  // An app that had no time to answer on a busy machine is asked again the next time.
  const isTransient = 'unavailable' in code.routes && code.routes.unavailable.includes('no answer within');
  if (!kept.success && !isTransient) keep.put(key, JSON.parse(JSON.stringify(code)) as Json);
  const readme = [...ground.tree.keys()].find((path) => /^readme(\.md|\.rst|\.txt)?$/i.test(path));
  return {
    ...code,
    files: [...ground.tree.keys()].sort(),
    readmeHead: readme === undefined ? '' : (readText(ground.tree, readme) ?? '').split('\n').slice(0, README_LINES).join('\n'),
    dependencies: dependenciesOf(ground.tree),
  };
}
