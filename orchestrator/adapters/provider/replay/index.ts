import { z } from 'zod';
import { Failure } from '../../../domain/failure.ts';
import type { Provider } from '../../../ports/provider.ts';

const recordingSchema = z.object({
  request_sha256: z.string(),
  model: z.string(),
  served_by: z.string(),
  tokens_in: z.int().nullable(),
  tokens_out: z.int().nullable(),
  estimated: z.boolean(),
  reply: z.string(),
});

/**
 * Answers from a recording, by stage, attempt and turn. The request's hash only says whether the reply was given to exactly this request
 * (`fresh`) or to an older form of it (`drifted`); with `strict`, a drifted one is refused. Costs nothing, whatever the recorded run cost.
 */
export function replayProvider(options: { readonly read: (name: string) => string | null; readonly strict: boolean }): Provider {
  return {
    name: 'replay',
    async ready() {},
    async complete({ stage, attempt, turn, hash }) {
      const started = Date.now();
      const name = `${stage}-${attempt}-${turn}.json`;
      const text = options.read(name);
      if (text === null) throw new Failure('replay_exhausted', `the recording has no ${name}`);
      const recorded = recordingSchema.safeParse(parse(text));
      if (!recorded.success) throw new Failure('replay_exhausted', `${name} is not a recorded reply: ${z.prettifyError(recorded.error)}`);
      const { data } = recorded;
      const fresh = data.request_sha256 === hash;
      if (!fresh && options.strict)
        throw new Failure(
          'replay_drifted',
          `${name} was recorded for the request ${data.request_sha256.slice(0, 12)}, this is ${hash.slice(0, 12)}`,
        );
      return {
        text: data.reply,
        servedBy: data.served_by.startsWith('replay of ') ? data.served_by : `replay of ${data.served_by}`,
        tokensIn: data.tokens_in,
        tokensOut: data.tokens_out,
        estimated: data.estimated,
        costUsd: 0,
        ms: Date.now() - started,
        replayed: fresh ? 'fresh' : 'drifted',
      };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
