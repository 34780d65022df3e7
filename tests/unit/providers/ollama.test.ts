import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
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
    ['with an error in the middle', parts(said('{"a"'), { error: 'the runner died' }), 'model_unavailable'],
    [
      'that hangs up in the middle',
      ((_, res) => res.write(`${JSON.stringify(said('{"a"'))}\n`, () => res.destroy())) as Handler,
      'model_unavailable',
    ],
    [
      'with a page of HTML as its error',
      ((_, res) => void res.writeHead(502).end('<html>bad gateway</html>')) as Handler,
      'model_unavailable',
    ],
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

  test('that gives a model up in the middle of its reply is a failure that says so', async () => {
    const { host } = await serve(parts(said('{"a"'), said('x')));
    await expect(ask(host)).rejects.toMatchObject({ detail: expect.stringContaining('ended without saying that it was whole') });
  });

  test('tells how many tokens have come, and nothing while the prompt is read', async () => {
    const { host } = await serve(
      parts(said('{"a"'), said(''), said(':'), { ...said(''), message: { content: '', thinking: 'hm' } }, said('1}'), done()),
    );
    const told: number[] = [];
    const signal = new AbortController().signal;
    const { tokensOut } = await ollamaProvider({ host }).complete(question, signal, ({ outTokens }) => told.push(outTokens));
    expect(told).toEqual([1, 2, 3, 4]);
    expect(tokensOut).toBe(5);
  });

  test('that sends a long reply in one part has its tokens counted by length', async () => {
    const { host } = await serve(parts(said('x'.repeat(4_000)), done()), 'relay');
    const told: number[] = [];
    await ollamaProvider({ host }).complete(question, new AbortController().signal, ({ outTokens }) => told.push(outTokens));
    expect(told).toEqual([1_000]);
  });

  test('that answers in one object, without a line break at its end, is understood', async () => {
    const { host } = await serve(
      (_, res) => void res.end(JSON.stringify({ ...done(), message: { role: 'assistant', content: '{"a":1}' } })),
    );
    expect(await ask(host)).toMatchObject({ text: '{"a":1}', tokensOut: 5 });
  });

  test.each([
    ['is no JSON', 'Internal error at line 7'],
    ['is cut', '{"message": {"content": "b'],
    ['is no object', '["b"]'],
  ])('whose stream has a line that %s is a failure with that line, never a shorter reply, and prints nothing', async (_, line) => {
    const printed = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { host } = await serve((_, res) => void res.end(`${JSON.stringify(said('a'))}\n\n${line}\n${JSON.stringify(done())}\n`));
    await expect(ask(host)).rejects.toMatchObject({ code: 'model_unavailable', detail: expect.stringContaining(line) });
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  test('that sends a line without an end is cut off long before its deadline', async () => {
    const { host } = await serve((_, res) => {
      const more = () => {
        while (!res.destroyed && res.write('x'.repeat(1_000_000)));
      };
      res.on('drain', more);
      more();
    });
    await expect(ask(host, { deadlineMs: 15_000 })).rejects.toMatchObject({
      code: 'model_unavailable',
      detail: expect.stringContaining('a line of more than'),
    });
  });

  test('that goes on after its end is hung up on', async () => {
    let hungUp = () => {};
    const gone = new Promise<void>((resolve) => (hungUp = resolve));
    const { host } = await serve((_, res) => {
      const drip = setInterval(() => res.write(`${JSON.stringify(said('.'))}\n`), 10).unref();
      res.write(`${JSON.stringify(said('a'))}\n${JSON.stringify(done())}\n`);
      res.on('close', () => {
        clearInterval(drip);
        hungUp();
      });
    });
    expect(await ask(host, { deadlineMs: 60_000 })).toMatchObject({ text: 'a' });
    await gone;
  });

  test('is let go of at once when the run is cancelled, also in the middle of a reply', async () => {
    const { host } = await serve((_, res) => void res.write(`${JSON.stringify(said('a'))}\n`));
    const stop = new AbortController();
    const reason = new Error('stop');
    const told: number[] = [];
    const asked = ollamaProvider({ host }).complete({ ...question, deadlineMs: 60_000 }, stop.signal, ({ outTokens }) => {
      told.push(outTokens);
      stop.abort(reason);
    });
    await expect(asked).rejects.toBe(reason);
    expect(told).toEqual([1]);
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
