import { Failure, type FailureCode } from '../../../domain/failure.ts';

/** What an error of the client means, with the server's words; ollama-js throws a ResponseError with a status, fetch a TypeError with a cause. */
export function failureOf(error: unknown, host: string, otherwise: FailureCode): Failure {
  const status = statusOf(error);
  const words = wordsOf(error);
  if (status === 404) return new Failure('model_missing', `${host}: ${words}`, { cause: error });
  if (status !== null) return new Failure('model_unavailable', `${host} answered ${status}: ${words}`, { cause: error });
  return new Failure(otherwise, `tried Ollama at ${host}: ${words}`, { cause: error });
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
