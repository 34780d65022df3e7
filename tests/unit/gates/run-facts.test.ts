import { describe, expect, it } from 'vitest';
import type { TestReport } from '../../../orchestrator/domain/report.ts';
import { exitFact, type RunInput, runFacts } from '../../../orchestrator/gates/run-facts.ts';
import { baseline, CANARIES, recordedBaseline, recordedRun, result, run } from './support.ts';

const NEW = new Map([
  ['tests/test_discount.py::test_discount_takes_one', ['C1']],
  ['tests/test_discount.py::test_price_is_as_before', ['C2']],
]);

function facts(report: TestReport, overrides: Partial<RunInput> = {}) {
  return runFacts({ report, canaries: CANARIES, baseline: recordedBaseline(), superseded: [], newTests: NEW, ...overrides });
}

const broken = (report: TestReport, overrides: Partial<RunInput> = {}) => facts(report, overrides).filter(({ holds }) => !holds);
const codes = (report: TestReport, overrides: Partial<RunInput> = {}) =>
  broken(report, overrides).map(({ name, code }) => `${name} ${code}`);

/** A run like the recorded one of an honest change, with some results replaced or left out (null). */
function altered(changes: Readonly<Record<string, ReturnType<typeof result> | null>>, overrides: Partial<TestReport> = {}): TestReport {
  const tests = recordedRun('head').tests ?? [];
  return run(
    tests.flatMap((test) => (test.id in changes ? (changes[test.id] ?? []) : test)),
    overrides,
  );
}

const [DOUBLES = '', , , ZERO = ''] = recordedBaseline().passed;

describe('a recorded run of an honest change', () => {
  it('makes every fact hold, with the figures', () => {
    const all = facts(recordedRun('head'));
    expect(all.map(({ name, holds, evidence }) => [name, holds, evidence])).toEqual([
      ['exit_and_report_agree', true, 'exit code 1, 9 tests reported, 2 of them failing'],
      ['base_tests_still_pass', true, '4 base tests still pass'],
      ['canaries_failed', true, 'both planted tests failed, as they must'],
      ['new_tests_collect', true, 'every new test file collects'],
      ['no_test_is_skipped_anew', true, 'no test is skipped that ran before or is new'],
      ['new_tests_pass', true, '3 new tests pass'],
    ]);
  });
});

describe('a recorded run that was tampered with', () => {
  it('ends as report_missing when a test ends the process (G01)', () => {
    expect(codes(recordedRun('g01-exit-in-test'))).toEqual(['exit_and_report_agree report_missing']);
  });

  it('ends as exit_report_mismatch when the app turns the exit code (G02)', () => {
    expect(codes(recordedRun('g02-atexit-in-app'))).toEqual(['exit_and_report_agree exit_report_mismatch']);
  });

  it('ends as baseline_tests_missing when the report is forged (G03)', () => {
    expect(codes(recordedRun('g03-forged-junit'), { newTests: new Map([['tests/test_discount.py::test_forged', ['C1']]]) })).toEqual([
      'base_tests_still_pass baseline_tests_missing',
      'canaries_failed canary_silent',
    ]);
  });

  it('ends as canary_silent when the forger lists every test it could know', () => {
    const forged = altered({ [CANARIES.first.test]: result(CANARIES.first.test), [CANARIES.last.test]: result(CANARIES.last.test) });
    expect(forged.exitCode).toBe(0);
    expect(codes(forged)).toEqual(['canaries_failed canary_silent']);
  });

  it('ends as tests_skipped when a new test is skipped (G18)', () => {
    expect(codes(recordedRun('g18-skips'))).toEqual(['no_test_is_skipped_anew tests_skipped']);
  });
});

describe('the exit code', () => {
  it('must be the one that the report implies', () => {
    const passing = [result('tests/test_a.py::test_a')];
    const failing = [result('tests/test_a.py::test_a', 'failed')];
    expect(exitFact(run(passing)).holds).toBe(true);
    expect(exitFact(run([], { exitCode: 5 })).holds).toBe(true);
    expect(exitFact(run([], { exitCode: 1, collectionErrors: [{ file: 'a', message: '' }] })).holds).toBe(true);
    for (const exitCode of [1, 2, 3, 4, 5, 97, 137])
      expect(exitFact(run(passing, { exitCode }))).toMatchObject({ code: 'exit_report_mismatch' });
    for (const exitCode of [0, 2, 137]) expect(exitFact(run(failing, { exitCode }))).toMatchObject({ code: 'exit_report_mismatch' });
  });
});

describe('each canary', () => {
  it.each(['first', 'last'] as const)('must fail in the call phase: %s', (which) => {
    const id = CANARIES[which].test;
    for (const other of [null, result(id), result(id, 'skipped'), result(id, 'error')]) {
      expect(codes(altered({ [id]: other }))).toContain('canaries_failed canary_silent');
    }
  });
});

