import type { Budgets } from '../domain/budget.ts';
import type { TargetCard } from '../domain/card.ts';
import { renderCard } from '../domain/card-text.ts';
import { computedTokens, type Forecast, medianTokens, mostUsd } from '../domain/forecast.ts';
import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import type { AgentPrompts } from './agents.ts';
import { chainOf, type ModelSettings, TRIES } from './asking.ts';
import { priceOf } from './chain.ts';
import type { Ground } from './products.ts';
import { CARD_CHARS } from './sizes.ts';
import { belongsToTests } from './test-files.ts';

const PROMPT_OF = {
  PLAN: 'plan',
  SCOUT: 'scout',
  BUILD: 'build',
  TEST: 'test-writing',
  REVIEW: 'review',
} as const satisfies Record<ModelStage, keyof AgentPrompts>;

/**
 * What a run will take: what earlier ones took, where there are any that went down the whole line as this one will, else computed from what is
 * known before PLAN.
 */
export function forecast(input: {
  /** The stages that will ask a model. */
  readonly stages: readonly ModelStage[];
  /** Tokens of each earlier run. */
  readonly earlier: readonly number[];
  readonly request: string;
  readonly ground: Ground;
  readonly card: TargetCard;
  readonly prompts: AgentPrompts;
  readonly models: Readonly<Record<ModelStage, ModelSettings>>;
  readonly reworkBudget: number;
  readonly budgets?: Budgets;
  readonly tries?: number;
}): Forecast {
  const { stages, models, reworkBudget } = input;
  const earlier = stages.length === MODEL_STAGES.length ? input.earlier : [];
  const most = stages.map((stage) => mostOf(models[stage], input.tries ?? TRIES, reworkBudget));
  const priced = most.every((usd) => usd !== null) ? most.reduce((sum: number, usd) => sum + (usd ?? 0), 0) : null;
  const limit = input.budgets?.run.usd ?? null;
  return {
    tokens: medianTokens(earlier) ?? fromSizes(input),
    earlierRuns: earlier.length,
    mostUsd: limit === null ? priced : Math.min(limit, priced ?? limit),
  };
}

/** The most that one stage can cost: its dearest model, every turn tried as often as may be. A model that is free costs nothing however often it is asked. */
function mostOf(settings: ModelSettings, tries: number, reworks: number): number | null {
  const each = chainOf(settings).map((choice) => {
    const { contextTokens, maxOutputTokens } = choice;
    return mostUsd([{ turns: settings.maxTurns * tries, contextTokens, maxOutputTokens, price: priceOf(choice) }], reworks);
  });
  return each.reduce((most, usd) => (most === null || usd === null ? null : Math.max(most, usd)), 0);
}

function fromSizes({ stages, request, ground, card, prompts, models }: Parameters<typeof forecast>[0]): number {
  const { tree, layout } = ground;
  const source = [...tree].filter(([path]) => path.endsWith('.py') && !belongsToTests(path, layout));
  const by = (of: (stage: ModelStage) => number) =>
    Object.fromEntries(MODEL_STAGES.map((stage) => [stage, of(stage)])) as Record<ModelStage, number>;
  const known = {
    request: request.length,
    card: renderCard(card, { budgetChars: CARD_CHARS }).length,
    source: source.reduce((sum, [, { content }]) => sum + content.length, 0),
    prompts: by((stage) => prompts[PROMPT_OF[stage]].system.length + prompts[PROMPT_OF[stage]].user.length),
    turns: by((stage) => models[stage].maxTurns),
  };
  return computedTokens(known, stages);
}
