import type { FailureCode } from './failure.ts';
import { oneLine } from './untrusted.ts';

/** What a server of models answered instead of a reply. */
export interface ServerSaid {
  readonly status: number;
  /** Its own words. */
  readonly words: string;
  /** The kind it names, such as `insufficient_quota`; null where it names none. */
  readonly kind: string | null;
}

const TOO_LONG =
  /context[ _-]?(length|window|size)|(prompt|input|request)[^.]{0,40} too (long|large)|maximum context|exceeds?[^.]{0,60}(context|n_ctx)/i;
const OUT_OF_MONEY = /insufficient_quota|billing|credit balance|exceeded your current quota/i;

/** Which failure an answer with an error status is. A server that has no such page at all is not one that lacks the model. */
export function codeOfStatus({ status, words, kind }: ServerSaid): FailureCode {
  const all = `${kind ?? ''} ${words}`;
  if (status === 413 || ([400, 422].includes(status) && TOO_LONG.test(all))) return 'model_too_small';
  if ([401, 402, 403].includes(status) || ([400, 429].includes(status) && OUT_OF_MONEY.test(all))) return 'model_forbidden';
  if ([404, 410].includes(status)) return /model/i.test(all) ? 'model_missing' : 'model_unavailable';
  if ([408, 409, 425, 429].includes(status) || status < 400 || status >= 500) return 'model_unavailable';
  return 'model_request_invalid';
}

/** Longest wait that a server may ask for, in milliseconds: a run is over by then. */
const LONGEST_WAIT = 24 * 3_600_000;

/** Milliseconds that a `Retry-After` asks to wait, in seconds or as a date; null where it says nothing that can be read. */
export function retryAfterMs(header: string | null | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : /[a-z]/i.test(text) ? Date.parse(text) - now : Number.NaN;
  return Number.isFinite(ms) ? Math.min(LONGEST_WAIT, Math.max(0, Math.round(ms))) : null;
}

/** Most characters of a server's words that a failure repeats. */
const MAX_WORDS = 500;

/** Somebody else's words on one line, without the key that went with the question. */
export function serverWords(text: string, key: string | null): string {
  const without = key === null || key === '' ? text : text.replaceAll(key, '[key]');
  return oneLine(without, MAX_WORDS) || '(no words)';
}

/** What kept a request from being answered at all: the error's words and, where there is one, its cause's code. */
export function wordsOfError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as { code?: unknown }).code;
    if (typeof code === 'string' || cause.cause === undefined)
      return code === undefined ? cause.message : `${cause.message} (${String(code)})`;
  }
  return error.message;
}

/** Codes of errors that come before a server has seen anything: no name, no connection, no trust. */
const NEVER_ASKED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_\w+|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|ERR_SSL_\w+|EPROTO)$/;

/** Whether a request never reached a server, so that nothing can have been spent on it. */
export function wasNeverAsked(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (NEVER_ASKED.test(String((cause as { code?: unknown }).code))) return true;
  return false;
}
