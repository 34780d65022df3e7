import { describe, expect, it } from 'vitest';
import { criteriaOfTests } from '../../../orchestrator/gates/criteria-of-tests.ts';
import { namesInterface } from '../../../orchestrator/gates/interface-names.ts';
import { type RedOnBaseInput, redOnBase } from '../../../orchestrator/gates/red-on-base.ts';
import { criterion, recordedRun, result, run, spec } from './support.ts';

const FILE = 'tests/test_discount.py';
const TAKES = `${FILE}::test_discount_takes_one`;
const AS_BEFORE = `${FILE}::test_price_is_as_before`;
const TESTS = [
  { id: TAKES, file: FILE, line: 1, criteria: ['C1'] },
  { id: AS_BEFORE, file: FILE, line: 9, criteria: ['C2'] },
];
const SPEC = spec([criterion('C1'), criterion('C2', 'preserved')], { interface: ['app.pricing:discount'] });

function judge(overrides: Partial<RedOnBaseInput> = {}) {
  const red = redOnBase({
    baseRun: recordedRun('new-on-base'),
    newTests: TESTS,
    spec: SPEC,
    baselinePassed: ['tests/test_pricing.py::test_price_doubles'],
    superseded: [],
    ...overrides,
  });
  return { ...red, fact: red.facts.find(({ name }) => name === 'every_criterion_red_on_base') };
}

describe('new tests on the untouched base', () => {
  it('prove a criterion by failing in the call phase; those that pass are guards', () => {
    const { outcomes, guards, criteria, facts } = judge();
    expect([...outcomes]).toEqual([
      [TAKES, 'red'],
      [AS_BEFORE, 'green'],
    ]);
    expect(guards).toEqual([AS_BEFORE]);
    expect(criteria.get(TAKES)).toEqual(['C1']);
    expect(facts.every(({ holds }) => holds)).toBe(true);
    expect(facts[1]?.evidence).toContain(`guards: ${AS_BEFORE}`);
  });

  it('are red as a whole when the file cannot import a name of the interface', () => {
    const baseRun = recordedRun('new-on-base-by-import');
    expect([...judge({ baseRun }).outcomes.values()]).toEqual(['red', 'red']);
    const other = judge({ baseRun, spec: { ...SPEC, interface: ['app.pricing:rebate'] } });
    expect([...other.outcomes.values()]).toEqual(['absent', 'absent']);
    expect(other.fact).toMatchObject({ code: 'new_tests_do_not_fail_on_base', words: expect.stringContaining('cannot import name') });
  });

  it('prove nothing when they are vacuous (G19)', () => {
    const baseRun = run([result(TAKES), result(AS_BEFORE)]);
    const { fact } = judge({ baseRun });
    expect(fact).toMatchObject({ holds: false, code: 'new_tests_do_not_fail_on_base', where: [{ path: FILE }] });
    expect(fact?.words).toContain(`${TAKES}: passes without the change`);
  });

  it('may be green beside a red one of the same criterion: a new route’s "unknown id" is a 404 on the base too', () => {
    const both = TESTS.map((test) => ({ ...test, criteria: ['C1'] }));
    expect(judge({ newTests: both, spec: spec([criterion('C1')]) }).fact).toMatchObject({ holds: true });
  });

  it.each([
    ['a fixture that is not there', result(TAKES, 'error', 'failed on setup with "fixture \'x\' not found"')],
    ['a skip', result(TAKES, 'skipped')],
    ['a set-up that fails', result(TAKES, 'error', 'E   RuntimeError: no db')],
  ])('are not red by %s', (_, test) => {
    expect(judge({ baseRun: run([test, result(AS_BEFORE)]) })).toMatchObject({
      outcomes: new Map([
        [TAKES, 'absent'],
        [AS_BEFORE, 'green'],
      ]),
      fact: { code: 'new_tests_do_not_fail_on_base' },
    });
  });

  it('are red by a set-up that misses a name of the interface', () => {
    const error = result(TAKES, 'error', "E   AttributeError: module 'app.pricing' has no attribute 'discount'");
    expect(judge({ baseRun: run([error, result(AS_BEFORE)]) }).outcomes.get(TAKES)).toBe('red');
  });

  it('must exist for every criterion (G20)', () => {
    for (const kind of ['new', 'changed'] as const) {
      const { fact } = judge({ spec: spec([criterion('C1'), criterion('C3', kind)]) });
      expect(fact).toMatchObject({ code: 'criterion_without_test', evidence: expect.stringContaining('no test cites C3') });
    }
  });

  it('need not exist for a preserved criterion as long as the base has a test that REVIEW can cite', () => {
    const none = { newTests: TESTS.slice(0, 1) };
    expect(judge(none).fact).toMatchObject({ holds: true, evidence: expect.stringContaining('C2 left to a base test') });
    expect(judge({ ...none, baselinePassed: [] }).fact).toMatchObject({ code: 'criterion_without_test' });
    expect(judge({ ...none, superseded: ['tests/test_pricing.py::test_price_doubles'] }).fact).toMatchObject({
      code: 'criterion_without_test',
    });
  });

  it('are not believed when the run’s exit code and report disagree', () => {
    expect(judge({ baseRun: { ...recordedRun('new-on-base'), exitCode: 0 } }).facts[0]).toMatchObject({
      name: 'base_run_agrees',
      code: 'exit_report_mismatch',
    });
    const gone = judge({ baseRun: recordedRun('g01-exit-in-test') });
    expect(gone.facts.map(({ code }) => code)).toEqual(['report_missing', 'new_tests_do_not_fail_on_base']);
  });

  it('fit the tests that are read from their files', () => {
    const content =
      'def test_discount_takes_one(amount):\n    """Criteria: C1"""\n\ndef test_price_is_as_before():\n    """Criteria: C2"""\n';
    const { tests } = criteriaOfTests([{ path: FILE, content }]);
    expect([...judge({ newTests: tests }).outcomes.values()]).toEqual(['red', 'green']);
  });
});

describe('an error names the interface', () => {
  it.each([
    ["ModuleNotFoundError: No module named 'app.pricing'", 'app.pricing:discount'],
    ["ImportError: cannot import name 'discount' from 'app.pricing' (/copy/app/pricing.py)", 'app.pricing:discount'],
    ["ImportError: cannot import name 'pricing' from 'app' (/copy/app/__init__.py)", 'app.pricing.discount'],
    ["AttributeError: module 'app.pricing' has no attribute 'discount'", 'app.pricing:discount'],
    ["AttributeError: 'Basket' object has no attribute 'total'", 'app.pricing:Basket.total'],
    ["AttributeError: type object 'Basket' has no attribute 'total'", 'app.pricing:Basket.total'],
  ])('%s', (message, name) => {
    expect(namesInterface(`E   ${message}`, [name])).toBe(true);
  });

  it.each([
    ["ModuleNotFoundError: No module named 'numpy'", 'app.pricing:discount'],
    ["ModuleNotFoundError: No module named 'app.pricing.more'", 'app.pricing:discount'],
    ["ImportError: cannot import name 'discount' from 'app.other'", 'app.pricing:discount'],
    ["AttributeError: 'dict' object has no attribute 'total'", 'app.pricing:Basket.total'],
    ["NameError: name 'discount' is not defined", 'app.pricing:discount'],
    ["ModuleNotFoundError: No module named 'app'", 'application:discount'],
  ])('and not by chance: %s', (message, name) => {
    expect(namesInterface(`E   ${message}`, [name])).toBe(false);
  });
});
