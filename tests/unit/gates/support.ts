import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import type { Protection } from '../../../orchestrator/domain/protection.ts';
import type { Baseline, TestReport, TestResult } from '../../../orchestrator/domain/report.ts';
import type { Criterion, Spec } from '../../../orchestrator/domain/spec.ts';
import type { TargetLayout } from '../../../orchestrator/domain/target.ts';
import { type Change, type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';
import type { Canaries } from '../../../orchestrator/gates/canaries.ts';
import { parseJunit } from '../../../orchestrator/gates/parse-junit.ts';

/** What real tools printed, recorded from the real images. */
export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

export function toolOutput(name: string): [stdout: string, stderr: string, exitCode: number] {
  const { stdout, stderr, exitCode } = JSON.parse(fixture(`${name}.json`));
  return [stdout, stderr, exitCode];
}

/** A recorded pytest run as the line would get it. */
export function recordedRun(name: string): TestReport {
  const { exitCode, output } = JSON.parse(fixture(`${name}.json`));
  const junit = existsSync(new URL(`fixtures/${name}.xml`, import.meta.url)) ? parseJunit(fixture(`${name}.xml`)) : null;
  return { exitCode, output, tests: junit?.tests ?? null, collectionErrors: junit?.collectionErrors ?? [], coverage: null };
}

/** The canaries that stand in the recorded runs of a change. */
export const CANARIES: Canaries = {
  first: {
    path: 'tests/test_basket_total_when_full.py',
    entry: textFile(''),
    test: 'tests/test_basket_total_when_full.py::test_total_when_full',
  },
  last: { path: 'tests/test_quota_size_on_retry.py', entry: textFile(''), test: 'tests/test_quota_size_on_retry.py::test_size_on_retry' },
};

export const LAYOUT: TargetLayout = { tests: 'tests', sources: ['app'], changelog: 'CHANGELOG.md' };

/** The list as shipped, which a target without a file of its own leaves as it is. */
export const PROTECTION: Protection = {
  list: loadPolicies(join(import.meta.dirname, '../../../policies')).protectedList,
  add: [],
  allow: [],
};

export function baseline(overrides: Partial<Baseline> = {}): Baseline {
  return { passed: [], failed: [], flaky: [], coverage: null, findings: [], unformatted: [], ms: 0, kept: false, ...overrides };
}

/** The baseline that goes with the recorded runs. */
export function recordedBaseline(): Baseline {
  return baseline({ passed: (recordedRun('base').tests ?? []).map(({ id }) => id) });
}

export function run(tests: readonly TestResult[], overrides: Partial<TestReport> = {}): TestReport {
  const failing = tests.some(({ outcome }) => outcome === 'failed' || outcome === 'error');
  return { exitCode: failing ? 1 : 0, tests, collectionErrors: [], output: '', coverage: null, ...overrides };
}

export function result(id: string, outcome: TestResult['outcome'] = 'passed', detail = ''): TestResult {
  return { id, outcome, message: detail.split('\n')[0] ?? '', detail };
}

export function tree(files: Readonly<Record<string, string>>): FileTree {
  return new Map(Object.entries(files).map(([path, text]) => [path, textFile(text)]));
}

export function added(path: string, text = 'x = 1\n'): Change {
  return { path, before: null, after: textFile(text) };
}

export function modified(path: string, before: string, after: string): Change {
  return { path, before: textFile(before), after: textFile(after) };
}

export function deleted(path: string, before = 'x = 1\n'): Change {
  return { path, before: textFile(before), after: null };
}

export function criterion(id: string, kind: Criterion['kind'] = 'new'): Criterion {
  return { id, kind, from: 'a sentence', rule: `WHEN ${id} THE API SHALL answer`, examples: [{ type: 'prose', text: 'an example' }] };
}

export function spec(criteria: readonly Criterion[], overrides: Partial<Spec> = {}): Spec {
  return {
    version: 1,
    title: 'A title',
    intent: 'why',
    touchpoints: [],
    interface: [],
    background: [],
    acceptance_criteria: [...criteria],
    constraints: [],
    out_of_scope: [],
    assumptions: [],
    supersedes: [],
    not_covered: [],
    changelog: { section: 'Added', text: 'A thing.' },
    ...overrides,
  };
}
