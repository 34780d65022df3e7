import { type TestTurn, testTurnSchema } from '../../../orchestrator/domain/turns.ts';
import type { Agent } from '../loop.ts';
import { LOOKS, runLook } from '../tools/read.ts';
import { countResults, refusedWords, resultsText } from '../tools/result.ts';
import { runEdit } from '../tools/write.ts';

/** Writes whole test files, then looks. Hands over when done with every file written and no look open. */
export const testWriting: Agent<TestTurn> = {
  name: 'test-writing',
  tools: [...LOOKS, 'write_file'],
  schema: testTurnSchema,
  act: ({ files, look, done }, tree) => {
    const written = files.map((file) => runEdit({ tool: 'write_file', ...file }, tree));
    const looked = look.map((one) => runLook(one, tree));
    const results = [...written, ...looked];
    const did = countResults(results);
    const open = looked.length > 0 || written.some((result) => result.refused);
    if (!open && done) return { next: null, did: `${did}, handed over` };
    if (results.length === 0) return { next: 'You wrote nothing and looked at nothing. Give `files` or `look`, or set `done`.', did };
    return { next: resultsText(results) + refusedWords(written) + (done ? NOT_DONE : ''), did };
  },
};

const NOT_DONE = '\n\nNothing was handed over yet: set `done` again, without `look`, when all is in place.';
