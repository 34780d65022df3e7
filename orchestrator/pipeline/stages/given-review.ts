import type { Review } from '../../domain/turns.ts';
import type { Repository } from '../../ports/repository.ts';
import { openJudging } from '../judge-review.ts';
import { stage } from '../stage.ts';

/** REVIEW where its verdict is given: every citation must exist in this change, no model is asked. */
export const givenReview = (repository: Repository, review: Review) =>
  stage({
    id: 'REVIEW',
    stage: 'REVIEW',
    needs: ['planned', 'ground', 'tests', 'tested'],
    gives: 'reviewed',
    async run(needs) {
      const outcome = (await openJudging(repository, needs)).outcome(review);
      return outcome.kind === 'done' ? { ...outcome, summary: `given, no model was asked: ${outcome.summary}` } : outcome;
    },
  });
