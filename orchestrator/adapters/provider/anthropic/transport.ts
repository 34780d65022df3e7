import { ReadableStream } from 'node:stream/web';
import { Agent, fetch as undiciFetch } from 'undici';
import { Failure, NOTHING_SPENT } from '../../../domain/failure.ts';
import { oneLine } from '../../../domain/untrusted.ts';

/** Most bytes of one reply: a server that sends more is not answering the question. */
export const MAX_BYTES = 32 * 1024 * 1024;

/** A `fetch` without time limits of its own, without redirects (a key goes nowhere else), and with an end to every answer. */
export function boundedFetch(where: string): typeof fetch {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 });
  const bounded = async (input: unknown, init: { body?: unknown } = {}) => {
    const response = await undiciFetch(input as string, { ...init, dispatcher, redirect: 'manual' } as never);
    const { status, body } = response;
    const headers = new Headers([...response.headers.entries()]);
    if (response.ok && asksForStream(init.body) && !/^text\/event-stream\b/i.test(headers.get('content-type') ?? '')) {
      const begin = await beginningOf(body);
      throw new Failure(
        'model_unavailable',
        `${where} answered with ${headers.get('content-type') ?? 'no content type'}, no stream: ${begin}`,
        {
          spent: asNothing(headers),
        },
      );
    }
    const shown = body === null ? null : (ReadableStream.from(capped(body, where)) as unknown as globalThis.ReadableStream);
    return new Response(shown, { status, headers });
  };
  return bounded as unknown as typeof fetch;
}

function asksForStream(body: unknown): boolean {
  return typeof body === 'string' && body.includes('"stream":true');
}

/** A page of HTML was written by nobody who counts tokens; anything else may have been. */
function asNothing(headers: Headers) {
  return /^text\/html\b/i.test(headers.get('content-type') ?? '') ? NOTHING_SPENT : null;
}

async function* capped(body: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Failure('model_unavailable', `${where}: the reply is longer than ${MAX_BYTES} bytes`);
    yield chunk;
  }
}

async function beginningOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 500) break;
  }
  return oneLine(text, 200);
}
