import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeLine, parseLine, readMessages, splitLines } from '../../../orchestrator/protocol/framing.ts';
import { type AgentMessage, agentMessageSchema, hostMessageSchema } from '../../../orchestrator/protocol/messages.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

async function linesOf(max: number, ...parts: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(chunks(...parts), max)) lines.push(decode(line));
  return lines;
}

/** `bytes` cut at these places. */
function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

describe('splitting bytes into lines', () => {
  it('gives the same lines however the bytes are cut into chunks', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'é', '\r', '\n', '{', '\u2028', '😀', '\0'), { maxLength: 60 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 12 }), async (all, places) => {
        const expected = all.split('\n').slice(0, -1);
        expect(await linesOf(1000, ...cutAt(encode(all), places))).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('takes a line of exactly the cap and refuses one byte more, at any chunking', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(), { maxLength: 8 }), async (max, places) => {
        const fits = cutAt(encode(`a\n${'x'.repeat(max)}\n`), places);
        expect(await linesOf(max, ...fits)).toEqual(['a', 'x'.repeat(max)]);
        const over = cutAt(encode(`a\n${'x'.repeat(max + 1)}\n`), places);
        await expect(linesOf(max, ...over)).rejects.toMatchObject({ code: 'protocol_line_too_long' });
      }),
      { numRuns: 40 },
    );
  });

  it('refuses an endless line as soon as the cap is passed, without waiting for its end', async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 1;
        yield new Uint8Array(64 * 1024).fill(0x78);
      }
    }
    await expect(collect(splitLines(endless(), 1024 * 1024))).rejects.toMatchObject({ code: 'protocol_line_too_long' });
    expect(sent).toBe(17);
  });

  it('lets go of its source when nobody reads on', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield encode('a\nb\n');
      } finally {
        closed = true;
      }
    }
    for await (const _ of splitLines(source(), 10)) break;
    expect(closed).toBe(true);
  });

  it('keeps lines apart that share a chunk with an unfinished one', async () => {
    const held = await collect(splitLines(chunks(encode('ab'), encode('cd\nef'), encode('gh\n')), 10));
    expect(held.map(decode)).toEqual(['abcd', 'efgh']);
  });

  it('drops what follows the last newline', async () => {
    expect(await linesOf(100, encode('{"a":1}\n{"b"'))).toEqual(['{"a":1}']);
  });
});

describe('a line as a message', () => {
  const any = z.object({ value: z.unknown() });
  const anyText = fc
    .array(fc.constantFrom('a', '\n', '\r', '"', '\\', '\0', 'é', '\u2028', '\ud83d', '😀', '\ufeff'), { maxLength: 20 })
    .map((parts) => parts.join(''));

  it.each([
    ['an empty line', ''],
    ['no JSON', 'hello'],
    ['a cut object', '{"type":"turn"'],
    ['a bare value', '"turn"'],
    ['null', 'null'],
    ['an array', '[{"type":"hand_over"}]'],
    ['a byte order mark', '\ufeff{"type":"hand_over"}'],
    ['an unknown type', '{"type":"verdict","green":true}'],
    ['an unknown key', '{"type":"hand_over","green":true}'],
    ['a missing key', '{"type":"turn"}'],
    ['the key __proto__', '{"type":"hand_over","__proto__":{"accepted":true}}'],
    ['a hello that is too long', `{"type":"hello","agent":"${'x'.repeat(41)}","tools":[]}`],
  ])('refuses %s', (_, line) => {
    expect(() => parseLine(encode(line), agentMessageSchema)).toThrow(expect.objectContaining({ code: 'protocol_invalid' }));
  });

  it.each([
    ['__proto__ at the top', '{"value":1,"__proto__":{"value":2}}'],
    ['__proto__ further down', '{"value":{"a":[{"__proto__":1}]}}'],
    ['a number past all bounds', '{"value":[1e999]}'],
    ['deep nesting', `{"value":${'['.repeat(30)}${']'.repeat(30)}}`],
    ['very deep nesting', `{"value":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ])('refuses %s even where the schema takes anything', (_, line) => {
    expect(() => parseLine(encode(line), any)).toThrow(expect.objectContaining({ code: 'protocol_invalid' }));
  });

  it('takes ordinary nesting where the schema takes anything', () => {
    expect(parseLine(encode('{"value":{"a":[1.5,{"b":null}]}}'), any)).toEqual({ value: { a: [1.5, { b: null }] } });
  });

  it.each([
    ['a stray continuation byte', [0x80]],
    ['a cut character', [0xc3]],
    ['an overlong form', [0xc0, 0xaf]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('refuses %s', (_, bytes) => {
    const line = new Uint8Array([...encode('{"type":"turn","add":"'), ...bytes, ...encode('"}')]);
    expect(() => parseLine(line, agentMessageSchema)).toThrow(/not UTF-8/);
  });

  it('says where it is wrong, short and without control characters', () => {
    const line = encode(`{"type":"hand_over","\\u001b[31m${'x'.repeat(5000)}":1}`);
    expect(() => parseLine(line, agentMessageSchema)).toThrow(
      expect.objectContaining({ detail: expect.not.stringMatching(/\p{Cc}/u), message: expect.stringMatching(/^.{10,330}$/) }),
    );
  });

  it('comes back from the wire as it was sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 6 }), async (texts, places) => {
        const messages: AgentMessage[] = texts.map((add) => ({ type: 'turn', add }));
        const bytes = cutAt(encode(messages.map(encodeLine).join('')), places);
        expect(await collect(readMessages(chunks(...bytes), agentMessageSchema, 100_000))).toEqual(messages);
      }),
      { numRuns: 40 },
    );
  });

  it('carries any reply to the agent unchanged', () => {
    const turn = { look: [], brief: null, note: 'line\u2028\nend', n: [1, 2.5] };
    const line = encode(encodeLine({ type: 'reply', turn }).slice(0, -1));
    expect(parseLine(line, hostMessageSchema)).toEqual({ type: 'reply', turn });
  });
});
