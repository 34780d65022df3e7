import type { FailureCode } from './failure.ts';
import type { ModelStage } from './stage.ts';

/** Who gets a person's words: a stage; `itself`: the stage that failed; `owner`: whoever the line would have given the last finding to. */
export type WordsTo = 'PLAN' | 'BUILD' | 'TEST-writing' | 'owner' | 'itself';

/** Recorded replies that would only lead to the same end and are asked for again: a stage's whole last attempt, or the last reply in it and its repair. */
export interface AskedAgain {
  readonly what: 'attempt' | 'reply';
  readonly of: ModelStage | 'itself';
}

/** How a run that ended badly can be gone on from. */
export interface WayOn {
  /** False where a resumed run could only end the same, as its base and its request are the recorded ones: a new run is the way on. */
  readonly resumable: boolean;
  /** What is not taken over from the recording; null: every reply is. */
  readonly again: AskedAgain | null;
  /** Who gets the words of `--rework`; null: words change nothing about it. */
  readonly words: WordsTo | null;
}

/** Something outside the run was at fault: all that was paid for holds. */
const GO_ON: WayOn = { resumable: true, again: null, words: null };
/** Request, target or command line: another run. */
const ANEW: WayOn = { resumable: false, again: null, words: null };

const again = (what: AskedAgain['what'], of: AskedAgain['of'], words: WordsTo | null): WayOn => ({
  resumable: true,
  again: { what, of },
  words,
});
/** A finding about the change: BUILD is asked again, or told what a person says. */
const ABOUT_SOURCE = again('attempt', 'BUILD', 'BUILD');
const ABOUT_TESTS = again('attempt', 'TEST', 'TEST-writing');
/** A finding that may be about either; the line knew whose it was. */
const ABOUT_EITHER = again('attempt', 'BUILD', 'owner');
/** What a reply led to in the stage's own container. */
const ABOUT_STAGE = again('attempt', 'itself', 'itself');

