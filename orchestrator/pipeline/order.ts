import type { Amount, Budgets } from '../domain/budget.ts';
import type { Intervention } from '../domain/order-file.ts';
import type { Redactor } from '../domain/redact.ts';
import type { Spec } from '../domain/spec.ts';
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
import type { GivenWork } from './given.ts';
import type { Ground, ProductName } from './products.ts';

/** The outside world, as one run sees it. */
export interface World {
  readonly engine: Engine;
  readonly repository: Repository;
  readonly records: Records;
  readonly trace: Trace;
  readonly progress: Progress;
  readonly keep: Keep;
  /** Knows the host's secrets: what goes into a log or a commit's message goes through it, and a change that holds one is refused. */
  readonly redactor: Redactor;
  readonly models: Readonly<Record<ModelStage, ModelSettings>>;
  readonly prompts: AgentPrompts;
  readonly policies: ContainersOptions['policies'];
  readonly seccomp: string;
  readonly images: ContainersOptions['images'];
  /** What the jail's probes need of the host: their program, and a sentinel that lies where no container may find it. */
  readonly planted: { readonly program: string; readonly sentinel: string };
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Told of everything that is handed over, as it is made. */
  readonly onProduct?: (name: ProductName, product: unknown) => void;
}

export interface RunOrder {
  readonly run: string;
  readonly request: string;
  /** The Spec that a person gave; null where PLAN makes it. */
  readonly spec: Spec | null;
  /** Work that goes down the line without a model being asked for it; needs a Spec. */
  readonly given?: GivenWork | null;
  /** Up to and with PLAN, up to and with the tests (no REVIEW, no PR), or the whole line. */
  readonly upTo: 'PLAN' | 'TEST' | 'PR';
  /** The run that this one goes on from; null for one from the start. */
  readonly resumedFrom: string | null;
  /** Where people stepped in, in the order of the ends that they are for. */
  readonly interventions: readonly Intervention[];
  readonly ground: Ground;
  /** Milliseconds since the epoch when the request was made. */
  readonly startedAt: number;
  readonly reworkBudget: number;
  readonly checks: number;
  /** What the run, and each stage, may use; absent: nothing is limited. */
  readonly budgets?: Budgets;
  /** What the run that this one goes on from had spent; absent: nothing. */
  readonly spentBefore?: Amount;
  /** How often one model is asked for one answer. */
  readonly tries?: number;
  /** Earlier runs of this request on this base: 0 makes this the first try. */
  readonly earlierTries: number;
  /** Tokens that earlier runs took, whatever they were about; null or absent: nothing is said beforehand of what the run will take. */
  readonly earlierTokens?: readonly number[] | null;
}
