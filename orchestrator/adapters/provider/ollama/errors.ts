import { Failure, type FailureCode, NOTHING_SPENT } from '../../../domain/failure.ts';
import { codeOfStatus, wasNeverAsked } from '../../../domain/server-said.ts';

/** What an error of the client means, with the server's words; ollama-js throws a ResponseError with a status, fetch a TypeError with a cause. */
export function failureOf(error: unknown, host: string, otherwise: FailureCode): Failure {
  const status = statusOf(error);
  const words = wordsOf(error);
  if (status !== null) {
    const detail = status === 404 ? `${host}: ${words}` : `${host} answered ${status}: ${words}`;
    return new Failure(codeOfStatus({ status, words, kind: null }), detail, {
      cause: error,
      spent: NOTHING_SPENT,
      retryAfterMs: waitOf(error),
    });
  }
  return new Failure(otherwise, `tried Ollama at ${host}: ${words}`, { cause: error, spent: wasNeverAsked(error) ? NOTHING_SPENT : null });
}

/** An answer with an error status, in the form of the client's own. */
export function refused(words: string, status: number, retryAfterMs: number | null): Error {
  return Object.assign(new Error(words), { status_code: status, retryAfterMs });
}

function waitOf(error: unknown): number | null {
  const wait = (error as { retryAfterMs?: unknown } | null)?.retryAfterMs;
  return typeof wait === 'number' ? wait : null;
}

function statusOf(error: unknown): number | null {
  const status = (error as { status_code?: unknown } | null)?.status_code;
  return typeof status === 'number' ? status : null;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = (error as { cause?: { code?: unknown; message?: unknown } }).cause;
  const detail = cause?.code ?? cause?.message;
  return (detail === undefined ? error.message : `${error.message} (${String(detail)})`).slice(0, 500);
}
