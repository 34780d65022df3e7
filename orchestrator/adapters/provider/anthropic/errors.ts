import { APIError } from '@anthropic-ai/sdk';
import { Failure, NOTHING_SPENT, type Spent } from '../../../domain/failure.ts';
import { codeOfStatus, retryAfterMs, serverWords, wasNeverAsked, wordsOfError } from '../../../domain/server-said.ts';

/** Status that stands for an error in the middle of a reply, where none can be sent any more. */
const STATUS_OF: Readonly<Record<string, number>> = {
  overloaded_error: 529,
  rate_limit_error: 429,
  timeout_error: 504,
  authentication_error: 401,
  permission_error: 403,
  billing_error: 402,
  not_found_error: 404,
  request_too_large: 413,
  invalid_request_error: 400,
};

/** What an error of the client means, with the server's words. `spent`: what the call had used by then. */
export function failureOf(error: unknown, { where, key, spent }: { where: string; key: string; spent: Spent | null }): Failure {
  if (!(error instanceof APIError))
    return new Failure('model_unavailable', `${where}: ${serverWords(wordsOfError(error), key)}`, { cause: error, spent });
  const status = error.status ?? STATUS_OF[error.type ?? ''] ?? null;
  const words = serverWords(wordsOf(error), key);
  // It was not even asked.
  if (status === null && error.error === undefined) {
    const none = wasNeverAsked(error) ? NOTHING_SPENT : spent;
    return new Failure('model_unavailable', `tried Anthropic at ${where}: ${serverWords(wordsOfError(error), key)}`, {
      cause: error,
      spent: none,
    });
  }
  const code = status === null ? 'model_unavailable' : codeOfStatus({ status, words, kind: error.type });
  return new Failure(code, `${where} answered ${error.status ?? 'in the middle of its reply'}: ${words}`, {
    cause: error,
    spent: error.status === undefined ? spent : NOTHING_SPENT,
    retryAfterMs: retryAfterMs(error.headers?.get('retry-after'), Date.now()),
  });
}

/** The server's own words, however it put them. */
export function wordsOf(error: APIError): string {
  const kind = error.type === null ? '' : `${error.type}: `;
  return `${kind}${error.apiMessage ?? error.message.replace(/^\d+ /, '')}`;
}
