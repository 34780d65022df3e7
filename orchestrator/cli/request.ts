import { Failure } from '../domain/failure.ts';

/** A paragraph, not a document. */
export const MAX_REQUEST_CHARS = 8_000;

/** Bytes of stdin that are read at most; more is too long in any script. */
const MAX_STDIN_BYTES = 4 * MAX_REQUEST_CHARS;

/**
 * The request as a person gave it: the arguments, stdin where they are a lone `-`, else REQ of the environment; null where none is given.
 * Throws request_too_long for more on stdin than a request may be, without reading on.
 */
export async function readRequest(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin: AsyncIterable<Uint8Array>,
): Promise<string | null> {
  if (words.length === 0) return env.REQ ?? null;
  if (words.join(' ') !== '-') return words.join(' ');
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_STDIN_BYTES)
      throw new Failure('request_too_long', `there are more than ${MAX_STDIN_BYTES.toLocaleString('en-US')} bytes on stdin`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The request as it will be used, verbatim but for the white space around it. Errors: request_empty, request_too_long, request_unreadable. */
export function checkRequest(text: string): string {
  const request = text.trim();
  if (request === '') throw new Failure('request_empty', 'there is nothing in it but white space');
  if (request.length > MAX_REQUEST_CHARS)
    throw new Failure('request_too_long', `it has ${request.length.toLocaleString('en-US')} characters`);
  const control = [...request].find((character) => /\p{Cc}/u.test(character) && !'\n\r\t'.includes(character));
  if (control !== undefined || request.includes('\uFFFD')) {
    const name =
      control === undefined ? 'bytes that are not UTF-8' : `U+${(control.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    throw new Failure('request_unreadable', `it contains ${name}`);
  }
  return request;
}
