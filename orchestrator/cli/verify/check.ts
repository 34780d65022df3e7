/** One thing that was looked at: it holds, it does not, or it cannot be told (null), each with one sentence. */
export interface Check {
  /** A file's name, or what was done. */
  readonly what: string;
  readonly ok: boolean | null;
  readonly says: string;
}

export const holds = (what: string, says: string): Check => ({ what, ok: true, says });
export const fails = (what: string, says: string): Check => ({ what, ok: false, says });
export const unknown = (what: string, says: string): Check => ({ what, ok: null, says });

/** `holds` or `fails`, each with its own sentence. */
export function judged(what: string, ok: boolean, good: string, bad: string): Check {
  return ok ? holds(what, good) : fails(what, bad);
}
