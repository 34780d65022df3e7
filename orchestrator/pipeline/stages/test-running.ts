import type { Baseline, TestReport } from '../../domain/report.ts';
import { applyChanges } from '../../domain/tree.ts';
import { withChangelog } from '../changelog.ts';
import { broken, reasonOf, wordsOfFacts } from '../facts-words.ts';
import type { WrittenTests } from '../products.ts';
import { stage } from '../stage.ts';
import { faultOfTests, type TestGate } from '../test-gate.ts';

/** TEST, running: pytest with coverage over a throw-away copy of base, source and tests; no agent. The host ANDs the facts. */
export const testRunning = (gate: TestGate) =>
  stage({
    id: 'TEST-running',
    stage: 'TEST',
    needs: ['ground', 'baseline', 'planned', 'brief', 'source', 'tests'],
    gives: 'tested',
    async run({ ground, baseline, planned, brief, source, tests }, attempt) {
      const head = withChangelog(applyChanges(applyChanges(ground.tree, source), tests.changes), planned.spec, ground.layout);
      const superseded = [...planned.spec.supersedes, ...brief.superseded].map(({ test }) => test);
      const who = { stage: 'TEST', attempt: attempt.number } as const;
      const { report, facts } = await gate.onHead({ ground, baseline, head, tests, superseded, interface: planned.spec.interface, who });
      const [first] = broken(facts);
      if (first !== undefined) {
        const cause = faultOfTests(facts, tests) ? 'tests' : 'source';
        return {
          kind: 'returned',
          returned: {
            from: 'TEST-running',
            cause,
            code: first.code ?? 'tests_failed',
            reason: reasonOf(facts),
            words: wordsOfFacts(facts),
          },
        };
      }
      const all = [...tests.facts, ...facts];
      return { kind: 'done', product: { head, report, facts: all }, summary: summaryOf(tests, report, baseline) };
    },
  });

function summaryOf(tests: WrittenTests, report: TestReport, baseline: Baseline): string {
  const red = [...tests.onBase.values()].filter((outcome) => outcome === 'red').length;
  const coverage = report.coverage === null ? '' : `; coverage ${report.coverage.percent.toFixed(0)} %`;
  return `${red} new tests red on base, green on change; ${baseline.passed.length} old pass${coverage}`;
}
