import type { FailureCode } from './failure.ts';

/** One independent observation about the change. The host ANDs facts; nothing else makes a green. */
export interface Fact {
  /** Stable name, e.g. `exit_and_report_agree`. */
  readonly name: string;
  readonly holds: boolean;
  /** Set when it does not hold. */
  readonly code?: FailureCode;
  /** One sentence with the evidence: counts, names, file:line. */
  readonly evidence: string;
  /** Where the fault lies, so that the rework goes to the owner of the file. */
  readonly where?: readonly { readonly path: string; readonly line?: number }[];
  /** The tool's own words, trimmed, for whoever gets it back. */
  readonly words?: string;
}

export interface Verdict {
  readonly green: boolean;
  readonly facts: readonly Fact[];
}

export function verdictOf(facts: readonly Fact[]): Verdict {
  return { green: facts.length > 0 && facts.every((fact) => fact.holds), facts };
}

/** The chain of evidence for one criterion: what proof.json holds and the PR shows as a table. */
export interface CriterionProof {
  readonly id: string;
  readonly kind: 'new' | 'changed' | 'preserved';
  readonly from: string;
  readonly rule: string;
  readonly tests: readonly { readonly id: string; readonly onBase: 'red' | 'green' | 'absent'; readonly onChange: 'green' | 'red' }[];
  readonly citations: readonly string[];
}
