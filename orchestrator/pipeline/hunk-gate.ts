import type { TargetCard } from '../domain/card.ts';
import { CATALOGUE, Failure, type FailureCode } from '../domain/failure.ts';
import { type HunkOutcome, placeOfHunk, type SplitFile, takeApart, type VariantRun } from '../domain/hunks.ts';
import { addedLines, deletedLines, parsePatch } from '../domain/patch.ts';
import { renderSpec } from '../domain/spec/markdown.ts';
import type { Spec } from '../domain/spec.ts';
import { applyChanges, type Change, type FileTree, readText } from '../domain/tree.ts';
import type { Fact } from '../domain/verdict.ts';
import { costing } from '../gates/fact.ts';
import { finerPieces, planFiner } from '../gates/hunks/finer.ts';
import { hunkOutcomes } from '../gates/hunks/outcomes.ts';
import { pythonPieces } from '../gates/hunks/pieces.ts';
import { newRoutes, type Route, routesOf } from '../gates/hunks/routes.ts';
import { unrequested } from '../gates/hunks/unrequested.ts';
import { planVariants, type VariantPlan } from '../gates/hunks/variants.ts';
import { guardsFact, hunksFact } from '../gates/hunks.ts';
import { counted } from '../gates/words.ts';
import type { Repository } from '../ports/repository.ts';
import type { Ground, WrittenTests } from './products.ts';
import { together } from './together.ts';
import type { OnBehalf, Toolbox } from './toolbox.ts';
import { touched } from './touched.ts';

export interface HunkInput {
  readonly ground: Ground;
  readonly card: TargetCard;
  readonly request: string;
  readonly spec: Spec;
  readonly source: readonly Change[];
  readonly tests: WrittenTests;
  readonly head: FileTree;
  readonly who: OnBehalf;
}

export interface TakenApart {
  readonly hunks: readonly HunkOutcome[];
  /** Single statements that were taken out for the sake of criteria that only guards stand for; empty where the hunks sufficed. */
  readonly steps: readonly HunkOutcome[];
  /** Milliseconds of the container that ran the variants; null where none was needed. */
  readonly ms: number | null;
  readonly facts: readonly Fact[];
}

/** Takes each hunk of the source patch out of a head that is green, and judges what nobody misses. */
export interface HunkGate {
  takeOut(input: HunkInput): Promise<TakenApart>;
}

export function hunkGate(toolbox: Toolbox, repository: Repository): HunkGate {
  return {
    async takeOut({ ground, card, request, spec, source, tests, head, who }) {
      const patches = parsePatch(await repository.diff(ground.base, ground.tree, applyChanges(ground.tree, source)));
      const lines = { changes: source, added: addedLines(patches), deleted: deletedLines(patches) };
      const files = takeApart({ ...lines, split: pythonPieces });
      const newTests = [...tests.criteria.keys()];
      const outcomesOf = async (of: readonly SplitFile[], plan: VariantPlan) => {
        const ran = plan.variants.length === 0 ? NOTHING : await runVariants(toolbox, head, plan.changes, touched(tests.changes), who);
        return { hunks: hunkOutcomes({ files: of, plan, runs: ran.runs, newTests }), ms: ran.ms };
      };
      const [{ hunks, ms }, routes] = await together([outcomesOf(files, planVariants(files)), routesOfBoth(toolbox, card, head, who)]);
      const guarding = { spec, criteria: tests.criteria };
      const judged = guardsFact(tests.byGuards ?? [], { ...guarding, outcomes: hunks });
      const finer = takeApart({ ...lines, split: finerPieces });
      const steps = judged?.holds === false ? stepsOf((await outcomesOf(finer, planFiner(files, finer))).hunks) : [];
      const wanted = `${request}\n${renderSpec(spec)}`;
      const written = tests.changes.map(({ path, after }) => (after === null ? '' : (readText(new Map([[path, after]]), path) ?? '')));
      const found = unrequested({
        files,
        outcomes: hunks,
        base: ground.tree,
        routes: 'unavailable' in routes ? null : routes,
        asked: [wanted, ...written].join('\n'),
        spec: wanted,
      });
      const guards = guardsFact(tests.byGuards ?? [], { ...guarding, outcomes: [...hunks, ...steps] });
      const facts = [hunksFact(hunks, found, routesText(routes)), ...(guards === null ? [] : [guards])];
      return { hunks, steps, ms, facts: costing(facts, ms ?? undefined) };
    },
  };
}

const NOTHING = { runs: [], ms: null };

/** Those that were run, known by their place: their numbers are others than those of the hunks. */
function stepsOf(outcomes: readonly HunkOutcome[]): HunkOutcome[] {
  return outcomes.filter(({ ms }) => ms !== null).map((outcome) => ({ ...outcome, id: placeOfHunk(outcome) }));
}

async function runVariants(
  toolbox: Toolbox,
  head: FileTree,
  variants: readonly (readonly (readonly Change[])[])[],
  files: readonly string[],
  who: OnBehalf,
): Promise<{ runs: readonly VariantRun[] | { failed: string }; ms: number }> {
  const began = Date.now();
  const limited = (error: unknown): { failed: string } => {
    // The head is green already. That a part of it taken out uses up a limit says nothing against the change.
    if (error instanceof Failure && LIMITS.has(error.code)) return { failed: `${CATALOGUE[error.code].sentence} ${error.detail}` };
    throw error;
  };
  const runs = await toolbox.variants(head, variants, files, who).catch(limited);
  return { runs, ms: Date.now() - began };
}

const LIMITS: ReadonlySet<FailureCode> = new Set([
  'resource_oom',
  'resource_time',
  'resource_disk',
  'resource_pids',
  'protocol_line_too_long',
]);

type Routes = { readonly base: readonly Route[]; readonly head: readonly Route[] } | { readonly unavailable: string };

/** What the app says it answers, before and after. An app that could not be asked on the base is not asked again. */
async function routesOfBoth(toolbox: Toolbox, card: TargetCard, head: FileTree, who: OnBehalf): Promise<Routes> {
  const base = routesOf(card);
  if ('unavailable' in base) return base;
  const now = routesOf(await toolbox.card(head, who));
  return 'unavailable' in now ? now : { base, head: now };
}

function routesText(routes: Routes): string {
  if ('unavailable' in routes) return 'new routes by the words in the source alone: the app could not be asked for them';
  return `${counted(newRoutes(routes.base, routes.head).length, 'new route')} by the app’s own account`;
}
