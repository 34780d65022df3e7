import { renderChangedFiles } from '../../domain/changed-files-text.ts';
import { Failure } from '../../domain/failure.ts';
import type { FilePatch } from '../../domain/patch.ts';
import { renderSpec } from '../../domain/spec/markdown.ts';
import type { Spec } from '../../domain/spec.ts';
import type { TargetLayout } from '../../domain/target.ts';
import { filterTree } from '../../domain/tree.ts';
import { reviewTurnSchema } from '../../domain/turns.ts';
import { unprovenText } from '../../gates/hunks.ts';
import type { Repository } from '../../ports/repository.ts';
import type { Agents } from '../agents.ts';
import { openJudging } from '../judge-review.ts';
import { DIFF_CHARS, FILES_CHARS } from '../sizes.ts';
import { stage } from '../stage.ts';
import { belongsToTests } from '../test-files.ts';
import type { Workspace } from '../workspace.ts';

/** Citations that do not exist go back to the reviewer once; a verdict is never asked for twice. */
const HAND_OVERS = 2;

/** REVIEW: another model, fresh: request, Spec and diff; not BUILD's words, not the brief. It may say no. */
export const review = (agents: Agents, workspace: Workspace, repository: Repository) =>
  stage({
    id: 'REVIEW',
    stage: 'REVIEW',
    needs: ['request', 'planned', 'ground', 'tests', 'tested'],
    gives: 'reviewed',
    async run({ request, planned, ground, tests, tested }, attempt) {
      const { spec, compiled } = planned;
      const judging = await openJudging(repository, { planned, ground, tests, tested });
      // The compiled examples are in the Spec already, in fewer words.
      const shown = await repository.diff(
        ground.base,
        ground.tree,
        filterTree(tested.head, (path) => path !== compiled.path),
      );
      const base = await workspace.volume({ purpose: 'base', tree: ground.tree, sizeFrom: 'review' });
      const head = await workspace.volume({ purpose: 'head', tree: tested.head, sizeFrom: 'review' });
      try {
        const { last } = await agents.run({
          kind: 'review',
          stage: 'REVIEW',
          attempt: attempt.number,
          schema: reviewTurnSchema,
          opening: {
            request,
            spec: renderSpec(spec),
            compiled_path: compiled.path,
            diff: shown.length <= DIFF_CHARS ? shown : `${shown.slice(0, DIFF_CHARS)}\n(cut; read the files under head/)`,
            files: renderChangedFiles(sourceFiles(judging.patches, ground.layout), tested.head, FILES_CHARS),
            tests: `${testsByCriterion(spec, tests.criteria)}${unprovenText(tested.hunks)}`,
          },
          words: null,
          volumes: { base: base.name, head: head.name },
          testsFolder: ground.layout.tests,
          roots: { base: '/base', head: '/head' },
          judge: async ({ review }) => {
            if (review === null) return { accepted: false, words: 'There is no review.' };
            const fact = judging.fact(review);
            return fact.code === 'review_uncited'
              ? {
                  accepted: false,
                  words: `${fact.evidence}\nAnswer with the whole review, citing lines that the diff adds or deletes (numbers of the file, not of the diff) or, for a preserved criterion, a passing test.`,
                }
              : { accepted: true };
          },
          maxHandOvers: HAND_OVERS,
        });
        if (last.review === null) throw new Failure('review_uncited', 'REVIEW gave no verdict');
        return judging.outcome(last.review);
      } finally {
        await base.dispose();
        await head.dispose();
      }
    },
  });

/** Changed Python files that are still there and are no tests. */
function sourceFiles(patches: readonly FilePatch[], layout: TargetLayout): string[] {
  return patches.map(({ path }) => path).filter((path) => path.endsWith('.py') && !belongsToTests(path, layout));
}

function testsByCriterion(spec: Spec, criteria: ReadonlyMap<string, readonly string[]>): string {
  const of = (id: string) => [...criteria].filter(([, cited]) => cited.includes(id)).map(([test]) => test);
  return spec.acceptance_criteria.map(({ id }) => `- ${id}: ${of(id).join(', ') || '(none)'}`).join('\n');
}
