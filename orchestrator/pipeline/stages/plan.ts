import type { TargetCard } from '../../domain/card.ts';
import { renderCard } from '../../domain/card-text.ts';
import { Failure } from '../../domain/failure.ts';
import { exampleThatCompiles, type Refusal } from '../../domain/refusal.ts';
import { lintSpec } from '../../domain/spec/lint.ts';
import type { PlanReply, Spec } from '../../domain/spec.ts';
import { planTurnSchema } from '../../domain/turns.ts';
import type { Agents } from '../agents.ts';
import { findingsText, plannedOf } from '../planned.ts';
import type { Ground } from '../products.ts';
import { CARD_CHARS } from '../sizes.ts';
import { type Returned, stage } from '../stage.ts';

/** A Spec that does not hold goes back once with the findings, then the request is refused. */
const HAND_OVERS = 2;

/** PLAN: prose to a validated Spec, or a refusal with the questions to answer. No mounts, no tools. */
export const plan = (agents: Agents, options: { onRefusal: (refusal: Refusal) => void }) => {
  let before: Spec | null = null;
  return stage({
    id: 'PLAN',
    stage: 'PLAN',
    needs: ['request', 'ground', 'card'],
    gives: 'planned',
    async run({ request, ground, card }, { number, returned }) {
      const { last, accepted, words } = await agents.run({
        kind: 'plan',
        stage: 'PLAN',
        attempt: number,
        schema: planTurnSchema,
        opening: { request, card: renderCard(card, { budgetChars: CARD_CHARS }) },
        words: returned === null ? null : amendment(returned),
        volumes: {},
        testsFolder: null,
        roots: {},
        judge: async (reply) => {
          const faults = faultsOf(reply, { request, card, ground, before, returned });
          return faults === '' ? { accepted: true } : { accepted: false, words: faults };
        },
        maxHandOvers: HAND_OVERS,
      });
      if (last.outcome === 'refusal') {
        const { reason, questions } = last;
        options.onRefusal({ reason, questions, example: exampleThatCompiles(card) });
        throw new Failure('spec_refused', `${reason}\n${questions.map((text, i) => `Q${i + 1}: ${text}`).join('\n')}`);
      }
      if (!accepted) throw new Failure('spec_invalid', words ?? 'the Spec does not lint');
      const amended =
        returned === null || before === null
          ? null
          : { by: returned.from, reason: returned.reason, assumptions: newAssumptions(last.spec, before), before };
      before = last.spec;
      return { kind: 'done', ...plannedOf(last.spec, { card, ground }, amended) };
    },
  });
};

interface Judged {
  readonly request: string;
  readonly card: TargetCard;
  readonly ground: Ground;
  /** The Spec that work came back for; null the first time. */
  readonly before: Spec | null;
  readonly returned: Returned | null;
}

/** What is wrong with a reply, for the model; `''` when it holds. */
function faultsOf(reply: PlanReply, { request, card, ground, before, returned }: Judged): string {
  if (reply.outcome === 'refusal') return '';
  const findings = lintSpec(reply.spec, { ...ground, request, card });
  if (findings.length > 0) return `The Spec does not hold:\n${findingsText(findings)}\nAnswer with the whole corrected Spec.`;
  if (returned === null || before === null || newAssumptions(reply.spec, before).length > 0) return '';
  return `The amended Spec does not say how it decides what was found:\n${returned.reason}\nAdd a numbered assumption that decides it, name it in \`refined_by\` of the criterion it is about, and answer with the whole amended Spec.`;
}

/** Assumptions that the Spec before did not have, and that a criterion is refined by. */
function newAssumptions(spec: Spec, before: Spec): string[] {
  const known = before.assumptions.map(({ text }) => text);
  const used = spec.acceptance_criteria.flatMap(({ refined_by }) => refined_by ?? []);
  return spec.assumptions.filter(({ id, text }) => !known.includes(text) && used.includes(id)).map(({ id }) => id);
}

function amendment({ words }: Returned): string {
  return `While the feature was being built, this was found:\n${words}\nAnswer with the whole amended Spec: decide the point with a numbered assumption if the request leaves it open, or refuse with a question if it cannot be decided.`;
}
