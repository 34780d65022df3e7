import { statSync } from 'node:fs';
import { Failure } from '../../../domain/failure.ts';

/** A call that the engine has not answered after this many milliseconds is taken as a lost engine. */
const ANSWER_MS = 120_000;

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EACCES',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/**
 * What an engine call comes to: its value, or a `Failure`: `engine_lost` when the connection broke or nothing was answered in time,
 * `engine_failed` with the engine's own words when it refused. `what` says what was asked, as in "start container x".
 */
export async function ask<T>(what: string, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure('engine_lost', `${what}: no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
  });
  try {
    return await Promise.race([call, late]);
  } catch (error) {
    throw engineFailure(what, error);
  } finally {
    clearTimeout(timer);
  }
}

/** The same error as a `Failure`; a `Failure` stays what it is. */
export function engineFailure(what: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure(isConnectionLost(error) ? 'engine_lost' : 'engine_failed', `${what}: ${engineWords(error)}`, { cause: error });
}

/** Whether the engine answered that the thing asked for is not there. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Whether the engine answered that the thing asked for is busy with something else, e.g. being removed already. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

/** What the engine, or else the socket, said; one line. */
export function engineWords(error: unknown): string {
  const answer = typeof error === 'object' && error !== null ? (error as { json?: unknown }).json : undefined;
  const message = typeof answer === 'object' && answer !== null ? (answer as { message?: unknown }).message : undefined;
  const words = typeof message === 'string' && message !== '' ? message : error instanceof Error ? error.message : String(error);
  return words.replaceAll(/\s+/g, ' ').trim().slice(0, 2_000);
}

/** Why a place could not be reached, in words; `engineWords` where there are none better. */
export function socketWords(error: unknown): string {
  const code = codeOf(error);
  const words = code === undefined ? undefined : SOCKET_WORDS[code];
  return words === undefined ? engineWords(error) : `${words} (${code})`;
}

const SOCKET_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'not there',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host could not be looked up',
};

/** Whether there is a socket that this user may not open. A folder that may not be looked into says nothing about what is in it. */
export function isForbidden(error: unknown): boolean {
  const path = error instanceof Error ? (error as { address?: unknown }).address : undefined;
  if (!['EACCES', 'EPERM'].includes(codeOf(error) ?? '') || typeof path !== 'string') return false;
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}

function isConnectionLost(error: unknown): boolean {
  if (statusOf(error) !== null || !(error instanceof Error)) return false;
  const code = codeOf(error);
  return (code !== undefined && SOCKET_CODES.has(code)) || /socket hang up|aborted/.test(error.message);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function statusOf(error: unknown): number | null {
  const status = typeof error === 'object' && error !== null ? (error as { statusCode?: unknown }).statusCode : undefined;
  return typeof status === 'number' ? status : null;
}
