import { Failure, type FailureCode } from '../../../domain/failure.ts';
import type { CompletionRequest, Provider } from '../../../ports/provider.ts';

/** What a fake says to a question: a reply, a failure, or nothing until it is let go of or its time is over. */
export type Line = string | { readonly fails: FailureCode } | 'hangs';

/** A provider that says what a test wrote, and fails on demand. Its counts are characters. */
export function fakeProvider(options: {
  readonly says: (request: CompletionRequest) => Line;
  readonly models?: readonly string[];
  readonly contextTokens?: number | null;
}): Provider {
  const { says, models = [], contextTokens = null } = options;
  return {
    name: 'fake',
    local: true,
    price: () => ({ inUsd: 0, outUsd: 0 }),
    contextTokens: async () => contextTokens,
    async ready(wanted) {
      const missing = wanted.filter((model) => !models.includes(model));
      if (missing.length > 0) throw new Failure('model_missing', `the fake does not have ${missing.join(', ')}`);
    },
    async complete(request, signal, onProgress = () => {}) {
      signal.throwIfAborted();
      const line = says(request);
      if (typeof line === 'object') throw new Failure(line.fails, 'as the test wrote');
      if (line === 'hangs') return hang(request, signal);
      onProgress({ outTokens: line.length });
      const tokensIn = request.messages.reduce((sum, { content }) => sum + content.length, 0);
      return {
        ...{ text: line, servedBy: `fake/${request.model}`, tokensIn, tokensOut: line.length },
        ...{ estimated: false, costUsd: 0, ms: 0, replayed: null },
      };
    },
  };
}

function hang({ model, deadlineMs }: CompletionRequest, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const late = () => reject(new Failure('model_timeout', `${model} gave no whole reply within ${deadlineMs / 1000} s`));
    const timer = setTimeout(late, deadlineMs);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
