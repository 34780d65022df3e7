import { type ScoutTurn, scoutTurnSchema } from '../../../orchestrator/domain/turns.ts';
import type { Agent } from '../loop.ts';
import { LOOKS, runLook } from '../tools/read.ts';
import { countResults, resultsText } from '../tools/result.ts';

/** Looks until it has a brief. A brief beside looks is the answer: the looks are dropped. */
export const scout: Agent<ScoutTurn> = {
  name: 'scout',
  tools: LOOKS,
  schema: scoutTurnSchema,
  act: ({ look, brief }, tree) => {
    if (brief !== null) return { next: null, did: 'brief' };
    if (look.length === 0) return { next: 'You neither looked nor answered. Give `look`, or the `brief`.', did: 'nothing' };
    const results = look.map((one) => runLook(one, tree));
    return { next: resultsText(results), did: countResults(results) };
  },
};
