import { Failure } from '../domain/failure.ts';
import type { Json } from '../domain/json.ts';
import { type Baseline, baselineSchema, type TestReport } from '../domain/report.ts';

import { plantControls, withoutControls } from '../gates/coverage-control.ts';
import type { Keep } from '../ports/keep.ts';
import type { Ground } from './products.ts';
import { testFilesOf } from './test-files.ts';
import { together } from './together.ts';
import { pythonFiles, type Toolbox } from './toolbox.ts';

const WHO = { stage: 'baseline', attempt: 1 } as const;

/**
 * The target's own suite, twice on the untouched base, and what the tools find there: all at no cost, before any model is asked. Kept by
 * tree and image ids. Throws `no_tests` and `baseline_red`.
 */
export async function takeBaseline(toolbox: Toolbox, ground: Ground, keep: Keep, key: string): Promise<Baseline> {
  const kept = baselineSchema.safeParse(keep.get(key));
  const types = keep.getBytes(key);
  if (kept.success && types !== null) {
    toolbox.useTypes(types);
    return { ...kept.data, kept: true };
  }
  const { baseline, cache } = await measure(toolbox, ground);
  if (cache !== null) {
    toolbox.useTypes(cache);
    keep.putBytes(key, cache);
  }
  keep.put(key, JSON.parse(JSON.stringify(baseline)) as Json);
  return baseline;
}

async function measure(toolbox: Toolbox, { tree, layout }: Ground): Promise<{ baseline: Baseline; cache: Uint8Array | null }> {
  const started = Date.now();
  const tests = testFilesOf(tree, layout);
  if (tests.length === 0) throw new Failure('no_tests', 'no file named test_*.py was found in the target');
  const files = pythonFiles(tree);
  // Planted in one of the two runs: a test that minds planted functions differs, and then decides nothing.
  const controlled = plantControls(tree, layout, () => 0);
  const [first, second, linted, typed] = await together([
    toolbox.test(controlled.tree, tests, WHO, 'measured'),
    toolbox.test(tree, tests, WHO, 'unmeasured'),
    toolbox.validate(tree, { lint: files, types: [] }, WHO),
    toolbox.types(tree, files, WHO),
  ]);
  const outcomes = [outcomesOf(first), outcomesOf(second)] as const;
  const ids = [...new Set([...outcomes[0].keys(), ...outcomes[1].keys()])].sort();
  const flaky = ids.filter((id) => outcomes[0].get(id) !== outcomes[1].get(id));
  const steady = ids.filter((id) => !flaky.includes(id));
  const failed = (first.tests ?? []).filter(({ id, outcome }) => steady.includes(id) && (outcome === 'failed' || outcome === 'error'));
  if (failed.length > 0 || first.collectionErrors.length > 0) throw new Failure('baseline_red', red(failed, first));
  const passed = steady.filter((id) => outcomes[0].get(id) === 'passed');
  if (passed.length === 0) throw new Failure('no_tests', 'no test of the target passes steadily');
  const reports = [...linted, typed.report];
  const baseline = {
    passed,
    failed,
    flaky,
    coverage: first.coverage === null ? null : withoutControls(first.coverage, controlled.controls),
    findings: reports.flatMap(({ findings }) => findings),
    unformatted: reports.filter(({ tool }) => tool === 'format').flatMap(({ findings }) => findings.map(({ path }) => path)),
    ms: Date.now() - started,
    kept: false,
  };
  return { baseline, cache: typed.cache };
}

function outcomesOf(report: TestReport): Map<string, string> {
  if (report.tests === null)
    throw new Failure(
      'baseline_red',
      `the test run on the untouched base ended with exit code ${report.exitCode} and no report: ${report.output.slice(-800)}`,
    );
  return new Map(report.tests.map(({ id, outcome }) => [id, outcome]));
}

/** Most tests and files that are named. */
const MOST_NAMED = 20;

function red(failed: readonly { id: string; message: string }[], report: TestReport): string {
  const files = report.collectionErrors.map(({ file, message }) => `${file} does not collect: ${firstLine(message)}`);
  const tests = failed.map(({ id, message }) => `${id}: ${firstLine(message)}`);
  const named = [...files, ...tests];
  const more = named.length > MOST_NAMED ? [`and ${named.length - MOST_NAMED} more`] : [];
  const tell = (n: number, one: string, many: string) => (n === 0 ? [] : [n === 1 ? `1 ${one}` : `${n} ${many}`]);
  const counts = [
    ...tell(failed.length, 'test fails', 'tests fail'),
    ...tell(files.length, 'test file does not collect', 'test files do not collect'),
  ];
  return [`on the untouched base ${counts.join(', ')}:`, ...[...named.slice(0, MOST_NAMED), ...more].map((line) => `  ${line}`)].join('\n');
}

function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? '').trim().slice(0, 200);
}
