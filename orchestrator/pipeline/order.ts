import type { ModelStage } from '../domain/stage.ts';
import type { Engine } from '../ports/engine.ts';
import type { Keep } from '../ports/keep.ts';
import type { Progress } from '../ports/progress.ts';
import type { Records } from '../ports/records.ts';
import type { Repository } from '../ports/repository.ts';
import type { Trace } from '../ports/trace.ts';
import type { AgentPrompts } from './agents.ts';
import type { ModelSettings } from './asking.ts';
import type { ContainersOptions } from './containers.ts';
import type { Ground } from './products.ts';

/** The outside world, as one run sees it. */
export interface World {
  readonly engine: Engine;
  readonly repository: Repository;
  readonly records: Records;
  readonly trace: Trace;
  readonly progress: Progress;
  readonly keep: Keep;
  readonly models: Readonly<Record<ModelStage, ModelSettings>>;
  readonly prompts: AgentPrompts;
  readonly policies: ContainersOptions['policies'];
  readonly seccomp: string;
  readonly images: ContainersOptions['images'];
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export interface RunOrder {
  readonly run: string;
  readonly request: string;
  readonly ground: Ground;
  /** Milliseconds since the epoch when the request was made. */
  readonly startedAt: number;
  readonly reworkBudget: number;
  readonly checks: number;
  /** Earlier runs of this request on this base: 0 makes this the first try. */
  readonly earlierTries: number;
}
