import { createContext, Script } from 'node:vm';

const script = new Script('job()');

/** Runs `job`; false when it had to be broken off after `ms` milliseconds, even in the middle of one regular expression. */
export function withinTime(ms: number, job: () => void): boolean {
  try {
    script.runInContext(createContext({ job }), { timeout: ms });
    return true;
  } catch (error) {
    // Not `instanceof Error`: this one may be of the other context's kind.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}
