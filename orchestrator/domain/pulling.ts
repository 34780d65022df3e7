import { Failure } from './failure.ts';

/** How far a download has come. */
export interface Pulling {
  /** What its server says that it does, in its own words. */
  readonly status: string;
  readonly doneBytes: number;
  /** null: no size is known yet. It grows while parts are found. */
  readonly totalBytes: number | null;
}

/** One of a download's parts: a layer, a file of weights. */
export interface PullPart {
  readonly id: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** More than any image or model has; what a server tells beyond that is not counted. */
const MAX_PARTS = 1_000;

/** Adds up what a server tells of a download's parts. A part is given with every word that is about one. */
export function pullCounter(): (status: string, part: PullPart | null) => Pulling {
  const parts = new Map<string, PullPart>();
  return (status, part) => {
    if (part !== null && (parts.has(part.id) || parts.size < MAX_PARTS)) parts.set(part.id, part);
    const sum = (of: (one: PullPart) => number) => [...parts.values()].reduce((total, one) => total + of(one), 0);
    const totalBytes = sum((one) => one.totalBytes);
    return {
      status,
      doneBytes: Math.min(
        sum((one) => one.doneBytes),
        totalBytes,
      ),
      totalBytes: totalBytes === 0 ? null : totalBytes,
    };
  };
}

/** A pull that did not come to its end: `disk` where the words say that it is full, else `model_pull_failed`. */
export function pullFailure(what: string, words: string, cause?: unknown): Failure {
  const isFull = /no space left|not enough (disk )?space|disk quota exceeded|ENOSPC/i.test(words);
  return new Failure(isFull ? 'disk' : 'model_pull_failed', `${what}: ${words}`, { cause });
}
