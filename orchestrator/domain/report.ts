/** What real tools said, parsed. Nothing here is believed on its own: `gates/` turns reports into facts. */

/** One test of a pytest run. */
export interface TestResult {
  /** `tests/test_x.py::test_y[param]` */
  readonly id: string;
  readonly outcome: 'passed' | 'failed' | 'error' | 'skipped';
  /** The first line of the failure's message and its text, trimmed; empty when it passed. */
  readonly message: string;
  readonly detail: string;
}

/** A pytest run as the engine and the JUnit file tell it. */
export interface TestReport {
  /** The exit code that the engine reported for the container. */
  readonly exitCode: number;
  /** null when there was no report or it did not parse. */
  readonly tests: readonly TestResult[] | null;
  /** Files that pytest could not collect, with the error. */
  readonly collectionErrors: readonly { readonly file: string; readonly message: string }[];
  /** The end of what pytest printed, for a person or a model. */
  readonly output: string;
  readonly coverage: Coverage | null;
}

export interface Coverage {
  /** Percent of executable lines, 0-100. */
  readonly percent: number;
  /** Path -> lines that ran and lines that did not. */
  readonly files: Readonly<Record<string, { readonly executed: readonly number[]; readonly missing: readonly number[] }>>;
}

/** One finding of ruff or mypy. */
export interface Finding {
  readonly tool: 'ruff' | 'format' | 'mypy';
  readonly path: string;
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

export interface ToolReport {
  readonly tool: 'ruff' | 'format' | 'mypy';
  readonly exitCode: number;
  readonly findings: readonly Finding[];
  /** What the tool printed where it did not parse as findings (a crash, a usage error). */
  readonly output: string;
}

/** What was true of the target before anything was changed. */
export interface Baseline {
  readonly passed: readonly string[];
  readonly failed: readonly TestResult[];
  /** Tests whose outcome differed between two runs on the same tree: they decide nothing. */
  readonly flaky: readonly string[];
  readonly coverage: Coverage | null;
  readonly findings: readonly Finding[];
  /** Files that `ruff format` would change on the base: the host leaves them alone. */
  readonly unformatted: readonly string[];
  readonly ms: number;
  /** Whether it was taken from the cache by tree hash and image id. */
  readonly kept: boolean;
}
