import type { HunkOutcome } from '../domain/hunks.ts';
import type { Spec } from '../domain/spec.ts';
import type { Review } from '../domain/turns.ts';
import type { CriterionProof } from '../domain/verdict.ts';
import { type CitationInput, validCitations } from './citations.ts';
import { hunksMissedBy } from './hunks.ts';
import type { OnBase } from './red-on-base.ts';
import { isCovered } from './test-ids.ts';

export interface ProofInput {
  readonly spec: Spec;
  readonly review: Review;
  readonly tests: {
    /** Id without parameters -> what it did on the base. */
    readonly onBase: ReadonlyMap<string, OnBase>;
    /** The same ids -> criteria they cite. */
    readonly criteria: ReadonlyMap<string, readonly string[]>;
  };
  /** Ids of the tests that pass on the change, parameters included. */
  readonly passing: readonly string[];
  /** Ids of those that do not. */
  readonly failing?: readonly string[];
  /** What became of the hunks of the source patch. */
  readonly hunks?: readonly HunkOutcome[];
  readonly added: CitationInput['added'];
  readonly deleted: CitationInput['deleted'];
}

/** The chain of evidence for each criterion of the Spec, in its order: what proof.json holds. */
export function proofs({ spec, review, tests, passing, failing = [], hunks = [], added, deleted }: ProofInput): CriterionProof[] {
  const isGreen = (id: string) => passing.some((one) => isCovered(one, id)) && !failing.some((one) => isCovered(one, id));
  return spec.acceptance_criteria.map(({ id, kind, from, rule }) => {
    const citations = validCitations(review, id, { spec, added, deleted, passingTests: passing });
    const own = [...tests.criteria].filter(([, criteria]) => criteria.includes(id)).map(([test]) => test);
    const old = kind === 'preserved' ? citations.filter((cited) => cited.includes('::') && !own.includes(cited)) : [];
    return {
      id,
      kind,
      from,
      rule,
      tests: [
        ...own.map((test) => ({
          id: test,
          onBase: tests.onBase.get(test) ?? 'absent',
          onChange: isGreen(test) ? ('green' as const) : ('red' as const),
          ...(hunks.length === 0 ? {} : { hunks: hunksMissedBy(test, hunks) }),
        })),
        ...old.map((test) => ({ id: test, onBase: 'green' as const, onChange: isGreen(test) ? ('green' as const) : ('red' as const) })),
      ],
      citations,
    };
  });
}
