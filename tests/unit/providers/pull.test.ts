import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { pullModel } from '../../../orchestrator/adapters/provider/ollama/pull.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import type { Pulling } from '../../../orchestrator/domain/pulling.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serving(answer: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const lines = (response: ServerResponse, ...words: readonly object[]) =>
  response.write(words.map((one) => `${JSON.stringify(one)}\n`).join(''));

async function pulled(host: string, given: { signal?: AbortSignal; silenceMs?: number } = {}) {
  const seen: Pulling[] = [];
  const ended = await pullModel(host, 'small:1b', {
    signal: new AbortController().signal,
    onProgress: (one) => seen.push(one),
    ...given,
  }).then(
    () => 'done' as const,
    (error: unknown) => error as Failure,
  );
  return { seen, ended };
}

describe('pulling a model', () => {
  test('adds up its parts, wherever the stream is cut, and ends with the word that it is whole', async () => {
    const asked: string[] = [];
    const host = await serving((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const text = [
        { status: 'pulling manifest' },
        { status: 'pulling a', digest: 'a', total: 900, completed: 300 },
        { status: 'pulling a', digest: 'a', total: 900, completed: 900 },
        { status: 'pulling b', digest: 'b', total: 100 },
        { status: 'pulling b', digest: 'b', total: 100, completed: 100 },
        { status: 'success' },
      ];
      for (const piece of text
        .map((one) => JSON.stringify(one))
        .join('\n')
        .match(/.{1,7}/gs) ?? [])
        response.write(piece);
      response.end();
    });
    const { seen, ended } = await pulled(host);
    expect(ended).toBe('done');
    expect(asked).toEqual(['POST /api/pull']);
    expect(seen.map(({ doneBytes, totalBytes }) => [doneBytes, totalBytes])).toEqual([
      [0, null],
      [300, 900],
      [900, 900],
      [900, 1000],
      [1000, 1000],
      [1000, 1000],
    ]);
  });

  const bad =
    (words: string): RequestListener =>
    (_, response) =>
      void response.end(words);
  test.each<readonly [string, RequestListener, string, RegExp]>([
    [
      'an error in the stream, after good words',
      (_, response) => {
        lines(response, { status: 'pulling manifest' }, { error: 'pull model manifest: dial tcp: lookup registry.example: no such host' });
        response.end();
      },
      'model_pull_failed',
      /no such host/,
    ],
    ['a full disk', bad('{"error":"write /root/.ollama/x: no space left on device"}\n'), 'disk', /no space left/],
    [
      'an error status',
      (_, response) => void response.writeHead(500).end('{"error":"out of \\"luck\\""}'),
      'model_pull_failed',
      /500: out of "luck"$/,
    ],
    ['an error that is no text', bad('{"error":{"code":7}}\n'), 'model_pull_failed', /\{"code":7\}/],
    [
      'an end without the word that it is whole',
      bad('{"status":"pulling manifest"}\n'),
      'model_pull_failed',
      /without saying that the model is whole/,
    ],
    ['no word at all', bad(''), 'model_pull_failed', /without saying/],
    [
      'a cut connection',
      (_, response) => {
        lines(response, { status: 'pulling manifest' });
        setTimeout(() => response.destroy(), 20);
      },
      'model_pull_failed',
      /pull small:1b at http/,
    ],
    ['a page of HTML', bad('<html>\n'), 'model_pull_failed', /unreadable: .*not JSON/],
    ['sizes that are none', bad('{"status":"x","digest":"a","total":-5}\n'), 'model_pull_failed', /unreadable/],
    ['a line without an end', bad(`{"status":"${'x'.repeat(100_000)}`), 'model_pull_failed', /a line of more than 65536 bytes/],
    [
      'words that would act on a terminal',
      bad('{"error":"\\u001b]0;owned\\u0007\\u202e\\nexit code 0"}\n'),
      'model_pull_failed',
      /\\x1b\]0;owned\\x07\\u202e exit code 0$/,
    ],
    [
      'a redirect',
      (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
      'model_pull_failed',
      /redirect/,
    ],
  ])('with %s fails with its words', async (_, answer, code, words) => {
    const { ended } = await pulled(await serving(answer));
    expect(ended).toBeInstanceOf(Failure);
    expect(ended).toMatchObject({ code, detail: expect.stringMatching(words) });
  });

  test('that nobody answers fails', async () => {
    expect((await pulled('http://127.0.0.1:9')).ended).toMatchObject({ code: 'model_pull_failed' });
  });

  test('that falls silent is given up, and hung up on', async () => {
    let hangUp = () => {};
    const hungUp = new Promise<void>((resolve) => (hangUp = resolve));
    const host = await serving((_, response) => {
      lines(response, { status: 'pulling manifest' });
      response.on('close', hangUp);
    });
    const { ended } = await pulled(host, { silenceMs: 150 });
    expect(ended).toMatchObject({ code: 'model_pull_failed', detail: expect.stringContaining('nothing was heard for 0.15 s') });
    await hungUp;
  });

  test('that drips for ever is ended by the limit, with the limit’s own words', async () => {
    const host = await serving((_, response) => {
      const drip = setInterval(() => lines(response, { status: 'pulling a', digest: 'a', total: 1e9, completed: 1 }), 10);
      response.on('close', () => clearInterval(drip));
    });
    const limit = new AbortController();
    setTimeout(() => limit.abort(new Failure('model_pull_failed', 'not done within 1 s')), 150);
    const { ended, seen } = await pulled(host, { signal: limit.signal, silenceMs: 5_000 });
    expect(ended).toBe(limit.signal.reason);
    expect(seen.length).toBeGreaterThan(2);
  });

  test('counts no more parts than any model has', async () => {
    const host = await serving((_, response) => {
      for (let part = 0; part < 1_200; part += 1) lines(response, { status: 'x', digest: `d${part}`, total: 1, completed: 1 });
      lines(response, { status: 'success' });
      response.end();
    });
    const { seen, ended } = await pulled(host);
    expect({ ended, last: seen.at(-1) }).toEqual({ ended: 'done', last: { status: 'success', doneBytes: 1_000, totalBytes: 1_000 } });
  });
});
