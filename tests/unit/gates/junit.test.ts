import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJunit } from '../../../orchestrator/gates/parse-junit.ts';
import { fixture } from './support.ts';

const odd = parseJunit(fixture('odd-tests.xml'), ['tests/test_x.py']);
const of = (id: string) => odd?.tests.find((test) => test.id === id);

const suite = (cases: string) =>
  `<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest">${cases}</testsuite></testsuites>`;

describe('a JUnit file of pytest', () => {
  it('gives ids as pytest writes them: parameters, classes, inherited and decorated tests', () => {
    expect(odd?.tests.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'tests/test_x.py::test_p[a::b[c]]',
        'tests/test_x.py::test_p[x/y.py]',
        'tests/test_x.py::test_p[\\xe9\\n]',
        'tests/test_x.py::test_deco',
        'tests/test_x.py::TestA::test_shared',
        'tests/test_x.py::TestA::TestIn::test_in',
        'tests/test_x.py::Old::test_u',
      ]),
    );
  });

  it('finds the file of a test whose code stands elsewhere also without the list of files', () => {
    expect(parseJunit(fixture('odd-tests.xml'))?.tests.map(({ id }) => id)).toEqual(odd?.tests.map(({ id }) => id));
  });

  it('tells a failure from an error in set-up or teardown, and both from a skip', () => {
    expect(of('tests/test_x.py::test_no')?.outcome).toBe('failed');
    expect(of('tests/test_x.py::test_setup')).toMatchObject({ outcome: 'error', message: 'failed on setup with "RuntimeError: no db"' });
    expect(of('tests/test_x.py::test_teardown')?.outcome).toBe('error');
    expect(of('tests/test_x.py::test_skip')?.outcome).toBe('skipped');
    expect(of('tests/test_x.py::test_xf')?.outcome).toBe('skipped');
    expect(of('tests/test_x.py::test_xp')?.outcome).toBe('failed');
    expect(of('tests/test_x.py::test_subtests')?.outcome).toBe('failed');
    expect(of('tests/test_x.py::test_ok')).toEqual({ id: 'tests/test_x.py::test_ok', outcome: 'passed', message: '', detail: '' });
  });

  it('has a test that fails twice once, as failed', () => {
    expect(odd?.tests.filter(({ id }) => id === 'tests/test_x.py::test_both').map(({ outcome }) => outcome)).toEqual(['failed']);
  });

  it('gives the first line of the message and the text, references resolved', () => {
    expect(of('tests/test_x.py::test_no')).toMatchObject({
      message: 'AssertionError: one & <two>',
      detail: expect.stringContaining('E   AssertionError: one & <two>\n'),
    });
  });

  it('has files that do not collect apart, and a file that is skipped whole as skipped', () => {
    expect(odd?.collectionErrors.map(({ file }) => file)).toEqual(['tests/test_imp.py', 'tests/sub/test_syn.py']);
    expect(odd?.collectionErrors[0]?.message).toContain("ModuleNotFoundError: No module named 'app.pricing'");
    expect(of('tests/sub/test_skipmod.py')?.outcome).toBe('skipped');
  });
});

describe('what is no JUnit file', () => {
  const entity = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${suite('<testcase classname="t" name="&b;"/>').slice(38)}`;
  it.each([
    ['nothing', ''],
    ['text', 'passed'],
    ['a cut file', fixture('head.xml').slice(0, -40)],
    ['a file with entities of its own', entity],
    ['an external entity', '<!doctype x SYSTEM "file:///etc/passwd"><testsuites/>'],
    ['another document', '<testsuite><testcase classname="a" name="b"/></testsuite>'],
    ['a test without a name', suite('<testcase classname="a"/>')],
    ['a nest without end', `${'<a>'.repeat(50_000)}`],
    ['a deep but closed nest', suite(`${'<a>'.repeat(3000)}${'</a>'.repeat(3000)}`)],
    ['bytes that are no text', '\u0000\u0001'],
  ])('is null: %s', (_, text) => {
    expect(parseJunit(text)).toBeNull();
  });

  it('is null past 32 MB', () => {
    expect(parseJunit(new Uint8Array(32_000_001))).toBeNull();
  });

  it('leaves references that it does not know as they are', () => {
    expect(
      parseJunit(suite('<testcase classname="tests.test_a" name="test_b[&amp;lt;&unknown;&#65;&#x110000;]" file="tests/test_a.py"/>'))
        ?.tests[0]?.id,
    ).toBe('tests/test_a.py::test_b[&lt;&unknown;A&#x110000;]');
  });

  it('never throws and never pollutes', () => {
    parseJunit(suite('<testcase classname="__proto__" name="constructor"><__proto__ polluted="1"/></testcase>'));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('<', '>', '/', '"', '=', '&', ';', 'testcase', 'testsuites', ' name', 'a', '![CDATA[', ']]', '!--', '?'),
        }),
        (text) => {
          parseJunit(text);
        },
      ),
      { numRuns: 200 },
    );
  });
});
