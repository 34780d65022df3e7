import { Failure } from '../../../domain/failure.ts';
import type { Provider } from '../../../ports/provider.ts';
import { completionOf, fileOf, parseRecorded } from './recorded.ts';

/**
 * Answers from a recording, by stage, attempt and turn. The request's hash only says whether the reply was given to exactly this request
 * (`fresh`) or to an older form of it (`drifted`); with `strict`, a drifted one is refused. Costs nothing, whatever the recorded run cost.
 */
export function replayProvider(options: { readonly read: (name: string) => string | null; readonly strict: boolean }): Provider {
  return {
    name: 'replay',
    local: true,
    recorded: () => true,
    async ready() {},
    async complete(request) {
      const started = Date.now();
      const name = fileOf(request);
      const text = options.read(name);
      if (text === null) throw new Failure('replay_exhausted', `the recording has no ${name}`);
      const recorded = parseRecorded(text);
      if ('problem' in recorded) throw new Failure('replay_exhausted', `${name} is not a recorded reply: ${recorded.problem}`);
      const completion = completionOf(recorded, request.hash);
      if (completion.replayed === 'drifted' && options.strict)
        throw new Failure(
          'replay_drifted',
          `${name} was recorded for the request ${recorded.request_sha256.slice(0, 12)}, this is ${request.hash.slice(0, 12)}`,
        );
      return { ...completion, ms: Date.now() - started };
    },
  };
}
