import { renderBrief } from '../../domain/brief-text.ts';
import { Failure } from '../../domain/failure.ts';
import { renderSpec } from '../../domain/spec/markdown.ts';
import { applyChanges, type Change, diffTrees, type FileTree, filterTree } from '../../domain/tree.ts';
import type { BuildTurn } from '../../domain/turns.ts';
import { buildTurnSchema } from '../../domain/turns.ts';
import { counted } from '../../gates/words.ts';
import type { Agents } from '../agents.ts';
import type { Ground } from '../products.ts';
import { EXCERPT_CHARS } from '../sizes.ts';
import { type SourceGate, withCompiled } from '../source-gate.ts';
import { type Attempt, type Returned, stage } from '../stage.ts';
import { belongsToTests } from '../test-files.ts';
import type { Toolbox } from '../toolbox.ts';
import { touched } from '../touched.ts';
import type { Volume, Workspace } from '../workspace.ts';

/**
 * BUILD: the source patch, from the Spec, the brief and the lines it names. The work is writable, the tests are mounted read-only. What is
 * handed over is checked with the real tools up to `checks` times before the line's gates decide; that is no rework.
 */
export const build = (
  agents: Agents,
  workspace: Workspace,
  toolbox: Toolbox,
  gate: SourceGate,
  options: { checks: number; onCheck: (attempt: number, words: string | null) => void },
) => {
  let before: readonly Change[] = [];
  return stage({
    id: 'BUILD',
    stage: 'BUILD',
    needs: ['planned', 'brief', 'ground', 'card', 'baseline'],
    gives: 'source',
    async run({ planned, brief, ground, card, baseline }, attempt: Attempt) {
      const who = { stage: 'BUILD', attempt: attempt.number } as const;
      const { layout, tree } = ground;
      const inTests = (path: string) => layout.tests !== null && belongsToTests(path, layout);
      const baseSource = filterTree(tree, (path) => !inTests(path));
      const start = attempt.returned === null ? baseSource : applyChanges(baseSource, before);
      const testsTree = withoutPrefix(filterTree(withCompiled(tree, planned), inTests), layout.tests);
      const work = await workspace.volume({
        purpose: 'work',
        tree: start,
        folders: layout.tests === null ? [] : [layout.tests],
        sizeFrom: 'build',
      });
      const tests = layout.tests === null ? null : await workspace.volume({ purpose: 'tests', tree: testsTree, sizeFrom: 'build' });
      let source: readonly Change[] = [];
      let checksLeft = options.checks;

      /** Take the work out, format it, and check it with the real tools as long as checks are left. */
      async function judge(last: BuildTurn): Promise<{ accepted: true } | { accepted: false; words: string }> {
        if (last.dispute !== null) return { accepted: true };
        source = await takeOut(work, ground, baseSource, toolbox, baseline.unformatted, who);
        if (source.length === 0 && checksLeft > 0) {
          checksLeft -= 1;
          return { accepted: false, words: 'Nothing has changed in the source yet.' };
        }
        if (checksLeft === 0) return { accepted: true };
        checksLeft -= 1;
        const superseded = [...planned.spec.supersedes, ...brief.superseded].map(({ test }) => test);
        const words = await gate.check({ ground, card, baseline, source, planned, superseded, who });
        options.onCheck(attempt.number, words);
        return words === null ? { accepted: true } : { accepted: false, words };
      }

      try {
        const { last } = await agents.run({
          kind: 'build',
          stage: 'BUILD',
          attempt: attempt.number,
          schema: buildTurnSchema,
          opening: {
            spec: renderSpec(planned.spec),
            brief: renderBrief(brief, tree, EXCERPT_CHARS),
            tests_folder: layout.tests ?? '(beside the code)',
          },
          words: attempt.returned === null ? null : returnedWords(attempt.returned),
          volumes: { work: work.name, ...(tests === null ? {} : { tests: tests.name }) },
          testsFolder: layout.tests,
          roots: { work: '/work' },
          judge,
          maxHandOvers: options.checks + 1,
        });
        if (last.dispute !== null) return { kind: 'returned', returned: disputed(last.dispute, attempt, planned.compiled.path) };
        if (source.length === 0) throw new Failure('patch_empty', 'BUILD handed over without changing a source file');
        before = source;
        return {
          kind: 'done',
          product: source,
          summary: `${counted(source.length, 'file')} changed, ${counted(options.checks - checksLeft, 'check')}`,
        };
      } finally {
        await work.dispose();
        await tests?.dispose();
      }
    },
  });
};

async function takeOut(
  work: Volume,
  ground: Ground,
  baseSource: FileTree,
  toolbox: Toolbox,
  unformatted: readonly string[],
  who: { stage: 'BUILD'; attempt: number },
): Promise<Change[]> {
  const exported = await work.export({ base: baseSource });
  const changes = diffTrees(baseSource, exported);
  const ours = touched(changes).filter((path) => path.endsWith('.py') && !unformatted.includes(path));
  const formatted = await toolbox.format(applyChanges(ground.tree, changes), ours, who);
  return changes.map((change) => (change.after === null ? change : { ...change, after: formatted.get(change.path) ?? change.after }));
}

/** A dispute about a test that TEST's writer wrote goes to it; every other one is about the Spec. */
function disputed(dispute: NonNullable<BuildTurn['dispute']>, attempt: Attempt, compiledPath: string): Returned {
  const reason = `${dispute.about}, ${dispute.path}:${dispute.line}: ${dispute.what}`;
  const aboutTest =
    attempt.returned?.from === 'TEST-running' && dispute.path !== compiledPath && /(^|\/)test_|_test\.py$/.test(dispute.path);
  return aboutTest
    ? {
        from: 'BUILD',
        cause: 'test_disputed',
        code: 'tests_failed',
        reason,
        words: `The builder disputes a test of yours by the Spec: ${reason}\nCorrect it if the Spec says so, or hand it over unchanged.`,
      }
    : { from: 'BUILD', cause: 'dispute', code: 'spec_ambiguous', reason, words: `BUILD disputes ${reason}` };
}

function returnedWords({ from, words }: Returned): string {
  return `${from} found fault with the change. The files are as you left them (formatted since).\n\n${words}\n\nMend the source, or dispute by citing the Spec.`;
}

function withoutPrefix(tree: FileTree, folder: string | null): FileTree {
  return folder === null ? tree : new Map([...tree].map(([path, entry]) => [path.slice(folder.length + 1), entry]));
}
