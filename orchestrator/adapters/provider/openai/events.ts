import { Failure } from '../../../domain/failure.ts';
import { splitLines } from '../../../protocol/framing.ts';

/** Longest line of a reply, and most bytes of all of it: a server that sends more is not answering the question. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;
const MAX_BYTES = 32 * 1024 * 1024;

/** The data of each server-sent event, until the server says `[DONE]` or hangs up. Throws model_unavailable for what is no such stream. */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let data: string[] = [];
  try {
    for await (const line of linesOf(body)) {
      // An empty line ends an event; every other line has a field's name, and a comment an empty one.
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
      } else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      if (data.length === 1 && data[0]?.trim() === '[DONE]') return;
    }
  } catch (error) {
    // The catalogue's words for this code are about containers.
    if (error instanceof Failure && error.code === 'protocol_line_too_long')
      throw new Failure('model_unavailable', `the reply has ${error.detail}`);
    throw error;
  }
  if (data.length > 0) yield data.join('\n');
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // A line that is no UTF-8 must not become a reply with holes in it.
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  for await (const line of splitLines(withLastLine(capped(body)), MAX_LINE_BYTES)) {
    try {
      yield utf8.decode(line).replace(/\r$/, '');
    } catch {
      throw new Failure('model_unavailable', 'a line of the reply is not UTF-8');
    }
  }
}

async function* capped(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Failure('model_unavailable', `the reply is longer than ${MAX_BYTES} bytes`);
    yield chunk;
  }
}

/** A server may leave out the line break at the end. */
async function* withLastLine(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* body;
  yield new Uint8Array([0x0a]);
}
