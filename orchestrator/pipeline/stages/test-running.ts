import { type HunkOutcome, provenHunks } from '../../domain/hunks.ts';
import type { Baseline, TestReport } from '../../domain/report.ts';
import { applyChanges } from '../../domain/tree.ts';
import type { Fact } from '../../domain/verdict.ts';
import { withChangelog } from '../changelog.ts';
import { broken, reasonOf, wordsOfFacts } from '../facts-words.ts';
import type { HunkGate } from '../hunk-gate.ts';
import type { WrittenTests } from '../products.ts';
import { type Returned, stage } from '../stage.ts';
import { faultOfTests, type TestGate } from '../test-gate.ts';

/**
 * TEST, running: pytest with coverage over a throw-away copy of base, source and tests; no agent. When that is green, each hunk of the source is
 * taken out and the new tests run without it. The host ANDs the facts.
 */
export const testRunning = (gate: TestGate, hunkGate: HunkGate) =>
  stage({
    id: 'TEST-running',
    stage: 'TEST',
    needs: ['request', 'ground', 'card', 'baseline', 'planned', 'brief', 'source', 'tests'],
    gives: 'tested',
    async run({ request, ground, card, baseline, planned: { spec }, brief, source, tests }, attempt) {
      const head = withChangelog(applyChanges(applyChanges(ground.tree, source), tests.changes), spec, ground.layout);
      const superseded = [...spec.supersedes, ...brief.superseded].map(({ test }) => test);
      const who = { stage: 'TEST', attempt: attempt.number } as const;
      const { report, facts } = await gate.onHead({ ground, baseline, head, tests, superseded, interface: spec.interface, who });
      // Lines that no test runs may be lines that nobody asked for: only when the change is taken apart is it known which.
      if (broken(facts).some(({ code }) => code !== 'coverage_low')) {
        const product = { head, report, hunks: [], steps: [], hunksMs: null, facts: [...tests.facts, ...facts] };
        return { kind: 'returned', product, returned: returned(facts, tests) };
      }
      const apart = await hunkGate.takeOut({ ground, card, request, spec, source, tests, head, who });
      const product = {
        head,
        report,
        hunks: apart.hunks,
        steps: apart.steps,
        hunksMs: apart.ms,
        facts: [...tests.facts, ...facts, ...apart.facts],
      };
      const last = [...apart.facts, ...facts];
      if (broken(last).length > 0) return { kind: 'returned', product, returned: returned(last, tests) };
      return { kind: 'done', product, summary: summaryOf(tests, report, baseline, apart.hunks) };
    },
  });

function returned(facts: readonly Fact[], tests: WrittenTests): Returned {
  return {
    from: 'TEST-running',
    cause: faultOfTests(facts, tests) ? 'tests' : 'source',
    code: broken(facts)[0]?.code ?? 'tests_failed',
    reason: reasonOf(facts),
    words: wordsOfFacts(facts),
  };
}

function summaryOf(tests: WrittenTests, report: TestReport, baseline: Baseline, hunks: readonly HunkOutcome[]): string {
  const red = [...tests.onBase.values()].filter((outcome) => outcome === 'red').length;
  const coverage = report.coverage === null ? [] : [`coverage ${report.coverage.percent.toFixed(0)} %`];
  const proven = provenHunks(hunks);
  return [
    `${red} new tests red on base, green on change`,
    `${baseline.passed.length} old pass`,
    ...coverage,
    ...(proven === null ? [] : [proven]),
  ].join('; ');
}
