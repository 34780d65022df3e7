import type { Baseline, TestReport, TestResult } from '../domain/report.ts';
import type { Fact } from '../domain/verdict.ts';
import type { Canaries } from './canaries.ts';
import { broken, held } from './fact.ts';
import { namesInterface } from './interface-names.ts';
import { fileOfTest, isCovered, isCoveredByAny } from './test-ids.ts';
import { sourcePlaces } from './traceback.ts';
import { counted, named, shortened, trimmedWords } from './words.ts';

export interface RunInput {
  readonly report: TestReport;
  readonly canaries: Canaries;
  readonly baseline: Baseline;
  /** Base tests that a changed criterion replaces, by id, with or without parameters: listed, and they decide nothing. */
  readonly superseded: readonly string[];
  /** Id without parameters -> criteria it cites, of every test that the change adds. */
  readonly newTests: ReadonlyMap<string, readonly string[]>;
  /** Names that the change must bring: a test file that cannot import one of them is the source's fault. */
  readonly interface?: readonly string[];
}

/**
 * What the test run on the change proves. The first fact is whether it can be believed at all; without a readable report nothing else can be
 * said, so it then stands alone.
 */
export function runFacts(input: RunInput): Fact[] {
  const agree = exitFact(input.report);
  const { tests } = input.report;
  if (tests === null) return [agree];
  return [agree, ...[baseTestsFact, canariesFact, collectFact, skipsFact, newTestsFact].map((fact) => fact(input, tests))];
}

/** The exit code, as the engine reports it, is the one that the report implies: report_missing, exit_report_mismatch. */
export function exitFact({ exitCode, tests, collectionErrors, output }: TestReport): Fact {
  const name = 'exit_and_report_agree';
  if (tests === null)
    return broken(name, 'report_missing', `exit code ${exitCode}, and no readable report`, { words: shortened(output, 4000) });
  const failing = tests.filter(isFailing).length + collectionErrors.length;
  const expected = failing > 0 ? 1 : tests.length > 0 ? 0 : 5;
  const evidence = `exit code ${exitCode}, ${counted(tests.length, 'test')} reported, ${failing} of them failing`;
  return exitCode === expected
    ? held(name, evidence)
    : broken(name, 'exit_report_mismatch', `${evidence}: ${expected} was due`, { words: shortened(output, 4000) });
}

function baseTestsFact({ report, baseline, superseded }: RunInput, tests: readonly TestResult[]): Fact {
  const name = 'base_tests_still_pass';
  const due = baseline.passed.filter((id) => !baseline.flaky.includes(id) && !isCoveredByAny(id, superseded));
  const results = new Map(tests.map((test) => [test.id, test]));
  const uncollected = new Map(report.collectionErrors.map(({ file, message }) => [file, message]));
  const failing = due.flatMap((id) => results.get(id) ?? []).filter(isFailing);
  const lost = due.filter((id) => !results.has(id) && !results.has(fileOfTest(id)));
  const files = [...new Set(lost.map(fileOfTest))].filter((file) => uncollected.has(file));
  const missing = lost.filter((id) => !uncollected.has(fileOfTest(id)));
  const replaced = baseline.passed.filter((id) => isCoveredByAny(id, superseded));
  const apart = [
    ...(replaced.length === 0 ? [] : [`superseded: ${named(replaced)}`]),
    ...(baseline.flaky.length === 0 ? [] : [`flaky: ${named(baseline.flaky)}`]),
  ];
  const listed = apart.length === 0 ? '' : ` (apart from ${apart.join('; ')})`;
  if (failing.length + files.length + missing.length === 0) return held(name, `${counted(due.length, 'base test')} still pass${listed}`);
  const parts = [
    ...(failing.length === 0
      ? []
      : [`${failing.length} of ${counted(due.length, 'base test')} fail: ${named(failing.map(({ id }) => id))}`]),
    ...(files.length === 0 ? [] : [`${counted(files.length, 'base test file')} no longer collect: ${named(files)}`]),
    ...(missing.length === 0 ? [] : [`${missing.length} of ${counted(due.length, 'base test')} are not in the report: ${named(missing)}`]),
  ];
  const code = failing.length + files.length > 0 ? 'base_tests_broken' : 'baseline_tests_missing';
  return broken(name, code, `${parts.join('; ')}${listed}`, {
    where: [...failing.flatMap(placesOf), ...files.map((path) => ({ path }))],
    words: trimmedWords([
      ...failing.map((test) => wordsOf(test)),
      ...files.map((file) => `${file} does not collect\n${uncollected.get(file)}`),
    ]),
  });
}

function canariesFact({ canaries: { first, last } }: RunInput, tests: readonly TestResult[]): Fact {
  const name = 'canaries_failed';
  const outcomes = [first, last].map(({ test }) => tests.find(({ id }) => id === test)?.outcome ?? 'absent');
  if (outcomes.every((outcome) => outcome === 'failed')) return held(name, 'both planted tests failed, as they must');
  return broken(
    name,
    'canary_silent',
    `of two planted tests that must fail, the first is reported ${outcomes[0]}, the last ${outcomes[1]}`,
  );
}

