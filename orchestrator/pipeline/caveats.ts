import { oneLine } from '../domain/untrusted.ts';
import type { Usage } from './asking.ts';
import type { RunOrder } from './order.ts';
import type { Planned } from './products.ts';

/** What happened on the way down the line. */
export interface Course {
  readonly reworks: number;
  /** What people said where a run had ended badly, the oldest first. */
  readonly words: readonly string[];
}

/** What was less, or other, than usual in this run, a sentence each, for the PR. */
export function caveats(run: {
  readonly order: Pick<RunOrder, 'spec' | 'given' | 'interventions' | 'ground'>;
  readonly planned: Planned;
  readonly words: readonly string[];
  readonly served?: Served;
}): string[] {
  const { order, planned, words, served } = run;
  return [
    ...(order.ground.layout.tests === null ? [NO_MOUNT] : []),
    ...(order.given != null ? [WORK_GIVEN] : order.spec === null ? [] : [SPEC_GIVEN]),
    ...(served === undefined ? [] : reviewerOf(served)),
    ...amendedBy(planned),
    ...words.map((text, i) => `A person’s words were ${i === 0 ? 'one' : 'one more'} of the reworks: “${oneLine(text, 300)}”`),
    ...order.interventions.slice(words.length).map(({ words: text }) => `A person’s words were not needed: “${oneLine(text, 300)}”`),
  ];
}

const NO_MOUNT =
  'The target keeps its tests beside its code: BUILD and TEST were kept apart by the check of what they handed over, not by how volumes were mounted.';
const SPEC_GIVEN = 'The Spec was given by a person (--spec) and not planned by a model; linter and compiler held it to the request.';
const WORK_GIVEN = 'Spec, code, tests and review were given to this run and no model was asked; every gate ran over them.';

/** Who BUILD and REVIEW were to ask first, and who answered them. */
export interface Served {
  readonly first: { readonly build: string; readonly review: string };
  readonly build: readonly string[];
  readonly review: readonly string[];
}

/** A maker's own judgement is worth less: it shares the maker's blind spots. */
function reviewerOf({ first, build, review }: Served): string[] {
  const both = review.filter((name) => build.includes(name));
  const same = first.build === first.review;
  if (both.length === 0)
    return same && review.length > 0 ? [`REVIEW was set to ask the model that BUILD asks first, ${first.build} (same_reviewer).`] : [];
  const why = same ? 'as it was set to (same_reviewer)' : 'as the model that it was to ask first could not answer, or BUILD’s could not';
  return [
    `REVIEW was answered by ${both.join(', ')}, which answered BUILD too, ${why}: the change was not judged by another model than its maker.`,
  ];
}

function amendedBy({ amended }: Planned): string[] {
  if (amended === null) return [];
  const { by, reason, assumptions } = amended;
  const how = assumptions.length === 0 ? 'PLAN amended the Spec' : `PLAN decided it by ${assumptions.join(', ')}`;
  return [`${by} found, late: ${oneLine(reason, 300)}. ${how}.`];
}

/** How many replies a resumed run took over, for the PR. */
export function howTakenOver(from: string, { completions, replayed }: Pick<Usage, 'completions' | 'replayed'>): string {
  const drifted = replayed.filter((how) => how === 'drifted').length;
  const odd = drifted === 0 ? '' : ` (${drifted} of them recorded for another form of the question)`;
  return `went on from run ${from}: ${replayed.length} of ${completions} completions taken over from its recording${odd} at no further cost, the others answered live`;
}
