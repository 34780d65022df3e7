/** Every bad end of a run: whose fault, a sentence, advice, an exit code. Nothing else in the project decides these. */

export type Fault = 'request' | 'model' | 'target' | 'environment' | 'factory' | 'user';

export interface CatalogueEntry {
  readonly fault: Fault;
  /** 1 a gate or REVIEW said no; 2 usage, config, or a request that does not compile; 3 environment; 4 authentication; 5 budget or time; 6 publishing; 70 our bug; 130/143 a signal. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 70 | 130 | 143;
  readonly sentence: string;
  readonly advice: string;
}

const entry = (fault: Fault, exit: CatalogueEntry['exit'], sentence: string, advice: string): CatalogueEntry => ({
  fault,
  exit,
  sentence,
  advice,
});

export const CATALOGUE = {
  // The request and the command line.
  request_empty: entry(
    'request',
    2,
    'The request is empty.',
    'Say in one paragraph what should be different afterwards: make factory REQ="…".',
  ),
  request_too_long: entry(
    'request',
    2,
    'The request is longer than the factory takes.',
    'One paragraph, at most 8,000 characters. Split a larger wish into features.',
  ),
  request_unreadable: entry('request', 2, 'The request contains NUL or control characters.', 'Give it as plain UTF-8 text.'),
  spec_refused: entry(
    'request',
    2,
    'PLAN refused the request.',
    'Answer the questions above in the request and run it again. No BUILD token was spent.',
  ),
  spec_invalid: entry(
    'request',
    2,
    'The Spec does not hold.',
    'Read the findings: each says what to write instead. Of a Spec that PLAN made, say the unclear sentence of the request with a concrete example.',
  ),
  spec_ambiguous: entry(
    'request',
    2,
    'A criterion is ambiguous or contradicted by the code.',
    'Read the dispute, decide it in the request, and run again.',
  ),
  usage: entry('user', 2, 'The command line is wrong.', 'See `factory --help`.'),
  config_invalid: entry('user', 2, 'The configuration is invalid.', 'Correct the named key.'),
  policy_invalid: entry('user', 2, 'A policy file is invalid.', 'Correct the named key in policies/.'),
  run_unknown: entry('user', 2, 'There is no such run.', 'List them with `factory runs list`.'),
  paid_not_allowed: entry(
    'user',
    2,
    'A stage would ask a model that costs money, and nobody has allowed that.',
    'Say so with --allow-paid (or `allow_paid: true` in factory.yaml), or name another model. Nothing was asked.',
  ),
  verify_mismatch: entry(
    'user',
    1,
    'The run’s folder does not say what the run did.',
    'Do not trust the folder: take it from where it was made, or run the request again.',
  ),
  // The target.
  not_a_repository: entry(
    'target',
    2,
    'The target is not in a git repository.',
    'Run in a repository with at least one commit, or name one with -C.',
  ),
  target_unborn: entry('target', 2, 'The repository has no commit yet.', 'Commit the target first.'),
  target_bare: entry('target', 2, 'The repository is bare.', 'Run in a clone with a work tree.'),
  target_missing: entry('target', 2, 'The target folder does not exist in the base commit.', 'Commit it, or name another with --target.'),
  target_unsupported: entry('target', 2, 'The factory cannot work on this target.', 'See the reason; docs/ lists what is supported.'),
  base_missing: entry('target', 2, 'The base commit is not in this repository.', 'Fetch the full history (a shallow clone may lack it).'),
  target_file_invalid: entry(
    'target',
    2,
    'The target’s own file .factory-target.yaml is invalid.',
    'Correct the named key and commit it: the file is read from the base commit.',
  ),
  baseline_red: entry(
    'target',
    1,
    'The target’s own tests fail before anything was changed.',
    'Make them pass, or exclude what needs a service, then run again. Nothing was spent.',
  ),
  no_tests: entry('target', 1, 'The target has no tests, so nothing could be proven.', 'Add at least one passing test to the target.'),
  // The environment.
  git_missing: entry('environment', 3, 'There is no git to run.', 'Install git 2.32 or newer and put it on PATH.'),
  engine_unreachable: entry(
    'environment',
    3,
    'No Docker engine answers.',
    'Start Docker, or set DOCKER_HOST, or run `make setup` with FACTORY_INSTALL_ENGINE=1 on Debian as root.',
  ),
  engine_forbidden: entry(
    'environment',
    3,
    'A Docker engine is there, but this user may not use it.',
    'Join the group that owns its socket (usually `docker`) and log in again, use rootless Docker, or name another engine with DOCKER_HOST.',
  ),
  engine_too_old: entry(
    'environment',
    3,
    'The Docker engine is too old.',
    'Upgrade it to Docker 20.10 or newer (Podman 4 or newer), or name another one with DOCKER_HOST.',
  ),
  engine_lost: entry('environment', 3, 'The Docker engine went away during the run.', 'Start it again and run the request again.'),
  engine_failed: entry(
    'environment',
    3,
    'The Docker engine refused an operation.',
    'Read the engine’s words; `docker info` and free disk space are the usual causes.',
  ),
  runtime_missing: entry(
    'environment',
    3,
    'A policy asks for a container runtime that the engine does not have.',
    'Install it on the engine’s machine (`runsc install`, then restart the engine), or set `runtime: null` in the named policy.',
  ),
  image_build_failed: entry(
    'environment',
    3,
    'An image could not be built.',
    'Read the build’s last lines; package registries must be reachable while images are built.',
  ),
  base_image_missing: entry(
    'environment',
    3,
    'The image that all others stand on is not on the engine and could not be had.',
    'Give the engine debian:trixie-slim (`docker pull`, or `docker load` of a saved one), or run `make factory` once as root on Debian or Ubuntu with debootstrap, which makes one.',
  ),
  model_unavailable: entry(
    'environment',
    3,
    'No model answers.',
    'Start Ollama (`ollama serve`, `ollama pull qwen2.5-coder:7b qwen2.5:3b`) or set OLLAMA_HOST; or see the line work without a model: `make factory` (replay).',
  ),
  model_missing: entry(
    'environment',
    3,
    'The model server does not have the model.',
    'Pull it with `ollama pull`, or name another one with --model.',
  ),
  model_pull_failed: entry(
    'environment',
    3,
    'A model, or the server for it, could not be pulled.',
    'Read the words of who was asked: the engine (or the Ollama server) needs the internet for it. Try again with --pull, name a server that has the model (OLLAMA_HOST), or see the line work without one: `make factory` (replay).',
  ),
  model_too_small: entry(
    'environment',
    3,
    'The prompt does not fit into the model’s context.',
    'Name a model with a larger context with --model, or raise --context-tokens if the model can take more. No token was spent.',
  ),
  model_request_invalid: entry(
    'environment',
    3,
    'The model’s server does not take the question as it was put.',
    'Read the server’s words: a length that the model cannot give (--output-tokens), or a form that this server does not know.',
  ),
  model_forbidden: entry(
    'environment',
    4,
    'The model’s server does not let the factory in, or the account may not use the model.',
    'Set ANTHROPIC_API_KEY or OPENAI_API_KEY to a key that may use it, and look at the account’s limits.',
  ),
  disk: entry('environment', 3, 'The disk is full or cannot be written.', 'Free some space and run again.'),
  trace_write: entry(
    'environment',
    3,
    'The trace could not be written, so there is no PR.',
    'Free disk space; an unrecorded run is not believed.',
  ),
  replay_exhausted: entry(
    'environment',
    3,
    'The recording has no reply for this turn.',
    'The line asked for more than was recorded: run it with a model and record it again.',
  ),
  replay_drifted: entry(
    'user',
    2,
    'The recording was made for another form of this request.',
    'Replay without --replay=strict, or record it again.',
  ),
  // The model.
  model_timeout: entry('model', 5, 'The model did not answer in time.', 'Use a smaller model or raise --model-timeout.'),
  model_malformed: entry(
    'model',
    1,
    'The model’s reply was not the JSON that was asked for, twice.',
    'Use a stronger model for this stage.',
  ),
  model_truncated: entry(
    'model',
    1,
    'The model’s reply or its prompt was cut by length.',
    'Use a model with a larger context, or raise num_ctx.',
  ),
  model_declined: entry('model', 1, 'The model declines to answer.', 'Read its words; say the request otherwise, or ask another model.'),
  model_misuse: entry('model', 1, 'The model kept calling tools wrongly.', 'Use a stronger model for this stage.'),
  brief_invalid: entry('model', 1, 'SCOUT’s brief names things that do not exist on the base.', 'Use a stronger model for SCOUT.'),
  // Budget and time.
  budget_turns: entry('model', 5, 'The stage used all its turns.', 'Use a stronger model, or split the request.'),
  budget_calls: entry(
    'user',
    5,
    'The run or a stage has used all the turns that its budget has.',
    'Raise `turns` under `budgets` in factory.yaml, use a stronger model, or split the request. What was paid for is kept: --resume goes on.',
  ),
  budget_tokens: entry(
    'user',
    5,
    'The next call could pass the limit of tokens, so it was not made.',
    'Raise --max-tokens (or `tokens` under `budgets` in factory.yaml) and go on with --resume: what was paid for is kept.',
  ),
  budget_usd: entry(
    'user',
    5,
    'The next call could pass the limit of dollars, so it was not made.',
    'Raise --max-usd (or `usd` under `budgets` in factory.yaml) and go on with --resume: what was paid for is kept.',
  ),
  budget_price_unknown: entry(
    'user',
    2,
    'There is a limit of dollars, and what a model costs is not known.',
    'Name the price of the model in factory.yaml, take another model, or limit tokens instead (--max-tokens).',
  ),
  budget_reworks: entry(
    'model',
    1,
    'The rework budget is spent.',
    'Look at change.patch (UNPROVEN) and the last finding; raise --reworks or say the request more concretely.',
  ),
  budget_time: entry('environment', 5, 'The run took longer than its limit.', 'Raise --time-limit, or use a quicker model.'),
  resource_oom: entry(
    'target',
    5,
    'A container used more memory than its policy allows.',
    'Raise the limit in policies/ if the target needs it.',
  ),
  resource_pids: entry(
    'target',
    5,
    'A container started more processes than its policy allows.',
    'Raise the limit in policies/ if the target needs it.',
  ),
  resource_disk: entry(
    'target',
    5,
    'A container wrote more than its policy allows.',
    'Raise the size in policies/ if the target needs it.',
  ),
  resource_time: entry(
    'target',
    5,
    'A container ran longer than its policy allows.',
    'Raise the wall clock in policies/ if the target needs it.',
  ),
  // The gates.
  source_unparsable: entry('model', 1, 'A changed source file does not parse.', 'Look at change.patch.'),
  patch_empty: entry('model', 1, 'BUILD changed nothing.', 'Look at the log of BUILD.'),
  protected_path: entry(
    'model',
    1,
    'The change touches a path that no stage may change.',
    'Look at the path; if the feature needs it, change it by hand first.',
  ),
  secret_in_change: entry(
    'model',
    1,
    'The change holds the value of a secret of this machine.',
    'Find out how a model came by it (the request, the target’s own files), take it out there, and give out a new secret.',
  ),
  validate_failed: entry('model', 1, 'ruff or mypy finds fault with the change.', 'Look at change.patch and the findings.'),
  suppression_added: entry('model', 1, 'The change silences a check instead of satisfying it.', 'Look at change.patch.'),
  tests_skipped: entry('model', 1, 'The change skips tests.', 'Look at change.patch.'),
  tests_failed: entry('model', 1, 'New tests fail on the change.', 'Look at change.patch and the report.'),
  base_tests_broken: entry('model', 1, 'Tests that passed before fail with the change.', 'Look at change.patch and the report.'),
  baseline_tests_missing: entry(
    'model',
    1,
    'Tests that passed before are not in the report.',
    'A test run was cut short or forged; look at the container’s log.',
  ),
  report_missing: entry(
    'model',
    1,
    'The test run ended without a readable report.',
    'Code under test ended the process; look at the container’s log.',
  ),
  exit_report_mismatch: entry(
    'model',
    1,
    'The exit code and the report do not agree.',
    'Code under test changed the exit; look at the container’s log.',
  ),
  canary_silent: entry('model', 1, 'A planted failing test did not fail.', 'The test run was forged; look at the container’s log.'),
  tests_do_not_collect: entry('model', 1, 'A new test file does not collect.', 'Look at tests in change.patch.'),
  criterion_without_test: entry('model', 1, 'A criterion has no test.', 'Look at the Spec and the tests.'),
  new_tests_do_not_fail_on_base: entry(
    'model',
    1,
    'A criterion has no test that fails without the change.',
    'The tests prove nothing about it; look at the Spec’s examples.',
  ),
  test_without_criterion: entry('model', 1, 'A new test cites no criterion.', 'Look at the tests.'),
  coverage_low: entry('model', 1, 'Coverage is below the floor or below the base.', 'Look at the uncovered lines.'),
  coverage_control_failed: entry(
    'model',
    1,
    'The measured coverage is not true: planted functions are not reported as they ran.',
    'Code under test changed the measure; look at the container’s log.',
  ),
  review_rejected: entry('model', 1, 'REVIEW rejected the change.', 'Read the cited reasons in the run’s folder.'),
  review_uncited: entry('model', 1, 'REVIEW’s citations do not exist.', 'Use a stronger model for REVIEW.'),
  unrequested_change: entry('model', 1, 'The change adds something nobody asked for.', 'Look at change.patch.'),
  // The boundary.
  export_bad_type: entry('model', 1, 'A container left something that is neither a file nor a folder.', 'Look at the container’s log.'),
  export_bad_path: entry('model', 1, 'A container left a file with a forbidden name.', 'Look at the container’s log.'),
  export_forbidden: entry('model', 1, 'A container left git metadata in the tree.', 'Look at the container’s log.'),
  export_too_large: entry('model', 1, 'A container left more than may be taken out.', 'Look at the container’s log.'),
  export_truncated: entry('environment', 1, 'The export of a container was cut short.', 'Run again.'),
  protocol_line_too_long: entry('factory', 1, 'A container sent a line longer than the protocol allows.', 'Look at the container’s log.'),
  protocol_invalid: entry('factory', 1, 'A container sent something that is not the protocol.', 'Look at the container’s log.'),
  agent_died: entry('factory', 1, 'The agent ended before its work was handed over.', 'Look at the container’s log.'),
  jail_open: entry('factory', 1, 'A container could do what its policy forbids.', 'Do not use this engine until the named hole is closed.'),
  // The end.
  pr_not_made: entry('environment', 6, 'The change is proven, but the branch could not be made.', 'Apply change.patch by hand.'),
  interrupted: entry('user', 130, 'Interrupted.', 'Run it again; nothing is left on the engine.'),
  terminated: entry('user', 143, 'Terminated.', 'Run it again; nothing is left on the engine.'),
  bug: entry('factory', 70, 'The factory has a bug.', 'Please report it with the run’s folder.'),
} as const satisfies Record<string, CatalogueEntry>;

export type FailureCode = keyof typeof CATALOGUE;

/** What a failed call to a model used; null where that is not known. */
export interface Spent {
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly costUsd: number | null;
}

/** Of a call that was refused before anybody worked on it. */
export const NOTHING_SPENT: Spent = { tokensIn: 0, tokensOut: 0, costUsd: 0 };

/** The one error that carries a bad end. `detail` says what happened here; the catalogue says what it means. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly detail: string;
  /** Milliseconds after which the server wants to be asked again; null where it did not say. */
  readonly retryAfterMs: number | null;
  /** What the failed call to a model used; null where nothing is known, which is never nothing. */
  readonly spent: Spent | null;

  constructor(code: FailureCode, detail: string, options?: { cause?: unknown; retryAfterMs?: number | null; spent?: Spent | null }) {
    super(`${code}: ${detail}`, options);
    this.name = 'Failure';
    this.code = code;
    this.detail = detail;
    this.retryAfterMs = options?.retryAfterMs ?? null;
    this.spent = options?.spent ?? null;
  }

  get entry(): CatalogueEntry {
    return CATALOGUE[this.code];
  }
}
