import { type OrderFile, orderFileSchema } from '../domain/order-file.ts';
import { MODEL_STAGES } from '../domain/stage.ts';
import type { RunOrder, World } from './order.ts';

/** What a run is told to do, as it is kept in its folder: enough to replay it, or to go on from it. */
export function orderFile({ models }: Pick<World, 'models'>, order: RunOrder): OrderFile {
  const { base } = order.ground;
  return orderFileSchema.parse({
    base: base.commit,
    base_tree: base.tree,
    target: base.prefix,
    reworks: order.reworkBudget,
    checks: order.checks,
    turns: models.BUILD.maxTurns,
    models: Object.fromEntries(MODEL_STAGES.map((stage) => [stage, models[stage].named ?? models[stage].model])),
    ...(order.budgets === undefined ? {} : { budgets: order.budgets }),
    ...(order.spentBefore === undefined ? {} : { spent_before: order.spentBefore }),
    spec: order.spec,
    ...(order.given == null ? {} : { given: true }),
    resumed_from: order.resumedFrom,
    interventions: [...order.interventions],
  });
}
