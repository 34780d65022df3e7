import { broken, reasonOf, wordsOfFacts } from '../facts-words.ts';
import type { SourceGate } from '../source-gate.ts';
import { stage } from '../stage.ts';

/** VALIDATE: ruff, ruff format and mypy over base and source patch, decided by exit codes; no agent, no model. */
export const validate = (gate: SourceGate) =>
  stage({
    id: 'VALIDATE',
    stage: 'VALIDATE',
    needs: ['ground', 'card', 'baseline', 'source'],
    gives: 'validated',
    async run({ ground, card, baseline, source }, attempt) {
      const facts = await gate.validate({ ground, card, baseline, source, who: { stage: 'VALIDATE', attempt: attempt.number } });
      const [first] = broken(facts);
      if (first === undefined) return { kind: 'done', product: facts, summary: 'ruff 0  format 0  mypy 0 new findings' };
      const code = first.code ?? 'validate_failed';
      return {
        kind: 'returned',
        product: facts,
        returned: { from: 'VALIDATE', cause: 'source', code, reason: reasonOf(facts), words: wordsOfFacts(facts) },
      };
    },
  });
