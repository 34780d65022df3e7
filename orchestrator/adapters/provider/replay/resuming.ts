import type { CompletionRequest, Provider } from '../../../ports/provider.ts';
import { completionOf, fileOf, parseRecorded } from './recorded.ts';

/**
 * Makes providers that go on from a recording: each answers from it as long as it has a reply for the question's address, fresh or drifted,
 * and asks the live one from the first question on that it cannot answer. Afterwards only a reply to exactly the same question is taken over:
 * what was paid for is not paid again, and no answer to another question is. All providers made are one in this. `again`: never taken over.
 */
export function resuming(options: {
  readonly read: (name: string) => string | null;
  readonly again: (request: Pick<CompletionRequest, 'stage' | 'attempt' | 'turn'>) => boolean;
}): (live: Provider) => Provider {
  let isLive = false;

  function recorded(request: Pick<CompletionRequest, 'stage' | 'attempt' | 'turn' | 'hash'>) {
    const text = options.again(request) ? null : options.read(fileOf(request));
    const reply = text === null ? null : parseRecorded(text);
    if (reply === null || 'problem' in reply) return null;
    const completion = completionOf(reply, request.hash);
    return isLive && completion.replayed === 'drifted' ? null : completion;
  }

  return (live) => ({
    ...live,
    recorded: (request) => recorded(request) !== null,
    async complete(request, signal, onProgress) {
      const known = recorded(request);
      if (known !== null) return known;
      isLive = true;
      return live.complete(request, signal, onProgress);
    },
  });
}
