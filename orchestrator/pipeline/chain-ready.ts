import { Failure } from '../domain/failure.ts';
import { canHop } from '../domain/model-failures.ts';
import type { ModelStage } from '../domain/stage.ts';
import type { Provider } from '../ports/provider.ts';
import { chainOf, type ModelSettings } from './asking.ts';
import { assertFits } from './assert-fits.ts';
import { allFailed, type ModelChoice, nameOf } from './chain.ts';

type Models = Readonly<Record<ModelStage, ModelSettings>>;

/**
 * Ask before a run begins whether the models that it may ask can be asked; those that cannot carry why, and are passed over in the run. `planChars`: the
 * least that PLAN is asked, null where it is not. Throws where a stage has nobody left, with what each of its models said.
 */
export async function readyChains(models: Models, asking: readonly ModelStage[], planChars: number | null): Promise<Models> {
  const unready = await unreadyOf(asking.flatMap((stage) => chainOf(models[stage])));
  const ready = { ...models };
  for (const stage of asking) {
    const chain: ModelChoice[] = [];
    for (const choice of chainOf(models[stage])) {
      const failure = unready.get(choice.provider)?.get(choice.model) ?? (stage === 'PLAN' ? await tooSmall(choice, planChars) : null);
      chain.push(failure === null ? choice : { ...choice, unready: failure });
    }
    const [first, ...others] = chain;
    const said = chain.flatMap(({ unready: failure, ...who }) => (failure === undefined ? [] : [{ model: nameOf(who), failure }]));
    if (said.length === chain.length) throw allFailed(said);
    ready[stage] = { ...models[stage], ...first, ...(others.length === 0 ? {} : { others }) };
  }
  return ready;
}

/** What is wrong with which models, a provider at a time. */
async function unreadyOf(choices: readonly ModelChoice[]): Promise<Map<Provider, Map<string, Failure>>> {
  const unready = new Map<Provider, Map<string, Failure>>();
  for (const provider of new Set(choices.map((choice) => choice.provider))) {
    const wanted = [...new Set(choices.filter((choice) => choice.provider === provider).map(({ model }) => model))];
    const failure = await failureOf(provider, wanted);
    if (failure === null) continue;
    // One that does not answer at all is not asked about each; one that lacks something may still have the others.
    const each = new Map<string, Failure>();
    for (const model of wanted) {
      const own = failure.code === 'model_unavailable' || wanted.length === 1 ? failure : await failureOf(provider, [model]);
      // Those that are missing together are named together, so that they can be had together.
      if (own !== null) each.set(model, own.code === failure.code ? failure : own);
    }
    unready.set(provider, each);
  }
  return unready;
}

async function failureOf(provider: Provider, models: readonly string[]): Promise<Failure | null> {
  return caught(() => provider.ready(models));
}

async function tooSmall(choice: ModelChoice, chars: number | null): Promise<Failure | null> {
  return chars === null ? null : caught(() => assertFits('PLAN', chars, choice));
}

/** null: it went well. What no other model can help is thrown. */
async function caught(look: () => Promise<void>): Promise<Failure | null> {
  try {
    await look();
    return null;
  } catch (error) {
    if (error instanceof Failure && canHop(error.code)) return error;
    throw error;
  }
}