describe('the tests of the base', () => {
  it('must pass: a failing one is told with its words and the source line', () => {
    const report = recordedRun('head-wrong-value');
    const fact = broken(report).find(({ name }) => name === 'base_tests_still_pass');
    expect(fact).toMatchObject({
      code: 'base_tests_broken',
      evidence: expect.stringContaining('1 of 4 base tests fail: tests/test_pricing.py::TestSmall::test_zero'),
    });
    expect(fact?.words).toContain('assert 7 == 0');
    expect(fact?.where).toContainEqual({ path: 'tests/test_pricing.py' });
  });

  it('must be in the report', () => {
    expect(codes(altered({ [ZERO]: null }))).toEqual(['base_tests_still_pass baseline_tests_missing']);
  });

  it('must not be skipped now', () => {
    expect(codes(altered({ [ZERO]: result(ZERO, 'skipped') }))).toEqual(['no_test_is_skipped_anew tests_skipped']);
    const whole = altered({ [DOUBLES]: result('tests/test_pricing.py', 'skipped'), [ZERO]: null });
    expect(codes(whole)).toContain('no_test_is_skipped_anew tests_skipped');
  });

  it('are broken, not missing, when the change keeps their file from being imported', () => {
    const fact = broken(recordedRun('head-app-does-not-import')).find(({ name }) => name === 'base_tests_still_pass');
    expect(fact).toMatchObject({ code: 'base_tests_broken', where: [{ path: 'tests/test_pricing.py' }] });
    expect(fact?.words).toContain("No module named 'nowhere'");
  });

  it('decide nothing when they are flaky or superseded, and are listed', () => {
    const failing = altered({ [ZERO]: result(ZERO, 'failed') });
    expect(codes(failing)).toHaveLength(1);
    const flaky = facts(failing, { baseline: { ...recordedBaseline(), flaky: [ZERO] } });
    const superseded = facts(failing, { superseded: [ZERO] });
    for (const all of [flaky, superseded]) {
      expect(all.every(({ holds }) => holds)).toBe(true);
      expect(all[1]?.evidence).toContain(ZERO);
    }
  });

  it('are not superseded by naming a whole file or class', () => {
    const failing = altered({ [ZERO]: result(ZERO, 'failed') });
    const skipped = altered({ [ZERO]: result('tests/test_pricing.py', 'skipped') });
    for (const wide of ['tests/test_pricing.py', 'tests/test_pricing.py::TestSmall', 'tests']) {
      expect(codes(failing, { superseded: [wide] })).toEqual(['base_tests_still_pass base_tests_broken']);
      expect(codes(skipped, { superseded: [wide] })).toContain('no_test_is_skipped_anew tests_skipped');
    }
  });

  it('that were skipped or failing on the base may stay so', () => {
    const report = run([
      ...(recordedRun('head').tests ?? []),
      result('tests/test_pricing.py::test_slow', 'skipped'),
      result('tests/test_pricing.py::test_red', 'failed'),
    ]);
    expect(codes(report, { baseline: { ...recordedBaseline(), failed: [result('tests/test_pricing.py::test_red', 'failed')] } })).toEqual(
      [],
    );
  });
});

describe('new tests', () => {
  it('must pass: each failing one is told with its criteria, its words and the places to look at', () => {
    const fact = broken(recordedRun('head-wrong-value')).find(({ name }) => name === 'new_tests_pass');
    expect(fact).toMatchObject({ code: 'tests_failed', evidence: expect.stringContaining('2 of 3 new tests fail') });
    expect(fact?.words).toContain('tests/test_discount.py::test_discount_takes_one[1-1] (C1)');
    expect(fact?.words).toContain('assert 0 == 1');
    expect(fact?.where).toContainEqual({ path: 'tests/test_discount.py' });
  });

  it('name the source line that the traceback passes through', () => {
    const detail =
      'tests/test_discount.py:9: in test_a\n    x()\n/opt/venv/lib/python3.13/site-packages/httpx.py:3: in get\napp/pricing.py:12: in price\n    raise KeyError\nE   KeyError';
    const id = 'tests/test_discount.py::test_price_is_as_before';
    const fact = broken(altered({ [id]: result(id, 'failed', detail) }))[0];
    expect(fact?.where).toEqual([{ path: 'tests/test_discount.py' }, { path: 'app/pricing.py', line: 12 }]);
  });

  it('must be in the report', () => {
    const id = 'tests/test_discount.py::test_price_is_as_before';
    expect(broken(altered({ [id]: null }))).toMatchObject([
      { code: 'tests_failed', evidence: expect.stringContaining(`1 new test not in the report: ${id}`) },
    ]);
  });

  it('count also where no list knows them', () => {
    const report = run([...(recordedRun('head').tests ?? []), result('tests/test_pricing.py::test_made_at_run_time', 'failed')]);
    expect(codes(report)).toEqual(['new_tests_pass tests_failed']);
  });

  it('must collect', () => {
    const fact = broken(recordedRun('head-syntax-error-in-test'))[0];
    expect(codes(recordedRun('head-syntax-error-in-test'))).toEqual(['new_tests_collect tests_do_not_collect']);
    expect(fact).toMatchObject({
      where: [{ path: 'tests/test_discount.py' }],
      words: expect.stringContaining('SyntaxError: invalid syntax'),
    });
  });

  it('that cannot import a name of the Spec’s interface are the source’s fault', () => {
    const message = "E   ImportError: cannot import name 'discount' from 'app.pricing' (/copy/app/pricing.py)";
    const without = altered({
      'tests/test_discount.py::test_discount_takes_one[1-1]': null,
      'tests/test_discount.py::test_discount_takes_one[5-9]': null,
      'tests/test_discount.py::test_price_is_as_before': null,
    });
    const report = { ...without, collectionErrors: [{ file: 'tests/test_discount.py', message }] };
    expect(codes(report, { interface: ['app.pricing:discount'] })).toEqual(['new_tests_pass tests_failed']);
    expect(codes(report, { interface: ['app.pricing:rebate'] })).toEqual(['new_tests_collect tests_do_not_collect']);
  });
});

it('An empty baseline proves nothing about the base, and every canary still counts', () => {
  expect(codes(run([]), { baseline: baseline(), newTests: new Map() })).toEqual([
    'exit_and_report_agree exit_report_mismatch',
    'canaries_failed canary_silent',
  ]);
});
