import { renderCard } from '../../domain/card-text.ts';
import { Failure } from '../../domain/failure.ts';
import { compileExamples } from '../../domain/spec/compile.ts';
import type { SpecFinding } from '../../domain/spec/lint.ts';
import { lintSpec } from '../../domain/spec/lint.ts';
import type { PlanReply } from '../../domain/spec.ts';
import { planTurnSchema } from '../../domain/turns.ts';
import type { Agents } from '../agents.ts';
import { CARD_CHARS } from '../sizes.ts';
import { stage } from '../stage.ts';

/** A Spec that does not lint goes back once with the findings, then the request is refused. */
const HAND_OVERS = 2;

/** PLAN: prose to a validated Spec, or a refusal with the questions to answer. No mounts, no tools. */
export const plan = (agents: Agents) =>
  stage({
    id: 'PLAN',
    stage: 'PLAN',
    needs: ['request', 'ground', 'card'],
    gives: 'planned',
    async run({ request, ground, card }, attempt) {
      const lint = (reply: PlanReply) => (reply.outcome === 'spec' ? lintSpec(reply.spec, { request, card, layout: ground.layout }) : []);
      const { last, accepted, words } = await agents.run({
        kind: 'plan',
        stage: 'PLAN',
        attempt: attempt.number,
        schema: planTurnSchema,
        opening: { request, card: renderCard(card, { budgetChars: CARD_CHARS }) },
        words: attempt.returned === null ? null : amendment(attempt.returned.words),
        volumes: {},
        testsFolder: null,
        roots: {},
        judge: async (reply) => {
          const findings = lint(reply);
          return findings.length === 0 ? { accepted: true } : { accepted: false, words: wordsOf(findings) };
        },
        maxHandOvers: HAND_OVERS,
      });
      if (last.outcome === 'refusal')
        throw new Failure('spec_refused', `${last.reason}\n${last.questions.map((text, i) => `Q${i + 1}: ${text}`).join('\n')}`);
      if (!accepted) throw new Failure('spec_invalid', words ?? 'the Spec does not lint');
      const compiled = compileExamples(last.spec, { card, layout: ground.layout });
      const { acceptance_criteria: criteria, assumptions } = last.spec;
      const asData = new Set(compiled.tests.flatMap((test) => test.criteria)).size;
      return {
        kind: 'done',
        product: { spec: last.spec, compiled },
        summary: `${criteria.length} criteria (${asData} compiled), ${assumptions.length} assumptions`,
      };
    },
  });

function wordsOf(findings: readonly SpecFinding[]): string {
  const list = findings.map(({ code, where, message, instead }) => `- ${where}: ${code}: ${message} Instead: ${instead}`);
  return `The Spec does not hold:\n${list.join('\n')}\nAnswer with the whole corrected Spec.`;
}

function amendment(words: string): string {
  return `While the feature was being built, this was found:\n${words}\nAnswer with the whole amended Spec: decide the point with a numbered assumption if the request leaves it open, or refuse with a question if it cannot be decided.`;
}
