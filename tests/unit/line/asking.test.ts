import { describe, expect, test } from 'vitest';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { type ModelSettings, openAsking } from '../../../orchestrator/pipeline/asking.ts';
import type { OpenQuestion } from '../../../orchestrator/ports/progress.ts';
import type { Completion, Provider } from '../../../orchestrator/ports/provider.ts';

const completion: Completion = {
  text: '{}',
  servedBy: 'test/m',
  tokensIn: 11,
  tokensOut: 3,
  estimated: false,
  costUsd: 0,
  ms: 1,
  replayed: null,
};

/** What progress was told while a provider of this kind was asked once, in order with what was recorded. */
async function told(complete: Provider['complete']): Promise<(OpenQuestion | null | 'recorded')[]> {
  const all: (OpenQuestion | null | 'recorded')[] = [];
  const provider: Provider = { name: 'test', ready: async () => {}, complete };
  const settings: ModelSettings = {
    ...{ provider, model: 'm', temperature: 0, contextTokens: 1_000, maxOutputTokens: 100, maxTurns: 4, deadlineMs: 1_000 },
  };
  const asking = openAsking({
    models: { PLAN: settings, SCOUT: settings, BUILD: settings, TEST: settings, REVIEW: settings },
    records: { folder: 'x', write() {}, append() {}, read: () => null, writeJson: () => void all.push('recorded') },
    trace: { write() {}, close() {} } as never,
    signal: new AbortController().signal,
    progress: { asking: (question) => void all.push(question) },
  });
  const messages = [
    { role: 'system', content: 'x'.repeat(4_000) },
    { role: 'user', content: 'y'.repeat(400) },
  ] as const;
  await asking.ask({ stage: 'BUILD', attempt: 1, turn: 2, messages, schema: {} }).catch((error) => {
    if (!(error instanceof Failure)) throw error;
  });
  return all;
}

describe('a question', () => {
  test('is shown as open with the size of its prompt, with every token that comes, and as over before its reply is acted on', async () => {
    const all = await told(async (_, __, onProgress) => {
      onProgress?.({ outTokens: 1 });
      onProgress?.({ outTokens: 2 });
      return completion;
    });
    const open = { stage: 'BUILD', turn: 2, promptTokens: 1_100 };
    expect(all).toEqual([{ ...open, outTokens: 0 }, { ...open, outTokens: 1 }, { ...open, outTokens: 2 }, null, 'recorded']);
  });

  test('is over also when nobody answered it', async () => {
    const all = await told(async () => {
      throw new Failure('model_truncated', 'long');
    });
    expect(all).toEqual([expect.objectContaining({ outTokens: 0 }), null]);
  });
});
