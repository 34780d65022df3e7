import { type Change, sameEntry } from '../../domain/tree.ts';
import type { Fact } from '../../domain/verdict.ts';
import { broken as brokenFact, held } from '../../gates/fact.ts';
import { counted } from '../../gates/words.ts';
import { broken, reasonOf, wordsOfFacts } from '../facts-words.ts';
import type { Ground, Planned } from '../products.ts';
import { withCompiled } from '../source-gate.ts';
import { stage } from '../stage.ts';
import type { TestGate } from '../test-gate.ts';
import type { OnBehalf, Toolbox } from '../toolbox.ts';

/**
 * TEST, writing, where the tests are given: what they prove on the base is seen by running them, no model is asked. The examples of the Spec
 * are compiled again: they are laid beside tests that come without them, and what was given in their place must be just that.
 */
export const givenTests = (gate: TestGate, toolbox: Toolbox, given: readonly Change[]) =>
  stage({
    id: 'TEST-writing',
    stage: 'TEST',
    needs: ['planned', 'ground', 'baseline', 'brief'],
    gives: 'tests',
    async run({ planned, ground, baseline, brief }, attempt) {
      const superseded = [...planned.spec.supersedes, ...brief.superseded].map(({ test }) => test);
      const who = { stage: 'TEST', attempt: attempt.number } as const;
      const { changes, fact } = await withExamples(given, planned, ground, () => formatted(toolbox, planned, ground, who));
      // Nobody is there to mend a guard: whether it holds anything is seen when the change is taken apart.
      const judged = await gate.onBase({ ground, baseline, planned, changes, superseded, guardsMayWait: true, who });
      const written = { ...judged, facts: [fact, ...judged.facts] };
      const [first] = broken(written.facts);
      if (first !== undefined) {
        const code = first.code ?? 'new_tests_do_not_fail_on_base';
        const words = wordsOfFacts(written.facts);
        return { kind: 'returned', returned: { from: 'TEST-writing', cause: 'tests', code, reason: reasonOf(written.facts), words } };
      }
      const outcomes = [...written.onBase.values()];
      const red = outcomes.filter((outcome) => outcome === 'red').length;
      return {
        kind: 'done',
        product: written,
        summary: `given, no model was asked: ${counted(outcomes.length, 'new test')}, ${red} red on base`,
      };
    },
  });

async function withExamples(
  given: readonly Change[],
  planned: Planned,
  { tree }: Ground,
  examples: () => Promise<Change[]>,
): Promise<{ changes: readonly Change[]; fact: Fact }> {
  const name = 'compiled_examples_are_the_specs';
  const { path, tests } = planned.compiled;
  const there = given.find((change) => change.path === path);
  if (tests.length === 0) return { changes: given, fact: held(name, 'the Spec has no example that is data') };
  if (there !== undefined && sameEntry(there.after, withCompiled(tree, planned).get(path) ?? null))
    return { changes: given, fact: held(name, `compiled again: ${path} is the same`) };
  const compiled = await examples();
  const changes = [...given.filter((change) => change !== there), ...compiled].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (there === undefined) return { changes, fact: held(name, `compiled: ${path}`) };
  if (sameEntry(there.after, compiled[0]?.after ?? null))
    return { changes: given, fact: held(name, `compiled again: ${path} is the same`) };
  const where = [{ path }];
  return { changes: given, fact: brokenFact(name, 'protected_path', `${path} is not what the examples of the Spec compile to`, { where }) };
}

/** The compiled examples as a change of the base, formatted like everything else that is new. */
async function formatted(toolbox: Toolbox, planned: Planned, { tree }: Ground, who: OnBehalf): Promise<Change[]> {
  const { path } = planned.compiled;
  const after = (await toolbox.format(withCompiled(tree, planned), [path], who)).get(path) ?? null;
  return [{ path, before: tree.get(path) ?? null, after }];
}
