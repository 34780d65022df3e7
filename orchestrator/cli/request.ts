import { Failure } from '../domain/failure.ts';

/** A paragraph, not a document. */
export const MAX_REQUEST_CHARS = 8_000;

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
