import { type ReviewTurn, reviewTurnSchema } from '../../../orchestrator/domain/turns.ts';
import type { Agent } from '../loop.ts';
import { LOOKS, runLook } from '../tools/read.ts';
import { countResults, resultsText } from '../tools/result.ts';

/** Looks at base and head until it has a review. A review beside looks is the answer: the looks are dropped. */
export const review: Agent<ReviewTurn> = {
  name: 'review',
  tools: LOOKS,
  schema: reviewTurnSchema,
  act: ({ look, review: answer }, tree) => {
    if (answer !== null) return { next: null, did: 'review' };
    if (look.length === 0) return { next: 'You neither looked nor answered. Give `look`, or the `review`.', did: 'nothing' };
    const results = look.map((one) => runLook(one, tree));
    return { next: resultsText(results), did: countResults(results) };
  },
};