const BY_CODE = {
  request_empty: ANEW,
  request_too_long: ANEW,
  request_unreadable: ANEW,
  /** The questions are answered with --answer: a person's words are part of the request then, and can found a criterion. */
  spec_refused: again('attempt', 'PLAN', null),
  spec_invalid: again('attempt', 'PLAN', 'PLAN'),
  spec_ambiguous: again('attempt', 'itself', 'PLAN'),
  usage: ANEW,
  config_invalid: ANEW,
  policy_invalid: ANEW,
  run_unknown: ANEW,
  paid_not_allowed: ANEW,
  /** A folder that was changed proves nothing, and nothing of it is taken over. */
  verify_mismatch: ANEW,
  not_a_repository: ANEW,
  target_unborn: ANEW,
  target_bare: ANEW,
  target_missing: ANEW,
  target_unsupported: ANEW,
  base_missing: ANEW,
  target_file_invalid: ANEW,
  baseline_red: ANEW,
  no_tests: ANEW,
  git_missing: GO_ON,
  engine_unreachable: GO_ON,
  engine_forbidden: GO_ON,
  engine_too_old: GO_ON,
  runtime_missing: GO_ON,
  engine_lost: GO_ON,
  engine_failed: GO_ON,
  image_build_failed: GO_ON,
  base_image_missing: GO_ON,
  model_unavailable: GO_ON,
  model_missing: GO_ON,
  model_pull_failed: GO_ON,
  model_too_small: GO_ON,
  model_request_invalid: GO_ON,
  model_forbidden: GO_ON,
  disk: GO_ON,
  trace_write: GO_ON,
  replay_exhausted: GO_ON,
  replay_drifted: GO_ON,
  /** The reply that did not come, or was cut, is not in the recording. */
  model_timeout: GO_ON,
  model_truncated: GO_ON,
  model_declined: GO_ON,
  model_malformed: again('reply', 'itself', null),
  model_misuse: ABOUT_STAGE,
  brief_invalid: ABOUT_STAGE,
  budget_turns: ABOUT_STAGE,
  /** All that was paid for holds; going on needs another limit, which is given on the command line. */
  budget_calls: GO_ON,
  budget_tokens: GO_ON,
  budget_usd: GO_ON,
  budget_price_unknown: GO_ON,
  /** The conversation is sound and only its budget is spent: going on grants it again. */
  budget_reworks: { resumable: true, again: null, words: 'owner' },
  budget_time: GO_ON,
  /** Raised in policies/, or mended in the change. */
  resource_oom: { ...GO_ON, words: 'BUILD' },
  resource_pids: { ...GO_ON, words: 'BUILD' },
  resource_disk: { ...GO_ON, words: 'BUILD' },
  resource_time: { ...GO_ON, words: 'BUILD' },
  source_unparsable: ABOUT_SOURCE,
  patch_empty: ABOUT_SOURCE,
  protected_path: ABOUT_EITHER,
  validate_failed: ABOUT_EITHER,
  suppression_added: ABOUT_EITHER,
  /** Found while work is kept, outside any stage: no words reach it. */
  secret_in_change: again('attempt', 'itself', null),
  tests_skipped: ABOUT_EITHER,
  tests_failed: ABOUT_EITHER,
  base_tests_broken: ABOUT_SOURCE,
  baseline_tests_missing: ABOUT_SOURCE,
  report_missing: ABOUT_SOURCE,
  exit_report_mismatch: ABOUT_SOURCE,
  canary_silent: ABOUT_SOURCE,
  tests_do_not_collect: ABOUT_TESTS,
  criterion_without_test: ABOUT_TESTS,
  new_tests_do_not_fail_on_base: ABOUT_TESTS,
  test_without_criterion: ABOUT_TESTS,
  coverage_low: ABOUT_EITHER,
  coverage_control_failed: ABOUT_SOURCE,
  /** A verdict on one change is never asked for twice: the change is made again, and REVIEW sees another diff or says the same. */
  review_rejected: ABOUT_SOURCE,
  /** No verdict was given. A person's words to REVIEW would steer it. */
  review_uncited: again('attempt', 'REVIEW', null),
  unrequested_change: ABOUT_SOURCE,
  export_bad_type: ABOUT_STAGE,
  export_bad_path: ABOUT_STAGE,
  export_forbidden: ABOUT_STAGE,
  export_too_large: ABOUT_STAGE,
  export_truncated: GO_ON,
  protocol_line_too_long: again('attempt', 'itself', null),
  protocol_invalid: again('attempt', 'itself', null),
  agent_died: again('attempt', 'itself', null),
  jail_open: GO_ON,
  pr_not_made: GO_ON,
  interrupted: GO_ON,
  terminated: GO_ON,
  bug: GO_ON,
} satisfies Partial<Record<FailureCode, WayOn>>;

/** The way on for every code of the failure catalogue. */
export const WAYS_ON: Readonly<Partial<Record<FailureCode, WayOn>>> = BY_CODE;

/** How a run that ended with this code is gone on from; null: it was killed, and no code says anything. */
export function wayOn(code: string | null): WayOn {
  return (code === null ? undefined : WAYS_ON[code as FailureCode]) ?? GO_ON;
}

/** The address of a recorded reply. */
export interface ReplyAddress {
  readonly stage: ModelStage;
  readonly attempt: number;
  readonly turn: number;
}

/**
 * Which replies of a recorded run are asked for again when it is resumed without a person's words. `stage` is where the run ended: one that
 * asks no model has nothing to ask again.
 */
export function askedAgain(
  recorded: readonly ReplyAddress[],
  ended: { readonly code: string | null; readonly stage: string | null },
): (reply: ReplyAddress) => boolean {
  const { again } = wayOn(ended.code);
  const stage = again?.of === 'itself' ? ended.stage : again?.of;
  const own = recorded.filter((reply) => reply.stage === stage);
  if (again == null || own.length === 0) return () => false;
  const attempt = Math.max(...own.map((reply) => reply.attempt));
  const last = Math.max(...own.filter((reply) => reply.attempt === attempt).map(({ turn }) => turn));
  // A malformed reply ends a stage only with its repair, the one after it.
  const from = again.what === 'attempt' ? 1 : last - 1;
  return (reply) => reply.stage === stage && (reply.attempt > attempt || (reply.attempt === attempt && reply.turn >= from));
}
