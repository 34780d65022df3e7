import type { Brief } from '../../domain/brief.ts';
import { checkBrief } from '../../domain/brief-check.ts';
import { Failure } from '../../domain/failure.ts';
import { stage } from '../stage.ts';

const NONE: Brief = { edit: [], reuse: [], create: [], conventions: [], superseded: [], problems: [], dispute: null };

/** SCOUT where the brief is given: every path, range and test in it must exist, no model is asked. null stands for an empty one. */
export const givenBrief = (brief: Brief | null) =>
  stage({
    id: 'SCOUT',
    stage: 'SCOUT',
    needs: ['planned', 'ground', 'baseline'],
    gives: 'brief',
    async run({ planned: { spec }, ground, baseline }) {
      if (brief === null) return { kind: 'done', product: NONE, summary: 'no brief, no model was asked' };
      const findings = checkBrief(brief, { base: ground.tree, baseTests: baseline.passed, spec });
      if (findings.length > 0) throw new Failure('brief_invalid', `The given brief does not hold:\n- ${findings.join('\n- ')}`);
      return { kind: 'done', product: brief, summary: 'given, no model was asked' };
    },
  });
