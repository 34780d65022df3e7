import { describe, expect, it } from 'vitest';
import type { Citation, Review } from '../../../orchestrator/domain/turns.ts';
import { type CitationInput, citationFact, notesOf } from '../../../orchestrator/gates/citations.ts';
import { proofs } from '../../../orchestrator/gates/proof.ts';
import { criterion, spec } from './support.ts';

const SPEC = spec([criterion('C1'), criterion('C2', 'preserved')], { assumptions: [{ id: 'A1', text: 'x' }] });
const INPUT: CitationInput = {
  spec: SPEC,
  added: new Map([['app/a.py', new Set([3, 4])]]),
  deleted: new Map([['app/a.py', new Set([7])]]),
  passingTests: ['tests/test_a.py::test_a[1]', 'tests/test_a.py::test_b'],
};

const line = (number: number, path = 'app/a.py'): Citation => ({ kind: 'added', path, line: number });
const test = (id: string): Citation => ({ kind: 'test', test: id });
const judged = (id: string, citations: Citation[], holds = true) => ({ id, holds, why: 'because', citations });
const review = (criteria: Review['criteria'], overrides: Partial<Review> = {}): Review => ({
  verdict: 'approve',
  criteria,
  findings: [],
  ...overrides,
});
const finding = (about: string | null) => ({ about, path: 'app/a.py', line: 3, what: 'wrong status' });

const GOOD = [judged('C1', [line(3)]), judged('C2', [test('tests/test_a.py::test_a')])];

describe('an approval of REVIEW', () => {
  it('holds when every criterion has a citation that exists', () => {
    expect(citationFact(review(GOOD), INPUT)).toMatchObject({ holds: true, evidence: 'approve, 2 of 2 criteria cited' });
    expect(citationFact(review([judged('C1', [{ kind: 'deleted', path: 'app/a.py', line: 7 }]), GOOD[1] as never]), INPUT).holds).toBe(
      true,
    );
  });

  it('lists citations that do not exist beside one that does', () => {
    const fact = citationFact(review([judged('C1', [line(99), line(4)]), GOOD[1] as never]), INPUT);
    expect(fact).toMatchObject({ holds: true, evidence: expect.stringContaining('citations that do not exist: C1 app/a.py:99') });
  });

  it.each([
    ['a line that the change does not add', [line(5)]],
    ['the line beside one', [line(2)]],
    ['a line of another file', [line(3, 'app/b.py')]],
    ['a deleted line as an added one', [line(7)]],
    ['a passing test, for what is new', [test('tests/test_a.py::test_b')]],
    ['nothing', []],
  ])('proves nothing by citing %s', (_, citations) => {
    expect(citationFact(review([judged('C1', citations), GOOD[1] as never]), INPUT)).toMatchObject({
      holds: false,
      code: 'review_uncited',
      words: expect.stringContaining('C1'),
    });
  });

  it.each(['tests/test_a.py::test_gone', 'tests/test_a.py', 'tests'])('proves nothing preserved by %s', (id) => {
    expect(citationFact(review([GOOD[0] as never, judged('C2', [test(id)])]), INPUT)).toMatchObject({ code: 'review_uncited' });
  });

  it('needs a passing test for a preserved criterion unless a new test cites it', () => {
    const byLine = review([GOOD[0] as never, judged('C2', [line(3)])]);
    expect(citationFact(byLine, INPUT)).toMatchObject({ code: 'review_uncited' });
    expect(citationFact(byLine, { ...INPUT, criteria: new Map([['tests/test_a.py::test_b', ['C2']]]) }).holds).toBe(true);
  });

  it('must judge every criterion', () => {
    expect(citationFact(review(GOOD.slice(0, 1)), INPUT)).toMatchObject({ code: 'review_uncited', words: 'C2 is not judged' });
  });
});

describe('a no of REVIEW', () => {
  it('is a verdict, a criterion that does not hold, or a finding with a Spec id', () => {
    const noes = [
      review(GOOD, { verdict: 'reject' }),
      review([judged('C1', [line(3)], false), GOOD[1] as never]),
      review(GOOD, { findings: [finding('C1')] }),
      review(GOOD, { findings: [finding(' c1 ')] }),
      review(GOOD, { findings: [finding('A1')] }),
    ];
    for (const no of noes) expect(citationFact(no, INPUT)).toMatchObject({ holds: false, code: 'review_rejected' });
    expect(citationFact(noes[2] as Review, INPUT)).toMatchObject({
      evidence: 'C1, app/a.py:3: wrong status',
      where: [{ path: 'app/a.py', line: 3 }],
    });
  });

  it('is not a finding without a Spec id: that is a note', () => {
    const noted = review(GOOD, { findings: [finding(null), finding('C9'), finding('style')] });
    expect(citationFact(noted, INPUT).holds).toBe(true);
    expect(notesOf(noted, SPEC)).toHaveLength(3);
  });
});

describe('the proof of each criterion', () => {
  it('is its tests on base and change, and the citations that exist', () => {
    const made = proofs({
      spec: SPEC,
      review: review([judged('C1', [line(3), line(99)]), judged('C2', [test('tests/test_a.py::test_b')])]),
      tests: {
        onBase: new Map([
          ['tests/test_a.py::test_a', 'red'],
          ['tests/test_n.py::test_bad', 'green'],
        ]),
        criteria: new Map([
          ['tests/test_a.py::test_a', ['C1']],
          ['tests/test_n.py::test_bad', ['C1']],
        ]),
      },
      passing: INPUT.passingTests,
      failing: ['tests/test_n.py::test_bad'],
      added: INPUT.added,
      deleted: INPUT.deleted,
    });
    expect(made).toMatchObject([
      {
        id: 'C1',
        kind: 'new',
        tests: [
          { id: 'tests/test_a.py::test_a', onBase: 'red', onChange: 'green' },
          { id: 'tests/test_n.py::test_bad', onBase: 'green', onChange: 'red' },
        ],
        citations: ['app/a.py:3'],
      },
      {
        id: 'C2',
        kind: 'preserved',
        tests: [{ id: 'tests/test_a.py::test_b', onBase: 'green', onChange: 'green' }],
        citations: ['tests/test_a.py::test_b'],
      },
    ]);
  });
});
