import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { isOwnMachine } from '../../../orchestrator/cli/own-machine.ts';
import { assertPaidAllowed, isPaid, pricesOf, providersOf, splitName, throughEach } from '../../../orchestrator/cli/providers.ts';
import { readSettings } from '../../../orchestrator/cli/settings.ts';
import type { ModelStage } from '../../../orchestrator/domain/stage.ts';

const STAGES: readonly ModelStage[] = ['PLAN', 'BUILD'];
const nowhere = '/nonexistent';
const settingsOf = (model: string, env: NodeJS.ProcessEnv = {}, more: object = {}) =>
  readSettings({ model: [model], ...more }, env, nowhere);

let server: Server | null = null;
afterEach(() => server?.close());

/** A server that counts who comes. */
async function counting(): Promise<{ host: string; came: () => number }> {
  let came = 0;
  server = createServer((_, res) => {
    came += 1;
    res.writeHead(500).end('{}');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, came: () => came };
}

describe('a model that costs money', () => {
  test.each(['anthropic:claude-haiku-4-5', 'anthropic:not-on-any-list', 'openai:gpt-5-mini', 'qwen2.5:3b,anthropic:claude-haiku-4-5'])(
    '%s is not asked without leave, whatever key there is, and nobody is asked first',
    async (model) => {
      const { host, came } = await counting();
      const env = { ANTHROPIC_API_KEY: 'sk-a', OPENAI_API_KEY: 'sk-o', ANTHROPIC_BASE_URL: host };
      const settings = settingsOf(model, env);
      const refused = expect.objectContaining({ code: 'paid_not_allowed', detail: expect.stringContaining('(PLAN, BUILD)') });
      expect(() => assertPaidAllowed(providersOf(settings, env), settings, STAGES)).toThrow(refused);
      expect(came()).toBe(0);
    },
  );

  test.each(['qwen2.5-coder:7b', 'openai:anything'])('%s on one’s own machine is none', (model) => {
    const env = { OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1', OPENAI_API_KEY: 'sk-o' };
    const settings = settingsOf(model, env);
    expect(() => assertPaidAllowed(providersOf(settings, env), settings, STAGES)).not.toThrow();
  });

  test('is one on one’s own machine too where its name is on a price list: something passes the question on', () => {
    const env = { OPENAI_BASE_URL: 'http://127.0.0.1:4000/v1' };
    const settings = settingsOf('openai:gpt-5-mini', env);
    expect(isPaid(providersOf(settings, env)('openai:gpt-5-mini'))).toBe(true);
  });

  test('is asked with leave, by flag or by file', () => {
    const settings = settingsOf('anthropic:claude-haiku-4-5', {}, { allowPaid: true });
    expect(() => assertPaidAllowed(providersOf(settings, {}), settings, STAGES)).not.toThrow();
    expect(settingsOf('x').allow_paid).toBe(false);
  });

  test('that no stage of this run asks needs no leave', () => {
    const settings = readSettings({ model: ['REVIEW=anthropic:claude-haiku-4-5'] }, {}, nowhere);
    expect(() => assertPaidAllowed(providersOf(settings, {}), settings, STAGES)).not.toThrow();
  });
});

describe('a key', () => {
  test.each([
    ['anthropic:claude-haiku-4-5', {}, 'model_forbidden', 'ANTHROPIC_API_KEY is not set'],
    ['anthropic:claude-haiku-4-5', { ANTHROPIC_API_KEY: ' ' }, 'model_forbidden', 'ANTHROPIC_API_KEY is empty'],
    ['anthropic:claude-haiku-4-5', { ANTHROPIC_AUTH_TOKEN: 'elsewhere' }, 'model_forbidden', 'ANTHROPIC_API_KEY is not set'],
    ['openai:gpt-5-mini', {}, 'model_forbidden', 'OPENAI_API_KEY is not set'],
    ['openai:m', { OPENAI_API_KEY: 'sk-o', OPENAI_BASE_URL: 'http://models.example.com/v1' }, 'config_invalid', 'is not encrypted'],
  ])('for %s, given %j: %s, and nobody is asked', async (name, env, code, words) => {
    const settings = settingsOf(name, env);
    const { provider, model } = providersOf(settings, env)(name);
    await expect(provider.ready([model])).rejects.toMatchObject({ code, detail: expect.stringContaining(words) });
    await expect(provider.complete({} as never, new AbortController().signal)).rejects.toMatchObject({ code });
  });

  test('is not needed on one’s own machine', async () => {
    const { host, came } = await counting();
    const env = { OPENAI_BASE_URL: `${host}/v1` };
    await expect(providersOf(settingsOf('openai:m', env), env)('openai:m').provider.ready(['m'])).rejects.toMatchObject({
      code: 'model_unavailable',
    });
    expect(came()).toBe(1);
  });
});

test.each([
  ['qwen2.5-coder:7b', 'ollama', 'qwen2.5-coder:7b'],
  ['anthropic:claude-x', 'anthropic', 'claude-x'],
  ['openai:org/model:free', 'openai', 'org/model:free'],
  ['openai:', 'ollama', 'openai:'],
  ['hf.co/a/b:q4', 'ollama', 'hf.co/a/b:q4'],
])('%s is asked of %s as %s', (name, kind, model) => {
  expect(splitName(name)).toEqual({ kind, model });
});

test.each([
  ['http://localhost:1/v1', true],
  ['http://127.8.9.1', true],
  ['http://[::1]:8000', true],
  ['http://gpu-box:8000/v1', true],
  ['http://192.168.1.7', true],
  ['http://host.docker.internal:1234/v1', true],
  ['http://box.local', true],
  ['https://api.openai.com/v1', false],
  ['http://8.8.8.8', false],
  ['http://172.32.0.1', false],
  ['http://127.0.0.1.example.com', false],
  ['http://localhost.example.com', false],
])('%s is of one’s own: %s', (url, own) => {
  expect(isOwnMachine(url)).toBe(own);
});

test('one provider answers for all of a kind, also through another one', () => {
  const live = providersOf(settingsOf('x'), {});
  const through = throughEach(live, (provider) => ({ ...provider, name: `through ${provider.name}` }));
  expect(through('a').provider).toBe(through('b').provider);
  expect(through('a').provider.name).toBe('through ollama');
});

test('a price of one’s own wins over the list, and is of its provider alone', () => {
  const settings = { prices: { 'anthropic:claude-haiku-4-5': { in: 9, out: 9 }, 'openai:mine': { in: 0, out: 0 } } };
  const { anthropic, openai } = pricesOf(settings);
  expect([anthropic['claude-haiku-4-5'], openai.mine, anthropic.mine]).toEqual([{ in: 9, out: 9 }, { in: 0, out: 0 }, undefined]);
});

test.each([
  [{ OPENAI_BASE_URL: 'ftp://x' }, 'openai_base_url'],
  [{ OPENAI_BASE_URL: 'nonsense' }, 'openai_base_url'],
  [{ OPENAI_BASE_URL: 'https://me:secret@x.example/v1' }, 'must not have a login'],
  [{ ANTHROPIC_BASE_URL: 'x' }, 'ANTHROPIC_BASE_URL'],
])('an address like %j is refused', (env, words) => {
  expect(() => readSettings({}, env, nowhere)).toThrow(
    expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining(words) }),
  );
});
