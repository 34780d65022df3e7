import type { ModelStage } from '../domain/stage.ts';
import type { ModelSettings } from '../pipeline/asking.ts';
import type { Provider } from '../ports/provider.ts';
import type { ReadSettings } from './settings.ts';

/** Which model each stage asks, and how. */
export function modelSettings(provider: Provider, settings: ReadSettings): Record<ModelStage, ModelSettings> {
  const of = (stage: ModelStage): ModelSettings => ({
    provider,
    model: settings.modelOf[stage],
    temperature: settings.temperature,
    contextTokens: settings.context_tokens,
    maxOutputTokens: settings.output_tokens,
    maxTurns: settings.turns,
    deadlineMs: settings.model_timeout_s * 1000,
  });
  return { PLAN: of('PLAN'), SCOUT: of('SCOUT'), BUILD: of('BUILD'), TEST: of('TEST'), REVIEW: of('REVIEW') };
}