function collectFact({ report, baseline, interface: names = [] }: RunInput): Fact {
  const name = 'new_tests_collect';
  const known = new Set([...baseline.passed, ...baseline.flaky].map(fileOfTest));
  const errors = report.collectionErrors.filter(({ file, message }) => !known.has(file) && !namesInterface(message, names));
  if (errors.length === 0) return held(name, 'every new test file collects');
  return broken(
    name,
    'tests_do_not_collect',
    `${counted(errors.length, 'new test file')} cannot be collected: ${named(errors.map(({ file }) => file))}`,
    {
      where: errors.map(({ file }) => ({ path: file })),
      words: trimmedWords(errors.map(({ file, message }) => `${file} does not collect\n${shortened(message, 1500)}`)),
    },
  );
}

function skipsFact({ baseline, superseded, newTests }: RunInput, tests: readonly TestResult[]): Fact {
  const name = 'no_test_is_skipped_anew';
  const passed = new Set(baseline.passed);
  const passedFiles = new Set(baseline.passed.map(fileOfTest));
  const newFiles = new Set([...newTests.keys()].map(fileOfTest));
  const isAnew = (id: string) => passed.has(id) || newFiles.has(fileOfTest(id)) || (!id.includes('::') && passedFiles.has(id));
  const skipped = tests.filter(({ id, outcome }) => outcome === 'skipped' && isAnew(id) && !isCoveredByAny(id, superseded));
  if (skipped.length === 0) return held(name, 'no test is skipped that ran before or is new');
  return broken(
    name,
    'tests_skipped',
    `${counted(skipped.length, 'test')} skipped that ran before or are new: ${named(skipped.map(({ id }) => id))}`,
    {
      where: skipped.map(({ id }) => ({ path: fileOfTest(id) })),
      words: trimmedWords(skipped.map(({ id, message, detail }) => `${id} is skipped: ${message} ${detail}`)),
    },
  );
}

function newTestsFact(
  { report, canaries: { first, last }, baseline, superseded, newTests, interface: names = [] }: RunInput,
  tests: readonly TestResult[],
): Fact {
  const name = 'new_tests_pass';
  const decidedElsewhere = new Set([first.test, last.test, ...baseline.passed, ...baseline.flaky, ...baseline.failed.map(({ id }) => id)]);
  const own = tests.filter(({ id }) => !decidedElsewhere.has(id) && !isCoveredByAny(id, superseded));
  const failing = own.filter(isFailing);
  const uncollected = report.collectionErrors.filter(({ file }) => [...newTests.keys()].some((id) => fileOfTest(id) === file));
  const unimported = uncollected.filter(({ message }) => namesInterface(message, names));
  const absent = [...newTests.keys()].filter(
    (id) => !own.some((test) => isCovered(test.id, id)) && !uncollected.some(({ file }) => file === fileOfTest(id)),
  );
  if (failing.length + unimported.length + absent.length === 0) return held(name, `${counted(own.length, 'new test')} pass`);
  const parts = [
    ...(failing.length === 0
      ? []
      : [`${failing.length} of ${counted(own.length, 'new test')} fail: ${named(failing.map(({ id }) => id))}`]),
    ...(unimported.length === 0 ? [] : [`${named(unimported.map(({ file }) => file))} cannot import a name that the Spec asks for`]),
    ...(absent.length === 0 ? [] : [`${counted(absent.length, 'new test')} not in the report: ${named(absent)}`]),
  ];
  return broken(name, 'tests_failed', parts.join('; '), {
    where: [
      ...failing.flatMap(placesOf),
      ...unimported.map(({ file }) => ({ path: file })),
      ...absent.map((id) => ({ path: fileOfTest(id) })),
    ],
    words: trimmedWords([
      ...failing.map((test) => wordsOf(test, criteriaOf(test.id, newTests))),
      ...unimported.map(({ file, message }) => `${file} does not collect\n${shortened(message, 1500)}`),
      ...absent.map((id) => `${id} did not run`),
    ]),
  });
}

function isFailing({ outcome }: TestResult): boolean {
  return outcome === 'failed' || outcome === 'error';
}

function criteriaOf(id: string, newTests: RunInput['newTests']): readonly string[] {
  for (const [test, criteria] of newTests) if (isCovered(id, test)) return criteria;
  return [];
}

function placesOf({ id, detail }: TestResult): { path: string; line?: number }[] {
  return [{ path: fileOfTest(id) }, ...sourcePlaces(detail, fileOfTest(id))];
}

function wordsOf({ id, message, detail }: TestResult, criteria: readonly string[] = []): string {
  const cites = criteria.length === 0 ? '' : ` (${criteria.join(', ')})`;
  return `${id}${cites}\n${shortened(detail === '' ? message : detail, 1200)}\n`;
}
