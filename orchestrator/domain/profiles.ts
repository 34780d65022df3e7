import { z } from 'zod';

/** What is known of a model beside its name: how much it takes, says and may ask. What a profile does not name is as the settings have it. */
export const profileSchema = z.strictObject({
  /** Pattern of the model's name, `*` for anything; with a `/` it is matched against `provider/model`. The first that fits counts. */
  match: z.string().regex(/^[^\s\p{C}]{1,200}$/u, 'is no pattern of a model’s name'),
  /** Completions that an attempt may take, where the model is a stage's first choice. */
  turns: z.int().min(1).max(100).exactOptional(),
  context_tokens: z.int().min(2_048).max(2_000_000).exactOptional(),
  output_tokens: z.int().min(256).max(200_000).exactOptional(),
  temperature: z.number().min(0).max(2).exactOptional(),
});
export type Profile = z.infer<typeof profileSchema>;

/**
 * Models that cannot take what the settings ask for by default (32,768 tokens of context, 8,192 of output). Sizes are those their makers give. A model
 * that is not here gets the defaults; nobody is guessed to take more, as a larger context costs memory or money.
 */
export const PROFILES: readonly Profile[] = [
  { match: 'llama3:*', context_tokens: 8_192, output_tokens: 3_072 },
  { match: 'llama3', context_tokens: 8_192, output_tokens: 3_072 },
  { match: 'llama2*', context_tokens: 4_096, output_tokens: 1_024 },
  { match: 'gemma:*', context_tokens: 8_192, output_tokens: 3_072 },
  { match: 'gemma2*', context_tokens: 8_192, output_tokens: 3_072 },
  { match: 'codegemma*', context_tokens: 8_192, output_tokens: 3_072 },
  { match: 'codellama*', context_tokens: 16_384, output_tokens: 6_144 },
  { match: 'deepseek-coder:*', context_tokens: 16_384, output_tokens: 6_144 },
  { match: 'starcoder2*', context_tokens: 16_384, output_tokens: 6_144 },
  { match: 'smollm2*', context_tokens: 8_192, output_tokens: 3_072 },
  { match: 'gpt-3.5-turbo*', context_tokens: 16_384, output_tokens: 4_096 },
  { match: 'gpt-4-turbo*', output_tokens: 4_096 },
];

/** The first profile that fits; null where none does. */
export function profileFor(profiles: readonly Profile[], name: { readonly provider: string; readonly model: string }): Profile | null {
  return profiles.find(({ match }) => fits(match, match.includes('/') ? `${name.provider}/${name.model}` : name.model)) ?? null;
}

function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(name);
}
