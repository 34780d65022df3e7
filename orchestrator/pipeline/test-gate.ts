import { addedLines, parsePatch } from '../domain/patch.ts';
import type { Baseline, TestReport } from '../domain/report.ts';
import { applyChanges, type Change, type FileTree, readText } from '../domain/tree.ts';
import type { Fact } from '../domain/verdict.ts';
import { type CalledByCanary, canaries } from '../gates/canaries.ts';
import { coverageFact } from '../gates/coverage.ts';
import { type CoverageControl, coverageControlFact, plantControls, withoutControls } from '../gates/coverage-control.ts';
import { criteriaOfTests } from '../gates/criteria-of-tests.ts';
import { costing } from '../gates/fact.ts';
import { PLACES } from '../gates/places.ts';
import { protectedPathFact } from '../gates/protected-paths.ts';
import { redOnBase } from '../gates/red-on-base.ts';
import { runFacts } from '../gates/run-facts.ts';
import { suppressionFact } from '../gates/suppressions.ts';
import { validateFacts } from '../gates/validate.ts';
import type { Repository } from '../ports/repository.ts';
import { broken } from './facts-words.ts';
import type { Ground, Planned, WrittenTests } from './products.ts';
import { testFilesOf } from './test-files.ts';
import { together } from './together.ts';
import { type OnBehalf, pythonFiles, type Toolbox } from './toolbox.ts';
import { touched } from './touched.ts';

/** Judges tests: what they prove on the base, and what they say about the change. */
export interface TestGate {
  /** Only test files, each test cites a criterion, clean by ruff, and every new or changed criterion red on the base. */
  onBase(input: {
    ground: Ground;
    baseline: Baseline;
    planned: Planned;
    changes: readonly Change[];
    superseded: readonly string[];
    guardsMayWait?: boolean;
    who: OnBehalf;
  }): Promise<WrittenTests>;
  /** The run that decides: canaries, the base's tests, the new tests, coverage, ruff and mypy on the tests. */
  onHead(input: {
    ground: Ground;
    baseline: Baseline;
    head: FileTree;
    tests: WrittenTests;
    superseded: readonly string[];
    interface: readonly string[];
    who: OnBehalf;
  }): Promise<{ report: TestReport; facts: Fact[] }>;
}

export function testGate(toolbox: Toolbox, repository: Repository, random: () => number): TestGate {
  return {
    async onBase({ ground, baseline, planned, changes, superseded, guardsMayWait = false, who }) {
      const writers = changes.filter(({ path }) => path !== planned.compiled.path);
      const paths = protectedPathFact(writers, {
        role: 'tests',
        layout: ground.layout,
        protection: ground.protection,
        superseded,
        compiled: planned.compiled.path,
      });
      if (!paths.holds) return { changes, onBase: new Map(), criteria: new Map(), facts: [paths] };
      const tree = applyChanges(ground.tree, changes);
      const files = touched(changes);
      const citing = criteriaOfTests(
        files.map((path) => ({ path, content: readText(tree, path) ?? '' })),
        planned.spec,
      );
      const [reports, report] = await together([
        toolbox.validate(tree, { lint: files, types: [] }, who),
        toolbox.test(tree, files, who, 'unmeasured'),
      ]);
      const red = redOnBase({
        baseRun: report,
        newTests: citing.tests,
        spec: planned.spec,
        baselinePassed: baseline.passed,
        superseded,
        guardsMayWait,
      });
      return {
        changes,
        onBase: red.outcomes,
        criteria: red.criteria,
        byGuards: red.byGuards,
        facts: [
          paths,
          citing.fact,
          ...validateFacts({ reports, baseline, expected: ['ruff', 'format'] }),
          suppressionFact(changes, ground.layout),
          ...costing(red.facts, report.ms),
        ],
      };
    },

    async onHead({ ground, baseline, head, tests, superseded, interface: names, who }) {
      const newFiles = touched(tests.changes);
      const controlled = plantControls(head, ground.layout, random, baseline.coverage);
      const planted = canaries(random, ground.layout.tests ?? '.', new Set(head.keys()), calledIn(controlled.controls));
      const tree = new Map([...controlled.tree, [planted.first.path, planted.first.entry], [planted.last.path, planted.last.entry]]);
      const files = [planted.first.path, ...testFilesOf(head, ground.layout), planted.last.path];
      const [reports, report, diff] = await together([
        toolbox.validate(head, { lint: newFiles, types: pythonFiles(head) }, who),
        toolbox.test(tree, files, who, 'measured'),
        repository.diff(ground.base, ground.tree, head),
      ]);
      const coverage = report.coverage === null ? null : withoutControls(report.coverage, controlled.controls);
      const facts = [
        ...validateFacts({ reports, baseline }),
        ...costing(
          [
            ...runFacts({ report, canaries: planted, baseline, superseded, newTests: tests.criteria, interface: names }),
            ...(report.coverage === null ? [] : [coverageControlFact(report.coverage, controlled.controls)]),
            coverageFact({ head: coverage, base: baseline.coverage, added: addedLines(parsePatch(diff)) }),
          ],
          report.ms,
        ),
      ];
      return { report: { ...report, coverage }, facts };
    },
  };
}

function calledIn(controls: readonly CoverageControl[]): CalledByCanary[] {
  return controls.flatMap(({ path, called }) => (called === null ? [] : [{ file: `${PLACES.copy}/${path}`, name: called.name }]));
}

/** Whether the faults lie in test files only: then they go back to TEST's writer, else to BUILD. */
export function faultOfTests(facts: readonly Fact[], tests: WrittenTests): boolean {
  const own = new Set(touched(tests.changes));
  const wrong = broken(facts);
  const inTests = (fact: Fact) =>
    fact.code === 'tests_do_not_collect' ||
    fact.code === 'tests_skipped' ||
    fact.code === 'new_tests_do_not_fail_on_base' ||
    (fact.code === 'validate_failed' && (fact.where ?? []).length > 0 && (fact.where ?? []).every(({ path }) => own.has(path)));
  return wrong.length > 0 && wrong.every(inTests);
}
