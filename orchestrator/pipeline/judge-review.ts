import { addedLines, deletedLines, type FilePatch, parsePatch } from '../domain/patch.ts';
import type { Review } from '../domain/turns.ts';
import type { Fact } from '../domain/verdict.ts';
import { citationFact } from '../gates/citations.ts';
import { proofs } from '../gates/proof.ts';
import { counted } from '../gates/words.ts';
import type { Repository } from '../ports/repository.ts';
import type { Products, Reviewed } from './products.ts';
import type { Outcome } from './stage.ts';

/** Judges what REVIEW says of one change: whether it approves, and whether what it cites exists. */
export interface Judging {
  readonly patches: readonly FilePatch[];
  fact(review: Review): Fact;
  /** What REVIEW's word comes to on the line, with the proof of each criterion. */
  outcome(review: Review): Outcome<Reviewed>;
}

export async function openJudging(
  repository: Repository,
  { planned: { spec }, ground, tests, tested }: Pick<Products, 'planned' | 'ground' | 'tests' | 'tested'>,
): Promise<Judging> {
  const patches = parsePatch(await repository.diff(ground.base, ground.tree, tested.head));
  const lines = { added: addedLines(patches), deleted: deletedLines(patches) };
  const passing = (tested.report.tests ?? []).filter(({ outcome }) => outcome === 'passed').map(({ id }) => id);
  const fact = (review: Review) => citationFact(review, { spec, ...lines, passingTests: passing, criteria: tests.criteria });
  return {
    patches,
    fact,
    outcome(review) {
      const judged = fact(review);
      const product = {
        review,
        proofs: proofs({ spec, tests, passing, hunks: [...tested.hunks, ...tested.steps], review, ...lines }),
        facts: [judged],
      };
      if (!judged.holds) {
        const { code = 'review_rejected', evidence, words = evidence } = judged;
        return { kind: 'returned', product, returned: { from: 'REVIEW', cause: 'verdict', code, reason: evidence, words } };
      }
      const { criteria, findings } = review;
      const notes = findings.length === 0 ? '' : `, ${counted(findings.length, 'note')}`;
      return {
        kind: 'done',
        product,
        summary: `approve, ${criteria.length} of ${spec.acceptance_criteria.length} criteria cited${notes}`,
      };
    },
  };
}
