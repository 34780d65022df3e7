import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ollamaProvider } from '../../../orchestrator/adapters/provider/ollama/index.ts';
import type { ModelSettings } from '../../../orchestrator/pipeline/asking.ts';
import { assertFits } from '../../../orchestrator/pipeline/assert-fits.ts';
import type { Provider } from '../../../orchestrator/ports/provider.ts';

let server: Server | null = null;
afterEach(() => server?.close());

/** A server that describes every model so, and counts how often it was asked. */
async function showing(body: unknown, status = 200): Promise<{ provider: Provider; asked: () => number }> {
  let asked = 0;
  server = createServer((request, response) => {
    asked += request.url === '/api/show' ? 1 : 0;
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { provider: ollamaProvider({ host: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }), asked: () => asked };
}

const made = (tokens: unknown) => ({ model_info: { 'general.architecture': 'qwen2', 'qwen2.context_length': tokens } });
const settings = (provider: Provider, contextTokens: number): ModelSettings => ({
  provider,
  model: 'small:1b',
  temperature: 0,
  contextTokens,
  maxOutputTokens: 100,
  maxTurns: 1,
  deadlineMs: 1,
});

test('what a model was made for is asked once, and is unknown where the server does not tell', async () => {
  const { provider, asked } = await showing(made(4_096));
  expect(await provider.contextTokens?.('small:1b')).toBe(4_096);
  expect(await provider.contextTokens?.('small:1b')).toBe(4_096);
  expect(asked()).toBe(1);
});

test.each([
  [{}, 200],
  [made('many'), 200],
  [made(-1), 200],
  ['<html>', 200],
  ['404 page not found', 404],
  [{ error: 'no' }, 500],
])('a description like %j (%i) tells nothing, and is no error', async (body, status) => {
  const { provider } = await showing(body, status);
  expect(await provider.contextTokens?.('small:1b')).toBeNull();
});

test.each([
  // chars / 4 + 500 for a reply
  { chars: 6_000, made: 2_000, asked: 32_768, fits: true },
  { chars: 6_001, made: 2_000, asked: 32_768, fits: false, why: 'takes 2,000: the model was made for no more' },
  { chars: 6_001, made: 32_768, asked: 2_000, fits: false, why: 'takes 2,000: context_tokens asks for no more' },
  { chars: 6_001, made: null, asked: 2_000, fits: false, why: 'takes 2,000: context_tokens asks for no more' },
  { chars: 6_001, made: null, asked: 4_000, fits: true },
])(
  'a prompt of $chars characters for a model made for $made and asked for $asked: fits $fits',
  async ({ chars, made: tokens, asked, fits, why }) => {
    const { provider } = await showing(made(tokens));
    const looked = assertFits('PLAN', chars, settings(provider, asked));
    if (fits) await expect(looked).resolves.toBeUndefined();
    else
      await expect(looked).rejects.toMatchObject({
        code: 'model_too_small',
        detail: expect.stringMatching(new RegExp(`^PLAN needs about 2,001 tokens .*small:1b ${why}$`)),
      });
  },
);

test('a provider that does not say what its models take is not judged', async () => {
  const { provider } = await showing(made(1));
  const { contextTokens: _, ...silent } = provider;
  await expect(assertFits('PLAN', 1_000_000, settings(silent, 1))).resolves.toBeUndefined();
});
