/** What taking the source patch apart proves: fact 8, and the part of fact 4 that depends on it. */
import { type HunkOutcome, placeOfHunk, provenHunks } from '../domain/hunks.ts';
import type { Spec } from '../domain/spec.ts';
import type { Fact } from '../domain/verdict.ts';
import { broken, held } from './fact.ts';
import type { Unrequested } from './hunks/unrequested.ts';
import { fileOfTest } from './test-ids.ts';
import { named, shortened, trimmedWords } from './words.ts';

/** How much of a hunk's own text goes back to BUILD, in characters. */
const HUNK_CHARS = 1200;

/**
 * Every hunk of the source patch is missed by a new test when it is taken out, or is named as unproven. Code unrequested_change where the change
 * brings a route, a dependency or a public name that nobody asked for.
 */
export function hunksFact(outcomes: readonly HunkOutcome[], unrequested: readonly Unrequested[], routes: string): Fact {
  const name = 'every_hunk_earns_its_place';
  const unproven = outcomes.filter(({ state }) => state === 'unproven');
  const silent = outcomes.filter(({ state }) => state === 'no_code').length;
  const evidence = [
    provenHunks(outcomes) ?? 'no hunk changes a statement',
    ...(unproven.length === 0 ? [] : [`unproven: ${named(unproven.map(placeOfHunk))}`]),
    ...(silent === 0 ? [] : [`${silent} more without code`]),
    routes,
  ].join('; ');
  if (unrequested.length === 0) return held(name, evidence);
  return broken(
    name,
    'unrequested_change',
    `${named(
      unrequested.map(({ what }) => what),
      3,
    )} (${evidence})`,
    {
      where: unrequested.flatMap(({ path, line }) => (path === null ? [] : [{ path, ...(line === null ? {} : { line }) }])),
      words: trimmedWords([
        ...unrequested.map(({ what, hunk }) => `${what}${hunk === null ? '' : `:\n${shortened(hunk.after.join('').trim(), HUNK_CHARS)}`}`),
        'If the Spec asks for it, it is for TEST to prove: dispute, citing the criterion. Else take it out.',
      ]),
    },
  );
}

/**
 * Criteria that only guards stand for, tests that pass on the base too: each has one that fails when some hunk is taken out. null where there is
 * no such criterion. Code new_tests_do_not_fail_on_base.
 */
export function guardsFact(
  byGuards: readonly string[],
  { spec, criteria, outcomes }: { spec: Spec; criteria: ReadonlyMap<string, readonly string[]>; outcomes: readonly HunkOutcome[] },
): Fact | null {
  const name = 'guards_miss_a_hunk';
  if (byGuards.length === 0) return null;
  const citing = (criterion: string) => [...criteria].filter(([, cited]) => cited.includes(criterion)).map(([test]) => test);
  const holding = (criterion: string) =>
    citing(criterion).flatMap((test) =>
      outcomes
        .filter(({ missedBy }) => missedBy.includes(test))
        .slice(0, 1)
        .map((hunk) => `${criterion} by ${test}, which fails without ${placeOfHunk(hunk)}`),
    );
  const unheld = spec.acceptance_criteria.filter(({ id }) => byGuards.includes(id) && holding(id).length === 0);
  if (unheld.length === 0) return held(name, named(byGuards.flatMap((id) => holding(id).slice(0, 1))));
  const blamed = unheld.flatMap(({ id }) => citing(id));
  return broken(
    name,
    'new_tests_do_not_fail_on_base',
    `no test of ${named(unheld.map(({ id }) => id))} fails without the change or without a hunk of it`,
    {
      where: [...new Set(blamed.map(fileOfTest))].map((path) => ({ path })),
      words: trimmedWords(
        unheld.flatMap(({ id, rule }) => [
          `${id} has no test that fails on the base, and none that fails when a part of the change is taken out. It says: ${rule}`,
          ...citing(id).map((test) => `  ${test}: passes without the change`),
        ]),
      ),
    },
  );
}

/** Ids of the hunks that a test, by id without parameters, fails without. */
export function hunksMissedBy(test: string, outcomes: readonly HunkOutcome[]): string[] {
  return outcomes.filter(({ missedBy }) => missedBy.includes(test)).map(({ id }) => id);
}

/** What REVIEW is told beside the tests; empty where every hunk is proven. */
export function unprovenText(outcomes: readonly HunkOutcome[]): string {
  const unproven = outcomes.filter(({ state }) => state === 'unproven');
  if (unproven.length === 0) return '';
  const lines = unproven.map((outcome) => `- ${placeOfHunk(outcome)}: ${outcome.note ?? 'no new test misses it'}`);
  return `\n\nParts of the source change that no new test was seen to need (does the request?):\n${lines.join('\n')}`;
}
