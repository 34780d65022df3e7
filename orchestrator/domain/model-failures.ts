import type { FailureCode } from './failure.ts';

/** A pull is no call: it comes before a run, and ends it. */
type ModelCode = Exclude<Extract<FailureCode, `model_${string}`>, 'model_pull_failed'>;

/**
 * What may help after one call to one model failed so. `again`: the same call may go better a moment later. `another`: the same call would
 * end the same way, but the next model of the chain may answer. Every code of a model's failure is here, or this does not compile.
 */
const MAY_HELP: Readonly<Record<ModelCode, 'again' | 'another'>> = {
  model_unavailable: 'again',
  model_timeout: 'again',
  model_missing: 'another',
  model_too_small: 'another',
  model_request_invalid: 'another',
  model_forbidden: 'another',
  model_malformed: 'another',
  model_truncated: 'another',
  model_declined: 'another',
  model_misuse: 'another',
};

/** Whether a call that failed so may be made again as it is: a busy or lost server, no answer in time. */
export function canRetry(code: FailureCode): boolean {
  return mayHelp(code) === 'again';
}

/** Whether the next model of a chain may be asked instead. A budget's end, a cancelled run and a bug are nobody's to answer. */
export function canHop(code: FailureCode): boolean {
  return mayHelp(code) !== null;
}

function mayHelp(code: FailureCode): 'again' | 'another' | null {
  return Object.hasOwn(MAY_HELP, code) ? MAY_HELP[code as ModelCode] : null;
}
