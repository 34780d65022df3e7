import type { Forecast } from '../domain/forecast.ts';
import type { ModelStage, Stage } from '../domain/stage.ts';

/** What a person sees while it works. Never a source of truth: what is worth keeping of it stands in the trace too. */
export interface Progress {
  header(lines: readonly string[]): void;
  /** A stage began; `what` says about what, e.g. `attempt 2: mypy app/x.py:4 …`. */
  begin(stage: Stage | 'baseline', what: string): void;
  /** What the run will take, told before a model is asked. */
  expect?(forecast: Forecast): void;
  /** How far the question that is open has come: told when it is asked and whenever tokens arrive; null when it is over, answered or not. */
  asking?(question: OpenQuestion | null): void;
  /** A stage's line: mark, time, tokens, dollars, one sentence. */
  end(line: StageLine): void;
  /** The work of the stage whose line was the last goes back `to` another; `used` of `budget` reworks are spent with it. */
  rework?(to: Stage, used: number, budget: number): void;
  /** Something worth a line of its own between stages. */
  note(text: string): void;
}

/** A question that a model has not answered yet. */
export interface OpenQuestion {
  readonly stage: ModelStage;
  readonly turn: number;
  /** About how many tokens the prompt has. */
  readonly promptTokens: number;
  /** How many have come; 0 while the prompt is read. */
  readonly outTokens: number;
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
