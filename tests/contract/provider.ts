import { afterEach, describe, expect, test } from 'vitest';
import type { CompletionRequest, Provider } from '../../orchestrator/ports/provider.ts';

/** What a provider is told to say, by whatever stands behind it. */
export type Says = { readonly reply: string } | 'hangs';

export interface Subject {
  readonly provider: Provider;
  close(): void;
}

export const question: CompletionRequest = {
  ...{ stage: 'PLAN', attempt: 1, turn: 1, model: 'm:7b', hash: 'h' },
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hi' },
  ],
  schema: { type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'], additionalProperties: false },
  ...{ temperature: 0, maxOutputTokens: 100, contextTokens: 4_096, deadlineMs: 5_000 },
};

/** The duties of a provider. `make` stands one up that says so to every question and has the model `m:7b` alone. */
export function providerContract(
  name: string,
  make: (says: Says) => Promise<Subject>,
  is: { readonly servedBy: string; readonly looks: boolean; readonly hangs: boolean },
): void {
  const subjects: Subject[] = [];
  afterEach(() => {
    for (const { close } of subjects.splice(0)) close();
  });
  async function of(says: Says): Promise<Provider> {
    const subject = await make(says);
    subjects.push(subject);
    return subject.provider;
  }
  const never = () => new AbortController().signal;

  describe(`the provider ${name}`, () => {
    test('answers with the reply as it was, who served it, and counts that are whole numbers or unknown', async () => {
      const provider = await of({ reply: '{"a":1} ✓ 👍' });
      const completion = await provider.complete(question, never());
      expect(completion).toMatchObject({ text: '{"a":1} ✓ 👍', servedBy: is.servedBy });
      for (const count of [completion.tokensIn, completion.tokensOut]) expect(count === null || Number.isSafeInteger(count)).toBe(true);
      expect(completion.costUsd === null || completion.costUsd >= 0).toBe(true);
      expect(completion.ms).toBeGreaterThanOrEqual(0);
    });

    test('gives an empty reply as one', async () => {
      const provider = await of({ reply: '' });
      expect(await provider.complete(question, never())).toMatchObject({ text: '' });
    });

    test('tells how far it has come, never backwards, and nothing after the end', async () => {
      const provider = await of({ reply: 'a long reply '.repeat(50) });
      const told: number[] = [];
      await provider.complete(question, never(), ({ outTokens }) => told.push(outTokens));
      expect(told).toEqual([...told].sort((a, b) => a - b));
      const atEnd = told.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(told.length).toBe(atEnd);
    });

    test.skipIf(!is.hangs)('is let go of at once when the run is cancelled, with the run’s own reason', async () => {
      const provider = await of('hangs');
      const stop = new AbortController();
      const reason = new Error('stop');
      setTimeout(() => stop.abort(reason), 30);
      await expect(provider.complete({ ...question, deadlineMs: 60_000 }, stop.signal)).rejects.toBe(reason);
    });

    test.skipIf(!is.hangs)('asks nobody when the run is cancelled already', async () => {
      const provider = await of('hangs');
      const reason = new Error('stop');
      await expect(provider.complete({ ...question, deadlineMs: 60_000 }, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test.skipIf(!is.hangs)('keeps its deadline', async () => {
      const provider = await of('hangs');
      await expect(provider.complete({ ...question, deadlineMs: 60 }, never())).rejects.toMatchObject({ code: 'model_timeout' });
    });

    test('is ready for what it has, and says what it lacks', async () => {
      const provider = await of({ reply: '' });
      await provider.ready(['m:7b']);
      if (is.looks)
        await expect(provider.ready(['m:7b', 'none:1b'])).rejects.toMatchObject({
          code: 'model_missing',
          detail: expect.stringContaining('none:1b'),
        });
    });

    test('says what its models take, or that it does not know', async () => {
      const provider = await of({ reply: '' });
      for (const model of ['m:7b', 'none:1b']) {
        const tokens = (await provider.contextTokens?.(model)) ?? null;
        expect(tokens === null || tokens > 0).toBe(true);
      }
    });
  });
}
