import { Failure } from '../domain/failure.ts';
import { tokensOf } from '../domain/forecast.ts';
import type { ModelStage } from '../domain/stage.ts';
import type { Provider } from '../ports/provider.ts';

/** Tokens that even a short reply takes: a prompt that leaves less is as good as one that does not fit. */
const LEAST_REPLY = 500;

/** Who is asked, and for how much room. */
interface Asked {
  readonly provider: Provider;
  readonly model: string;
  readonly contextTokens: number;
}

/**
 * Throws `model_too_small`, with the numbers, when a prompt of this many characters cannot fit what its model takes: what it was made for, or
 * what the settings ask for if that is less. To be asked before a conversation begins: a server may cut a prompt that is too long without a
 * word. A provider that does not say what its models take is not judged.
 */
export async function assertFits(stage: ModelStage, chars: number, settings: Asked): Promise<void> {
  const { provider, model, contextTokens } = settings;
  if (provider.contextTokens === undefined) return;
  const made = await provider.contextTokens(model);
  const takes = Math.min(contextTokens, made ?? contextTokens);
  const needs = tokensOf(chars) + LEAST_REPLY;
  if (needs <= takes) return;
  const why = takes < contextTokens ? 'the model was made for no more' : 'context_tokens asks for no more';
  throw new Failure(
    'model_too_small',
    `${stage} needs about ${needs.toLocaleString('en-US')} tokens (its prompt, and ${LEAST_REPLY} for a reply); ${model} takes ${takes.toLocaleString('en-US')}: ${why}`,
  );
}
