import type { Stage } from '../domain/stage.ts';

/** What a person sees while it works. Never a source of truth: everything said here stands in the trace too. */
export interface Progress {
  header(lines: readonly string[]): void;
  /** A stage began; `what` says about what, e.g. `attempt 2: mypy app/x.py:4 …`. */
  begin(stage: Stage | 'baseline', what: string): void;
  /** A stage's line: mark, time, tokens, dollars, one sentence. */
  end(line: StageLine): void;
  /** Something worth a line of its own between stages. */
  note(text: string): void;
}

export interface StageLine {
  readonly stage: Stage | 'baseline';
  readonly ok: boolean;
  readonly ms: number;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly costUsd: number | null;
  readonly asked: boolean;
  readonly text: string;
}
