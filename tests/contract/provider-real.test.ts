import { describe, expect, test } from 'vitest';
import { anthropicProvider } from '../../orchestrator/adapters/provider/anthropic/index.ts';
import { ollamaProvider } from '../../orchestrator/adapters/provider/ollama/index.ts';
import { openaiProvider } from '../../orchestrator/adapters/provider/openai/index.ts';
import { question as asked } from './provider.ts';

/** A real server is used where OLLAMA_HOST and OLLAMA_MODEL name one: it speaks all three protocols. */
const { OLLAMA_HOST: host = '', OLLAMA_MODEL: model = '' } = process.env;
const isThere =
  model !== '' &&
  (await fetch(`${host}/api/tags`, { signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    () => false,
  ));

const question = { ...asked, model, contextTokens: 2_048, deadlineMs: 60_000 };
const never = () => new AbortController().signal;

describe.skipIf(!isThere)(`a real Ollama${isThere ? '' : ' (skipped: no Ollama)'}`, () => {
  describe.each([
    ollamaProvider({ host }),
    openaiProvider({ baseUrl: `${host}/v1`, key: null, prices: {}, local: true }),
    // It counts and streams, and holds no reply to a schema.
    anthropicProvider({ baseUrl: host || 'http://127.0.0.1', key: 'local', prices: {} }),
  ])('by the protocol of $name', (provider) => {
    test('has the model, and says what it lacks', async () => {
      await provider.ready([model]);
      await expect(provider.ready(['none:1b'])).rejects.toMatchObject({ code: 'model_missing' });
      await expect(provider.complete({ ...question, model: 'none:1b' }, never())).rejects.toMatchObject({ code: 'model_missing' });
    });

    test('answers with counts of its own', async () => {
      const { text, servedBy, tokensIn, tokensOut } = await provider.complete(question, never());
      expect(servedBy).toBe(`${provider.name}/${model}`);
      expect(tokensIn).toBeGreaterThan(0);
      expect(tokensOut).toBeGreaterThan(0);
      if (provider.name !== 'anthropic') expect(JSON.parse(text)).toEqual({ a: expect.any(Number) });
    });

    test('cut by length is a failure that tells what it cost', async () => {
      const cut = provider.complete({ ...question, maxOutputTokens: 2 }, never());
      await expect(cut).rejects.toMatchObject({ code: 'model_truncated', spent: { tokensOut: 2 } });
    });

    test('is given up at the deadline', async () => {
      const messages = [{ role: 'user', content: 'Tell a story. '.repeat(60) }] as const;
      await expect(provider.complete({ ...question, messages, deadlineMs: 15 }, never())).rejects.toMatchObject({ code: 'model_timeout' });
    });
  });
});
