import type { Brief } from '../domain/brief.ts';
import type { Change } from '../domain/tree.ts';
import type { Review } from '../domain/turns.ts';

/**
 * Work that goes down the line without anybody being asked for it: what SCOUT, BUILD and TEST's writer would hand over, and what REVIEW said.
 * Every gate runs over it as over a model's work. It goes with a given Spec.
 */
export interface GivenWork {
  /** null where there is none: then only the Spec says which base tests are superseded. */
  readonly brief: Brief | null;
  readonly source: readonly Change[];
  /** The compiled examples among them. */
  readonly tests: readonly Change[];
  /** null: REVIEW is asked, where the line goes so far. */
  readonly review: Review | null;
}
