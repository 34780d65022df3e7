import { afterEach, describe, expect, test, vi } from 'vitest';
import { openaiProvider } from '../../../orchestrator/adapters/provider/openai/index.ts';
import { turnJsonSchema } from '../../../orchestrator/domain/spec/json-schema.ts';
import { planTurnSchema } from '../../../orchestrator/domain/turns.ts';
import { question } from '../../contract/provider.ts';
import { anthropicWire } from '../../contract/servers/anthropic.ts';
import { openaiWire } from '../../contract/servers/openai.ts';
import { answering, type Handler, KEY, MODEL, type Running, running, type Wire, wholeReply } from '../../contract/servers/wire.ts';

const open: Running[] = [];
afterEach(() => {
  for (const { close } of open.splice(0)) close();
  vi.unstubAllEnvs();
});
async function serve(wire: Wire, handler: Handler): Promise<Running> {
  const one = await running(wire, handler);
  open.push(one);
  return one;
}
const never = () => new AbortController().signal;

describe('Anthropic', () => {
  test('is asked with the system prompt apart, the key as a bearer, the conversation to be cached, and no temperature', async () => {
    const { host, asked } = await serve(anthropicWire, answering(anthropicWire, { text: '{"a":1}' }));
    await anthropicWire.provider(host).complete(question, never());
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(asked[0]?.body).toMatchObject({
      ...{ model: MODEL, max_tokens: 100, stream: true, system: 'Be brief.', cache_control: { type: 'ephemeral' } },
      messages: [{ role: 'user', content: 'hi' }],
      output_config: { format: { type: 'json_schema', schema: { type: 'object', required: ['a'], additionalProperties: false } } },
    });
    expect(asked[0]?.body).not.toHaveProperty('temperature');
  });

  test('is never asked for a reply with free keys by a grammar: it has to call a tool, whose input is the reply', async () => {
    const schema = turnJsonSchema(planTurnSchema);
    const input = JSON.stringify({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json: '{"reply":{"x":1}}' },
    });
    const { host, asked } = await serve(anthropicWire, (res) => {
      const end = anthropicWire.end({ why: 'done', told: { in: 1, out: 1 }, model: MODEL });
      res.writeHead(200, { 'content-type': anthropicWire.contentType });
      res.end(`${anthropicWire.begin(MODEL)}event: content_block_delta\ndata: ${input}\n\n${end}`);
    });
    expect((await anthropicWire.provider(host).complete({ ...question, schema }, never())).text).toBe('{"x":1}');
    expect(asked[0]?.body).toMatchObject({
      tool_choice: { type: 'tool', name: 'reply' },
      tools: [{ name: 'reply', input_schema: { type: 'object' } }],
    });
    expect(asked[0]?.body).not.toHaveProperty('output_config');
  });

  test('is paid for what its cache read and wrote, at the cache’s prices, and the prompt is all of it', async () => {
    const told = { in: 100, out: 50, cacheRead: 2_000, cacheWrite: 300 };
    const { host } = await serve(anthropicWire, answering(anthropicWire, { text: '{}', told }));
    const { tokensIn, tokensOut, costUsd } = await anthropicWire.provider(host).complete(question, never());
    expect([tokensIn, tokensOut]).toEqual([2_400, 50]);
    expect(costUsd).toBeCloseTo((100 * 3 + 2_000 * 0.3 + 300 * 3.75 + 50 * 15) / 1e6, 12);
  });

  test('that breaks off has told of its prompt only: what it used is not known, and never nothing', async () => {
    const { host } = await serve(anthropicWire, (res) => {
      res.writeHead(200, { 'content-type': anthropicWire.contentType });
      res.write(anthropicWire.begin(MODEL) + anthropicWire.token('{"a"', MODEL));
      setTimeout(() => res.destroy(), 20);
    });
    const failed = anthropicWire.provider(host).complete(question, never());
    await expect(failed).rejects.toMatchObject({ code: 'model_unavailable', spent: { tokensIn: null, tokensOut: null, costUsd: null } });
  });

  test('tells whether a model is there without a completion', async () => {
    const { host, asked } = await serve(anthropicWire, () => undefined);
    const provider = anthropicWire.provider(host);
    await provider.ready([MODEL]);
    expect(await provider.contextTokens?.(MODEL)).toBe(200_000);
    expect(asked).toEqual([]);
    expect(provider.price?.(MODEL)).toEqual({ inUsd: 3.75, outUsd: 15 });
    expect(provider.price?.('unheard-of')).toBeNull();
  });

  test('takes no key, address or header from the environment by itself', async () => {
    const planted = { ANTHROPIC_API_KEY: 'sk-wrong', ANTHROPIC_AUTH_TOKEN: 'wrong', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };
    for (const [name, value] of Object.entries(planted)) vi.stubEnv(name, value);
    const { host, asked } = await serve(anthropicWire, answering(anthropicWire, { text: '{}' }));
    await anthropicWire.provider(host).complete(question, never());
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.stringify(asked[0]?.headers)).not.toContain('wrong');
  });
});

