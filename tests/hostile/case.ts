import type { FailureCode } from '../../orchestrator/domain/failure.ts';

export type HostileClass = 'jail' | 'gates' | 'host' | 'models' | 'crash' | 'input';

/** One row of the catalogue. */
export interface HostileCase {
  readonly id: string;
  readonly class: HostileClass;
  readonly title: string;
  /** Where the attack enters: the lowest place that decides it. */
  readonly door: 'gate' | 'container' | 'export' | 'agent' | 'provider' | 'text' | 'git' | 'line' | 'cli';
  /** Who must stop it. */
  readonly stage: string;
  /** How it must end: codes of the failure catalogue, or what the kernel says. */
  readonly codes: readonly (FailureCode | Ending)[];
  /** What is tried, how it works without the defence, and the honest thing that resembles it. */
  readonly recipe: string;
  readonly control: string;
  readonly twin: string;
  /** quick: no engine; engine: in every `make test`; long: only with FACTORY_LONG=1. */
  readonly speed: 'quick' | 'engine' | 'long';
  readonly status: 'built' | `open: ${string}`;
}

/** Endings that are no failure of a run: the attack comes to nothing, and the line goes on. */
export type Ending = 'no effect' | 'refused by the kernel' | 'neutralised';

/** How one try ended; null when everything went through. */
export type Outcome = FailureCode | Ending | null;

export interface Try {
  readonly what: string;
  /** null for a twin: nothing may stop it. */
  readonly must: Outcome;
  /** Only with FACTORY_LONG=1: a further variant that needs a container of its own. */
  readonly long?: boolean;
  ends(): Promise<Outcome> | Outcome;
}

/** A control: the attack works where nothing defends. */
export interface Control {
  readonly what: string;
  works(): Promise<boolean> | boolean;
}

/** The three parts without which a case does not count. */
export interface Play {
  readonly control: readonly Control[];
  readonly attack: readonly Try[];
  readonly twin: readonly Try[];
}

export type Plays = Readonly<Record<string, () => Play>>;
