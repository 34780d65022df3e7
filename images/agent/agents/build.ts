import { type BuildTurn, buildTurnSchema } from '../../../orchestrator/domain/turns.ts';
import type { Agent } from '../loop.ts';
import { LOOKS, runLook } from '../tools/read.ts';
import { countResults, refusedWords, resultsText } from '../tools/result.ts';
import { EDITS, runEdit } from '../tools/write.ts';

/** Edits, then looks. Hands over when done (or in dispute) with every edit applied and no look open, so that a clean change costs one completion. */
export const build: Agent<BuildTurn> = {
  name: 'build',
  tools: [...LOOKS, ...EDITS],
  schema: buildTurnSchema,
  act: ({ edits, look, done, dispute }, tree) => {
    const edited = edits.map((edit) => runEdit(edit, tree));
    const looked = look.map((one) => runLook(one, tree));
    const results = [...edited, ...looked];
    const did = countResults(results);
    const open = looked.length > 0 || edited.some((result) => result.refused);
    if (!open && (done || dispute !== null)) return { next: null, did: `${did}, handed over` };
    if (results.length === 0) return { next: 'You changed nothing and looked at nothing. Give `edits` or `look`, or set `done`.', did };
    return { next: resultsText(results) + refusedWords(edited) + (done ? NOT_DONE : ''), did };
  },
};

const NOT_DONE = '\n\nNothing was handed over yet: set `done` again, without `look`, when all is in place.';
