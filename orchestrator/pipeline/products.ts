import type { Brief } from '../domain/brief.ts';
import type { TargetCard } from '../domain/card.ts';
import type { HunkOutcome } from '../domain/hunks.ts';
import type { Protection } from '../domain/protection.ts';
import type { Baseline, TestReport } from '../domain/report.ts';
import type { CompiledExamples } from '../domain/spec/compile.ts';
import type { Spec } from '../domain/spec.ts';
import type { Base, TargetLayout } from '../domain/target.ts';
import type { Change, FileTree } from '../domain/tree.ts';
import type { Review } from '../domain/turns.ts';
import type { CriterionProof, Fact } from '../domain/verdict.ts';

/** The target as it was before anything was asked. */
export interface Ground {
  readonly base: Base;
  readonly tree: FileTree;
  readonly layout: TargetLayout;
  /** Paths that no stage may change. */
  readonly protection: Protection;
  /** Packages that a Spec may ask for though the target does not name them; none where the operator allowed none. */
  readonly allowedDependencies?: readonly string[];
}

/** The compiled Spec and the tests its examples became. */
export interface Planned {
  readonly spec: Spec;
  readonly compiled: CompiledExamples;
  /** What made PLAN amend it on the way; null when nothing did. */
  readonly amended: Amended | null;
}

/** A point that was found open while the feature was being built, and how the Spec decides it now. */
export interface Amended {
  /** Who found it. */
  readonly by: string;
  /** By Spec id and file:line. */
  readonly reason: string;
  /** Ids of the assumptions that decide it. */
  readonly assumptions: readonly string[];
  readonly before: Spec;
}

/** New tests (the compiled examples among them) and what they did on the base. */
export interface WrittenTests {
  readonly changes: readonly Change[];
  /** Outcome on the base of each new test, by id. */
  readonly onBase: ReadonlyMap<string, 'red' | 'green' | 'absent'>;
  /** Criteria cited by each new test. */
  readonly criteria: ReadonlyMap<string, readonly string[]>;
  /** Criteria that only guards stand for, tests that pass on the base too: whether these hold anything is seen when the change is taken apart. */
  readonly byGuards?: readonly string[];
  readonly facts: readonly Fact[];
}

/** The whole change, changelog included, and what the test run on it proved. */
export interface Tested {
  readonly head: FileTree;
  readonly report: TestReport;
  /** What became of each hunk of the source patch when it was taken out; empty where the change did not get so far. */
  readonly hunks: readonly HunkOutcome[];
  /** Single statements that were taken out besides, for criteria that only guards stand for. */
  readonly steps: readonly HunkOutcome[];
  /** Milliseconds that took; null where nothing was run for it. */
  readonly hunksMs: number | null;
  readonly facts: readonly Fact[];
}

export interface Reviewed {
  readonly review: Review;
  readonly proofs: readonly CriterionProof[];
  readonly facts: readonly Fact[];
}

/** Everything that is handed from stage to stage, by name. A stage gets only what it names in `needs`. */
export interface Products {
  readonly request: string;
  readonly ground: Ground;
  readonly card: TargetCard;
  readonly baseline: Baseline;
  readonly planned: Planned;
  readonly brief: Brief;
  /** The source patch: changes to the base's source files. */
  readonly source: readonly Change[];
  readonly validated: readonly Fact[];
  readonly tests: WrittenTests;
  readonly tested: Tested;
  readonly reviewed: Reviewed;
}
export type ProductName = keyof Products;
