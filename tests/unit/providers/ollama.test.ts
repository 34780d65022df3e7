import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ollamaProvider } from '../../../orchestrator/adapters/provider/ollama/index.ts';
import type { CompletionRequest } from '../../../orchestrator/ports/provider.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handler = (body: Record<string, unknown>, res: ServerResponse) => void;

/** A server that speaks Ollama's wire protocol as far as it is asked here. */
async function serve(chat: Handler, family = 'qwen2'): Promise<{ host: string; bodies: Record<string, unknown>[] }> {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer(async (req: IncomingMessage, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    if (req.url === '/api/tags') return void res.end(JSON.stringify({ models: [{ name: 'm:7b', details: { family } }] }));
    const body = JSON.parse(text) as Record<string, unknown>;
    bodies.push(body);
    chat(body, res);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

const parts =
  (...all: object[]): Handler =>
  (_, res) =>
    void res.end(`${all.map((part) => JSON.stringify({ model: 'm:7b', ...part })).join('\n')}\n`);
const said = (content: string) => ({ message: { role: 'assistant', content }, done: false });
const done = (more: object = {}) => ({
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 11,
  eval_count: 5,
  ...more,
});

const question: CompletionRequest = {
  stage: 'PLAN',
  attempt: 1,
  turn: 1,
  model: 'm:7b',
  messages: [{ role: 'user', content: 'hi' }],
  hash: 'h',
  schema: { type: 'object' },
  temperature: 0,
  maxOutputTokens: 100,
  contextTokens: 4096,
  deadlineMs: 2_000,
};
const ask = (host: string, more: Partial<CompletionRequest> = {}, signal = new AbortController().signal) =>
  ollamaProvider({ host }).complete({ ...question, ...more }, signal);

describe('an Ollama server', () => {
  test('is asked with schema, temperature and context, and its parts are put together', async () => {
    const { host, bodies } = await serve(parts(said('{"a"'), said(':1}'), done()));
    expect(await ask(host)).toMatchObject({
      text: '{"a":1}',
      servedBy: 'ollama/m:7b',
      tokensIn: 11,
      tokensOut: 5,
      estimated: false,
      costUsd: 0,
      replayed: null,
    });
    expect(bodies[0]).toMatchObject({
      model: 'm:7b',
      format: { type: 'object' },
      options: { temperature: 0, num_ctx: 4096, num_predict: 100 },
    });
  });

  test('that is a relay is never named as the model it stands for, and its counts are estimates', async () => {
    const { host } = await serve(parts(said('x'), done()), 'relay');
    expect(await ask(host)).toMatchObject({ servedBy: 'relay/m:7b', estimated: true });
  });

  test('that leaves its counts out leaves them unknown, not 0', async () => {
    const { host } = await serve(parts(said('x'), { ...done(), prompt_eval_count: undefined, eval_count: undefined }));
    expect(await ask(host)).toMatchObject({ tokensIn: null, tokensOut: null });
  });

  test.each([
    ['cut by length', parts(said('{"a"'), done({ done_reason: 'length' })), 'model_truncated'],
    ['with a prompt as long as the context', parts(said('x'), done({ prompt_eval_count: 4096 })), 'model_truncated'],
    ['that ends without an end', parts(said('x')), 'model_unavailable'],
    ['with an error status', ((_, res) => void res.writeHead(500).end('{"error":"out of memory"}')) as Handler, 'model_unavailable'],
    ['for a model it lacks', ((_, res) => void res.writeHead(404).end('{"error":"model not found"}')) as Handler, 'model_missing'],
    ['that hangs up', ((_, res) => void res.destroy()) as Handler, 'model_unavailable'],
    [
      'that drips for ever',
      ((_, res) => void setInterval(() => res.write(`${JSON.stringify(said('.'))}\n`), 20).unref()) as Handler,
      'model_timeout',
    ],
    ['that never comes', (() => {}) as Handler, 'model_timeout'],
  ])('whose answer is one %s is a failure', async (_, handler, code) => {
    const { host } = await serve(handler);
    await expect(ask(host, { deadlineMs: 300 })).rejects.toMatchObject({ code });
  });

  test('is let go of at once when the run is cancelled', async () => {
    const { host } = await serve(() => {});
    const stop = new AbortController();
    const reason = new Error('stop');
    setTimeout(() => stop.abort(reason), 50);
    await expect(ask(host, { deadlineMs: 60_000 }, stop.signal)).rejects.toBe(reason);
  });

  test('that is not there is model_unavailable, with what was tried', async () => {
    const provider = ollamaProvider({ host: 'http://127.0.0.1:1' });
    await expect(provider.ready(['m:7b'])).rejects.toMatchObject({
      code: 'model_unavailable',
      detail: expect.stringContaining('http://127.0.0.1:1'),
    });
  });

  test('without the model is model_missing, with the command that pulls it', async () => {
    const { host } = await serve(parts());
    await expect(ollamaProvider({ host }).ready(['m:7b', 'other:3b'])).rejects.toMatchObject({
      code: 'model_missing',
      detail: expect.stringContaining('ollama pull other:3b'),
    });
    await ollamaProvider({ host }).ready(['m:7b']);
  });
});
