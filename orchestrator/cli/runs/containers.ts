import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import type { EndedContainer } from '../../domain/trace-summary.ts';
import { readBounded, readEnds } from './bounded-file.ts';
import { allowedBy, type CreateRequest, createRequestOf } from './create-request.ts';
import type { RunRecord } from './read-run.ts';

/** Most of what a container printed that is shown, in bytes: the first and the last half of it. */
const MOST_PRINTED = 128 * 1024;
const MAX_CREATE = 1024 * 1024;
/** A trace may say anything; only folders of this form below the run's are looked into. */
const FOLDER = /^evidence\/[0-9]{1,6}-[a-z-]{1,40}-[0-9]{1,6}$/;

/** Which kinds of container are a stage's own; the tools that it asks for on the way are not. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  PLAN: ['plan'],
  SCOUT: ['scout'],
  BUILD: ['build'],
  VALIDATE: ['validate'],
  TEST: ['test-writing', 'test-running'],
  REVIEW: ['review'],
};

export interface LogFlags {
  readonly stage?: string;
  readonly kind?: string;
  readonly attempt?: string;
}

/** A container, what it was allowed and what it printed. */
export interface ShownContainer extends EndedContainer {
  /** As it was sent to the engine; null where that cannot be read. */
  readonly request: CreateRequest | null;
  readonly allowed: readonly (readonly [subject: string, words: string])[];
  readonly printed: { readonly head: string; readonly tail: string; readonly between: number };
  /** What could not be read, and why. */
  readonly problem: string | null;
}

/**
 * The containers that are asked for, as the trace tells of them: with a stage its own kinds, with a kind that kind. `others` are those of the same
 * stage that were not. Throws usage for an attempt that is no number.
 */
export function asked(
  { trace: { containers } }: RunRecord,
  flags: LogFlags,
): { readonly chosen: readonly EndedContainer[]; readonly others: readonly EndedContainer[] } {
  const stage = flags.stage?.toUpperCase();
  const attempt = flags.attempt === undefined ? null : Number(flags.attempt);
  if (attempt !== null && !Number.isInteger(attempt)) throw new Failure('usage', `--attempt ${flags.attempt}: a number`);
  const within = containers.filter(
    (one) => (stage === undefined || one.stage.toUpperCase() === stage) && (attempt === null || one.attempt === attempt),
  );
  const kinds = flags.kind !== undefined ? [flags.kind] : stage === undefined ? null : (OWN[stage] ?? null);
  const chosen = kinds === null ? within : within.filter(({ kind }) => kinds.includes(kind));
  return { chosen, others: within.filter((one) => !chosen.includes(one)) };
}

export function shownContainer(runFolder: string, container: EndedContainer): ShownContainer {
  const nothing = { request: null, allowed: [], printed: { head: '', tail: '', between: 0 } };
  if (!FOLDER.test(container.folder)) return { ...container, ...nothing, problem: 'the trace names no folder of the run' };
  const problems: string[] = [];
  const read = <T>(file: string, from: (path: string) => T | null): T | null => {
    try {
      return from(join(runFolder, container.folder, file));
    } catch (error) {
      problems.push(`${file} ${(error as Error).message}`);
      return null;
    }
  };
  const text = read('create.json', (path) => readBounded(path, MAX_CREATE));
  const request = text === null ? null : createRequestOf(text);
  if (text === null && problems.length === 0) problems.push('create.json is missing');
  if (text !== null && request === null) problems.push('create.json is of a form that this program does not know');
  // A container that printed nothing has no log.
  const printed = read('container.log', (path) => readEnds(path, MOST_PRINTED)) ?? nothing.printed;
  return { ...container, request, allowed: request === null ? [] : allowedBy(request), printed, problem: problems.join('; ') || null };
}
