import { renderCard } from '../../domain/card-text.ts';
import { renderSpec } from '../../domain/spec/markdown.ts';
import { applyChanges, type Change, diffTrees, type FileTree, filterTree, sameEntry } from '../../domain/tree.ts';
import { testTurnSchema } from '../../domain/turns.ts';
import { counted } from '../../gates/words.ts';
import type { Agents } from '../agents.ts';
import { broken, reasonOf, wordsOfFacts } from '../facts-words.ts';
import type { WrittenTests } from '../products.ts';
import { CARD_CHARS } from '../sizes.ts';
import { withCompiled } from '../source-gate.ts';
import { stage } from '../stage.ts';
import { belongsToTests } from '../test-files.ts';
import type { TestGate } from '../test-gate.ts';
import type { Toolbox } from '../toolbox.ts';
import { touched } from '../touched.ts';
import type { Workspace } from '../workspace.ts';

/** Tests that prove nothing go back to their writer twice within the attempt. */
const HAND_OVERS = 3;

/**
 * TEST, writing: from the base and the Spec, never from BUILD's code. The base's source is mounted read-only, the tests are writable.
 * What is handed over must be red on the base before anything else is asked of it.
 */
export const testWriting = (agents: Agents, workspace: Workspace, toolbox: Toolbox, gate: TestGate) => {
  let before: readonly Change[] = [];
  return stage({
    id: 'TEST-writing',
    stage: 'TEST',
    needs: ['planned', 'ground', 'card', 'baseline', 'brief'],
    gives: 'tests',
    async run({ planned, ground, card, baseline, brief }, attempt) {
      const who = { stage: 'TEST', attempt: attempt.number } as const;
      const { layout, tree } = ground;
      const compiledTree = withCompiled(tree, planned);
      const inTests = (path: string) => belongsToTests(path, layout);
      const start = attempt.returned === null ? compiledTree : applyChanges(compiledTree, before);
      const superseded = [...planned.spec.supersedes, ...brief.superseded].map(({ test }) => test);
      const base = await workspace.volume({ purpose: 'base', tree, sizeFrom: 'test-writing' });
      const tests =
        layout.tests === null
          ? null
          : await workspace.volume({ purpose: 'tests', tree: rebased(filterTree(start, inTests), layout.tests), sizeFrom: 'test-writing' });
      let handedOver: readonly Change[] = [];
      let written: WrittenTests = { changes: [], onBase: new Map(), criteria: new Map(), facts: [] };

      async function judge(): Promise<{ accepted: true } | { accepted: false; words: string }> {
        const left =
          tests === null || layout.tests === null
            ? null
            : prefixed(await tests.export({ base: rebased(filterTree(start, inTests), layout.tests) }), layout.tests);
        // The compiled examples are the host's: whatever was done to them in the container is undone.
        const exported = withCompiled(left ?? filterTree(start, inTests), planned);
        const raw = diffTrees(filterTree(tree, inTests), exported);
        const formatted = await toolbox.format(
          applyChanges(tree, raw),
          touched(raw).filter((path) => path.endsWith('.py')),
          who,
        );
        const changes = raw.map((change) =>
          change.after === null ? change : { ...change, after: formatted.get(change.path) ?? change.after },
        );
        // The same tests once more: their writer has been told that these guards prove nothing yet, and stands by them.
        const guardsMayWait = sameChanges(changes, handedOver);
        handedOver = changes;
        written = await gate.onBase({ ground, baseline, planned, changes, superseded, guardsMayWait, who });
        return broken(written.facts).length === 0 ? { accepted: true } : { accepted: false, words: wordsOfFacts(written.facts) };
      }

      try {
        const { accepted } = await agents.run({
          kind: 'test-writing',
          stage: 'TEST',
          attempt: attempt.number,
          schema: testTurnSchema,
          opening: {
            spec: renderSpec(planned.spec),
            card: renderCard(card, { budgetChars: CARD_CHARS }),
            compiled_path: planned.compiled.path,
            compiled: planned.compiled.content,
            prose: planned.compiled.prose.map(({ criterion, text }) => `- ${criterion}: ${text}`).join('\n') || '(none)',
            tests_folder: layout.tests ?? '.',
          },
          words: attempt.returned === null ? null : `${attempt.returned.words}\nMend the tests.`,
          volumes: { base: base.name, ...(tests === null ? {} : { tests: tests.name }) },
          testsFolder: layout.tests,
          roots: { work: '/work' },
          writeUnder: layout.tests,
          judge,
          maxHandOvers: HAND_OVERS,
        });
        before = written.changes;
        const [first] = broken(written.facts);
        if (!accepted && first !== undefined) {
          const returned = {
            from: 'TEST-writing',
            cause: 'tests',
            code: first.code ?? 'new_tests_do_not_fail_on_base',
            reason: reasonOf(written.facts),
            words: wordsOfFacts(written.facts),
          } as const;
          return { kind: 'returned', returned };
        }
        const outcomes = [...written.onBase.values()];
        const red = outcomes.filter((outcome) => outcome === 'red').length;
        return {
          kind: 'done',
          product: written,
          summary: `${counted(outcomes.length, 'new test')}, ${red} red on base, ${counted(outcomes.length - red, 'guard')}`,
        };
      } finally {
        await base.dispose();
        await tests?.dispose();
      }
    },
  });
};

function sameChanges(some: readonly Change[], others: readonly Change[]): boolean {
  return some.length === others.length && some.every(({ path, after }, i) => path === others[i]?.path && sameEntry(after, others[i].after));
}

function rebased(tree: FileTree, folder: string): FileTree {
  return new Map([...tree].map(([path, entry]) => [path.slice(folder.length + 1), entry]));
}

function prefixed(tree: FileTree, folder: string): FileTree {
  return new Map([...tree].map(([path, entry]) => [`${folder}/${path}`, entry]));
}