describe('an OpenAI-compatible server', () => {
  test('counts what it read from its cache inside the prompt: each token is paid once', async () => {
    const { host } = await serve(openaiWire, answering(openaiWire, { text: '{}', told: { in: 2_400, out: 50, cacheRead: 2_000 } }));
    const { tokensIn, tokensOut, costUsd } = await openaiWire.provider(host).complete(question, never());
    expect([tokensIn, tokensOut]).toEqual([2_400, 50]);
    expect(costUsd).toBeCloseTo((400 * 3 + 2_000 * 0.3 + 50 * 15) / 1e6, 12);
  });

  test('that claims more of the cache than of the prompt is not believed', async () => {
    const { host } = await serve(openaiWire, answering(openaiWire, { text: '{}', told: { in: 10, out: 5, cacheRead: 2_000 } }));
    expect(await openaiWire.provider(host).complete(question, never())).toMatchObject({ tokensIn: null, tokensOut: null, costUsd: null });
  });

  test('of one’s own costs nothing, counted or not, and is asked without a key', async () => {
    const { host, asked } = await serve(openaiWire, answering(openaiWire, { text: '{}', told: null, model: '/models/coder.gguf' }));
    const provider = openaiProvider({ baseUrl: `${host}/v1`, key: null, prices: {}, local: true });
    expect(await provider.complete(question, never())).toMatchObject({ tokensIn: null, costUsd: 0, servedBy: 'openai/coder.gguf' });
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
  });

  test('that refused a way of asking is not asked so again', async () => {
    const { host, asked } = await serve(openaiWire, (res, one) => {
      if ('response_format' in one.body && (one.body.response_format as { type: string }).type === 'json_schema')
        return void res
          .writeHead(400)
          .end(JSON.stringify({ error: { message: 'json_schema is not supported', type: 'invalid_request_error' } }));
      answering(openaiWire, { text: '{}' })(res, one);
    });
    const provider = openaiWire.provider(host);
    await provider.complete(question, never());
    await provider.complete(question, never());
    expect(asked.map(({ body }) => (body.response_format as { type: string } | undefined)?.type)).toEqual([
      'json_schema',
      'json_object',
      'json_object',
    ]);
  });

  test('that thinks aloud is heard to be at work, and its thoughts are no part of the reply', async () => {
    const thought = `data: ${JSON.stringify({ model: MODEL, choices: [{ delta: { reasoning_content: 'hm, '.repeat(20) } }] })}\n\n`;
    const { host } = await serve(openaiWire, (res) => {
      res
        .writeHead(200, { 'content-type': openaiWire.contentType })
        .end(`: a comment\n\n${thought}${wholeReply(openaiWire, { text: '{}' })}`);
    });
    const told: number[] = [];
    expect((await openaiWire.provider(host).complete(question, never(), ({ outTokens }) => told.push(outTokens))).text).toBe('{}');
    expect(told[0]).toBe(20);
  });

  test.each([
    ['CRLF at its lines’ ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['no space after "data:"', (text: string) => text.replaceAll('data: ', 'data:')],
    ['no [DONE]', (text: string) => text.replace('data: [DONE]\n\n', '')],
    ['no line break at the end', (text: string) => text.trimEnd()],
  ])('with %s is understood', async (_, change) => {
    const { host } = await serve(
      openaiWire,
      (res) => void res.writeHead(200, { 'content-type': openaiWire.contentType }).end(change(wholeReply(openaiWire, { text: '{"a":1}' }))),
    );
    expect(await openaiWire.provider(host).complete(question, never())).toMatchObject({ text: '{"a":1}', tokensIn: 11, tokensOut: 5 });
  });

  test('whose reply is not UTF-8 is a failure, never a reply with holes', async () => {
    const { host } = await serve(openaiWire, (res) => {
      res.writeHead(200, { 'content-type': openaiWire.contentType });
      res.end(Buffer.concat([Buffer.from('data: {"choices":[{"delta":{"content":"'), Buffer.from([0xff]), Buffer.from('"}}]}\n\n')]));
    });
    await expect(openaiWire.provider(host).complete(question, never())).rejects.toMatchObject({
      code: 'model_unavailable',
      detail: expect.stringContaining('UTF-8'),
    });
  });

  test('without a list of its models is taken to have them', async () => {
    const wire = { ...openaiWire, about: () => ({ status: 404, body: { detail: 'Not Found' } }) };
    const { host } = await serve(wire, () => undefined);
    await openaiWire.provider(host).ready([MODEL]);
  });
});
