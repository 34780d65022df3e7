import { Agent, fetch } from 'undici';
import { Failure, NOTHING_SPENT } from '../../../domain/failure.ts';
import { codeOfStatus, retryAfterMs, serverWords, wasNeverAsked, wordsOfError } from '../../../domain/server-said.ts';

/** Bytes of an answer that is not a reply which are read at most. */
const MAX_ANSWER = 4 * 1024 * 1024;

/** An answer with an error status: with what it says, so that it may be asked otherwise. */
export class Refused extends Error {
  readonly status: number;
  readonly words: string;
  readonly failure: Failure;

  constructor(status: number, words: string, failure: Failure) {
    super(words);
    this.status = status;
    this.words = words;
    this.failure = failure;
  }
}

export interface Http {
  /** The body of a streamed answer. Throws Refused, Failure. */
  stream(path: string, body: object, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** A small JSON answer; undefined where it is no JSON. Throws Refused, Failure. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
}

/** One server, by the address of its API (`http://127.0.0.1:8000/v1`). No redirect is followed: a key goes nowhere else. */
export function httpOf(baseUrl: string, key: string | null): Http {
  // A model may think for minutes before its first byte; the deadline is ours, not the HTTP client's.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 });
  const headers = { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) };

  async function ask(path: string, init: { method: string; body?: string }, signal: AbortSignal) {
    const response = await fetch(`${baseUrl}${path}`, { ...init, headers, signal, dispatcher, redirect: 'manual' });
    if (response.ok) return response;
    const { words, kind } = saidBy(await bounded(response.body));
    const { status } = response;
    const shown = serverWords(words || response.statusText, key);
    const failure = new Failure(codeOfStatus({ status, words, kind }), `${baseUrl}${path} answered ${status}: ${shown}`, {
      spent: NOTHING_SPENT,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    });
    throw new Refused(status, words, failure);
  }

  return {
    async stream(path, body, signal) {
      const response = await ask(path, { method: 'POST', body: JSON.stringify(body) }, signal);
      const type = response.headers.get('content-type') ?? '';
      if (/^text\/event-stream\b/i.test(type) && response.body !== null) return response.body;
      const begin = serverWords((await bounded(response.body)).slice(0, 2_000), key);
      throw new Failure('model_unavailable', `${baseUrl} answered with ${type || 'no content type'}, no stream: ${begin.slice(0, 300)}`, {
        // A page of HTML was written by nobody who counts tokens; anything else may have been.
        spent: /^text\/html\b/i.test(type) ? NOTHING_SPENT : null,
      });
    },
    async get(path, signal) {
      const text = await bounded((await ask(path, { method: 'GET' }, signal)).body);
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return undefined;
      }
    },
  };
}

/** What kept a server from answering at all. */
export function notReached(error: unknown, baseUrl: string, key: string | null): Failure {
  const spent = wasNeverAsked(error) ? NOTHING_SPENT : null;
  return new Failure('model_unavailable', `tried ${baseUrl}: ${serverWords(wordsOfError(error), key)}`, { cause: error, spent });
}

/** The server's own words; `{"error": {…}}`, `{"error": "…"}` and `{"message": "…"}` are all in use. */
function saidBy(text: string): { words: string; kind: string | null } {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const error = body.error ?? body;
    if (typeof error !== 'object' || error === null) return { words: String(error), kind: null };
    const { message, type, code, param } = error as Record<string, unknown>;
    const kinds = [code, type].filter((one) => typeof one === 'string');
    // The parameter is what is refused, where the words do not say it.
    const about = typeof param === 'string' ? ` (${param})` : '';
    return { words: `${typeof message === 'string' ? message : text}${about}`, kind: kinds.join(' ') || null };
  } catch {
    return { words: text.slice(0, 2_000), kind: null };
  }
}

async function bounded(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) break;
  }
  return text;
}
