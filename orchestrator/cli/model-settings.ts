import { Failure } from '../domain/failure.ts';
import { PROFILES, type Profile, profileFor } from '../domain/profiles.ts';
import type { ModelStage } from '../domain/stage.ts';
import type { ModelSettings } from '../pipeline/asking.ts';
import { type ModelChoice, nameOf } from '../pipeline/chain.ts';
import type { Provider } from '../ports/provider.ts';
import type { ReadSettings } from './settings.ts';

/** Who answers for a name of the settings, and what the model is called there. */
export type Resolve = (name: string) => { readonly provider: Provider; readonly model: string };

/** Which models each stage asks, and how: a flag or the environment first, then the operator's profile, the file, a built-in profile, the default. */
export function modelSettings(from: Provider | Resolve, settings: ReadSettings): Record<ModelStage, ModelSettings> {
  const resolve: Resolve = typeof from === 'function' ? from : (model) => ({ provider: from, model });

  function of(stage: ModelStage): ModelSettings {
    const [first, ...others] = settings.chainOf[stage].map((name) => choice(resolve(name)));
    if (first === undefined) throw new Failure('bug', `${stage} has no model`);
    return {
      ...first,
      named: settings.chainOf[stage].join(','),
      maxTurns: sized(first, 'turns'),
      ...(others.length === 0 ? {} : { others }),
    };
  }

  function choice(who: { readonly provider: Provider; readonly model: string }): ModelChoice {
    return {
      ...who,
      temperature: sized(who, 'temperature'),
      contextTokens: sized(who, 'context_tokens'),
      maxOutputTokens: sized(who, 'output_tokens'),
      deadlineMs: settings.model_timeout_s * 1000,
    };
  }

  function sized({ provider, model }: { readonly provider: Provider; readonly model: string }, key: Sized): number {
    if (settings.given.has(key)) return settings[key];
    const name = { provider: provider.name, model };
    const own = profileFor(settings.profiles, name)?.[key];
    if (own !== undefined || settings.inFile.has(key)) return own ?? settings[key];
    return profileFor(PROFILES, name)?.[key] ?? settings[key];
  }

  return { PLAN: of('PLAN'), SCOUT: of('SCOUT'), BUILD: of('BUILD'), TEST: of('TEST'), REVIEW: of('REVIEW') };
}

type Sized = Exclude<keyof Profile, 'match'>;

/** A maker must not judge its own work: throws config_invalid where REVIEW and BUILD begin with the same model and nobody said that they may. */
export function assertAnotherReviewer(
  models: Readonly<Record<ModelStage, ModelSettings>>,
  settings: Pick<ReadSettings, 'same_reviewer'>,
): void {
  const reviewer = nameOf(models.REVIEW);
  if (settings.same_reviewer || reviewer !== nameOf(models.BUILD)) return;
  throw new Failure(
    'config_invalid',
    `REVIEW and BUILD would both ask ${reviewer}: name another model for one of them (--model REVIEW=NAME), or say that this is meant (--same-reviewer, or same_reviewer: true in factory.yaml)`,
  );
}
