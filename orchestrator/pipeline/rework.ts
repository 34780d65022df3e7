import { Failure } from '../domain/failure.ts';
import type { Intervention } from '../domain/order-file.ts';
import { wayOn } from '../domain/ways-on.ts';
import type { Edges, ReworkEdge } from './line.ts';
import type { Cause, Returned, StageDefinition, StageId } from './stage.ts';

/** What a stage said of work that did not hold, or the failure that it ended with. */
export type Setback = { readonly kind: 'returned'; readonly returned: Returned } | { readonly kind: 'failed'; readonly failure: Failure };

/** Work on its way back; `used` of `budget` reworks are spent with it. */
export interface Rework {
  readonly returned: Returned;
  readonly to: StageId;
  readonly used: number;
  readonly budget: number;
}

/** Who gets work back in one run, and how often. */
export interface Reworks {
  readonly used: number;
  /**
   * Whose work it is now. Throws the failure that ends the run: of the stage, of a cause that goes to nobody, of an edge or budget that is
   * spent. Where a person stepped in for just that end, their words and the failure's own go back instead, and a budget is granted again.
   */
  back(stage: StageDefinition, setback: Setback): Rework;
}

export function openReworks(
  line: readonly StageDefinition[],
  options: { readonly edges: Edges; readonly budget: number; readonly interventions: readonly Intervention[] },
): Reworks {
  const { edges, interventions } = options;
  const taken = new Map<Cause, number>();
  let budget = options.budget;
  let used = 0;
  let stepped = 0;

  function byTheLine(returned: Returned): ReworkEdge | Failure {
    const { cause, code, reason } = returned;
    const edge = edges[cause];
    if (edge === null) return new Failure(code, reason);
    const times = (taken.get(cause) ?? 0) + 1;
    if (times > edge.most)
      return new Failure(edge.otherwise, edge.because === undefined ? `${code}: ${reason}` : `${reason}\n${edge.because}`);
    if (used >= budget) return new Failure('budget_reworks', `${budget} of ${budget} used; the last finding was ${code}: ${reason}`);
    taken.set(cause, times);
    return edge;
  }

  function byPerson(stage: StageDefinition, failure: Failure, finding: Returned | null): Rework {
    const person = interventions[stepped];
    if (person === undefined || person.code !== failure.code || person.stage !== stage.stage) throw failure;
    stepped += 1;
    used += 1;
    budget = used + person.reworks;
    const returned: Returned = {
      from: stage.id,
      cause: 'person',
      code: failure.code,
      reason: `a person says: ${person.words}`,
      words: `${finding?.words ?? failure.detail}\n\nA person who looked at this says:\n${person.words}`,
    };
    return { returned, to: ownerOf(stage, failure, finding), used, budget };
  }

  /** Never a stage further down the line: it could not have what it needs yet. */
  function ownerOf(stage: StageDefinition, { code }: Failure, finding: Returned | null): StageId {
    const { words } = wayOn(code);
    const byEdge = finding === null ? null : edges[finding.cause];
    const owner = words === 'itself' || words === null ? stage.id : words === 'owner' ? (byEdge?.to ?? 'BUILD') : words;
    const place = (wanted: StageId) => line.findIndex(({ id }) => id === wanted);
    return place(owner) <= place(stage.id) ? owner : stage.id;
  }

  return {
    get used() {
      return used;
    },
    back(stage, setback) {
      if (setback.kind === 'failed') return byPerson(stage, setback.failure, null);
      const edge = byTheLine(setback.returned);
      if (edge instanceof Failure) return byPerson(stage, edge, setback.returned);
      used += 1;
      return { returned: setback.returned, to: edge.to, used, budget };
    },
  };
}
