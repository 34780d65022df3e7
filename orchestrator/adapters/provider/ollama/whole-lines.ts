import { ReadableStream } from 'node:stream/web';
import { Failure } from '../../../domain/failure.ts';
import { splitLines } from '../../../protocol/framing.ts';

/** Longest line of a reply, and most bytes of all its lines: a server that sends more is not answering the question. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;
const MAX_BYTES = 32 * 1024 * 1024;
const SHOWN_CHARS = 200;

/**
 * The body of a streamed reply, one JSON object a line, with whatever is amiss told in an error line: a line that is no such object, a reply
 * longer than any, an end without the word that it is one. ollama-js drops a line it cannot read and prints it: the reply would be shorter and
 * nobody would know.
 */
export function wholeLines(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(checked(body));
}

async function* checked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const line of splitLines(withLastLine(body), MAX_LINE_BYTES)) {
      bytes += line.length;
      const text = utf8.decode(line).trim();
      if (text === '') continue;
      const part = objectOf(text);
      if (part === null) return yield errorLine(`a line of the reply is no JSON object: ${text.slice(0, SHOWN_CHARS)}`);
      if (bytes > MAX_BYTES) return yield errorLine(`the reply is longer than ${MAX_BYTES} bytes`);
      yield encoder.encode(`${text}\n`);
      if (part.done === true || 'error' in part) return;
    }
    // Seen with 0.17.4: 30 times the same token, and the server hangs up.
    yield errorLine('the reply ended without saying that it was whole: the model died, or it repeated itself until the server gave it up');
  } catch (error) {
    // The catalogue's words for this code are about containers.
    if (!(error instanceof Failure) || error.code !== 'protocol_line_too_long') throw error;
    yield errorLine(`the reply has ${error.detail}`);
  }
}

/** A server may leave out the line break at the end. */
async function* withLastLine(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* body;
  yield encoder.encode('\n');
}

function objectOf(text: string): { readonly done?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

const errorLine = (error: string) => encoder.encode(`${JSON.stringify({ error })}\n`);
const utf8 = new TextDecoder();
const encoder = new TextEncoder();
