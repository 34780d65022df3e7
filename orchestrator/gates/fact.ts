import type { FailureCode } from '../domain/failure.ts';
import type { Fact } from '../domain/verdict.ts';

/** A fact that holds, with its evidence. */
export function held(name: string, evidence: string): Fact {
  return { name, holds: true, evidence };
}

/** Facts with the milliseconds of the container run that they were computed from. */
export function costing(facts: readonly Fact[], ms: number | undefined): Fact[] {
  return facts.map((fact) => (ms === undefined ? fact : { ...fact, ms }));
}

/** A fact that does not hold, with what goes back to whoever has to mend it. */
export function broken(name: string, code: FailureCode, evidence: string, more: Pick<Fact, 'where' | 'words'> = {}): Fact {
  return { name, holds: false, code, evidence, ...more };
}
