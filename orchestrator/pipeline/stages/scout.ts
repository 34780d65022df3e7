import { checkBrief } from '../../domain/brief-check.ts';
import { renderCard } from '../../domain/card-text.ts';
import { Failure } from '../../domain/failure.ts';
import { renderSpec } from '../../domain/spec/markdown.ts';
import { scoutTurnSchema } from '../../domain/turns.ts';
import { counted } from '../../gates/words.ts';
import type { Agents } from '../agents.ts';
import { CARD_CHARS } from '../sizes.ts';
import { stage } from '../stage.ts';
import type { Workspace } from '../workspace.ts';

/** A brief that names what does not exist goes back once. */
const HAND_OVERS = 2;

/** SCOUT: reads the base and names the lines to edit, the helpers to reuse and where code and Spec pull apart. */
export const scout = (agents: Agents, workspace: Workspace) =>
  stage({
    id: 'SCOUT',
    stage: 'SCOUT',
    needs: ['planned', 'ground', 'card', 'baseline'],
    gives: 'brief',
    async run({ planned: { spec }, ground, card, baseline }, attempt) {
      const base = await workspace.volume({ purpose: 'base', tree: ground.tree, sizeFrom: 'scout' });
      try {
        const { last, accepted, words } = await agents.run({
          kind: 'scout',
          stage: 'SCOUT',
          attempt: attempt.number,
          schema: scoutTurnSchema,
          opening: { spec: renderSpec(spec), card: renderCard(card, { budgetChars: CARD_CHARS }) },
          words: attempt.returned?.words ?? null,
          volumes: { base: base.name },
          testsFolder: ground.layout.tests,
          roots: { work: '/work' },
          judge: async ({ brief }) => {
            const findings =
              brief === null ? ['There is no brief.'] : checkBrief(brief, { base: ground.tree, baseTests: baseline.passed, spec });
            return findings.length === 0
              ? { accepted: true }
              : { accepted: false, words: `The brief does not hold:\n- ${findings.join('\n- ')}\nAnswer with the whole corrected brief.` };
          },
          maxHandOvers: HAND_OVERS,
        });
        const { brief } = last;
        if (!accepted || brief === null) throw new Failure('brief_invalid', words ?? 'SCOUT gave no brief');
        if (brief.dispute !== null) {
          const { about, path, line, what } = brief.dispute;
          const reason = `${about}, ${path}:${line}: ${what}`;
          return {
            kind: 'returned',
            returned: { from: 'SCOUT', cause: 'dispute', code: 'spec_ambiguous', reason, words: `SCOUT disputes ${reason}` },
          };
        }
        const files = new Set(brief.edit.map(({ path }) => path)).size;
        return {
          kind: 'done',
          product: brief,
          summary: `${counted(files, 'file')} to edit, ${counted(brief.reuse.length, 'helper')} to reuse, ${counted(brief.problems.length, 'problem')}`,
        };
      } finally {
        await base.dispose();
      }
    },
  });
