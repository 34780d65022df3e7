/** The honest replies of a small feature, to be spoiled one at a time by a test. */
export const REQUEST =
  'Add a function average to prices.sums that returns the mean of the prices rounded down. The average of no prices is 0.';

export const spec = {
  version: 1,
  title: 'Average of prices',
  intent: 'Callers want the mean price without dividing themselves.',
  touchpoints: ['prices/sums.py'],
  acceptance_criteria: [
    {
      id: 'C1',
      kind: 'new',
      from: 'a function average to prices.sums that returns the mean of the prices rounded down',
      rule: 'WHEN average is called with prices THE API SHALL return their mean rounded down',
      examples: [{ type: 'call', call: 'prices.sums:average', args: [[1, 2, 6]], then: { returns: 3 } }],
    },
    {
      id: 'C2',
      kind: 'new',
      from: 'The average of no prices is 0.',
      rule: 'WHEN average is called with no prices THE API SHALL return 0',
      examples: [{ type: 'call', call: 'prices.sums:average', args: [[]], then: { returns: 0 } }],
    },
  ],
  interface: ['prices.sums:average'],
  background: [],
  constraints: [],
  out_of_scope: [],
  assumptions: [],
  supersedes: [],
  not_covered: [],
  changelog: { section: 'Added', text: 'The average of prices.' },
};

export const plan = { outcome: 'spec', spec };
export const refusal = { outcome: 'refusal', reason: 'vague', questions: ['Which average?'] };

export const scout = {
  look: [],
  brief: {
    edit: [{ path: 'prices/sums.py', from: 1, to: 6, why: 'the new function belongs beside total' }],
    reuse: [{ path: 'prices/sums.py', from: 4, to: 6, name: 'total', how: 'for the sum' }],
    create: [],
    conventions: ['one-line docstrings'],
    superseded: [],
    problems: [],
    dispute: null,
  },
};

const LAST = '    return sum(prices)\n';

/** BUILD's reply that appends this code to the end of sums.py. */
export function build(code: string) {
  return {
    look: [],
    edits: [{ tool: 'replace_text', path: 'prices/sums.py', find: LAST, replace: `${LAST}\n\n${code}` }],
    done: true,
    dispute: null,
  };
}

/** BUILD's reply that mends what it wrote before. */
export function mend(find: string, replace: string) {
  return { look: [], edits: [{ tool: 'replace_text', path: 'prices/sums.py', find, replace }], done: true, dispute: null };
}

export const AVERAGE =
  'def average(prices: list[int]) -> int:\n    """The mean of the prices, rounded down."""\n    return total(prices) // len(prices) if prices else 0\n';
export const UNTYPED = AVERAGE.replace('(prices: list[int]) -> int', '(prices)');

export const tests = {
  look: [],
  files: [
    {
      path: 'tests/test_average.py',
      content:
        'def test_average_rounds_down() -> None:\n    """A mean between two cents is the lower one.\n\n    Criteria: C1\n    """\n    from prices.sums import average\n\n    assert average([1, 2]) == 1\n',
    },
  ],
  done: true,
};

/** REVIEW's approval; the cited line is that of `def average` in sums.py. */
export const approval = {
  look: [],
  review: {
    verdict: 'approve',
    criteria: ['C1', 'C2'].map((id) => ({
      id,
      holds: true,
      why: 'as the rule says',
      citations: [{ kind: 'added', path: 'prices/sums.py', line: 11 }],
    })),
    findings: [],
  },
};

export const rejection = {
  look: [],
  review: {
    ...approval.review,
    verdict: 'reject',
    findings: [{ about: 'C1', path: 'prices/sums.py', line: 11, what: 'rounds up for negative prices' }],
  },
};

export const honest = { PLAN: [plan], SCOUT: [scout], BUILD: [build(AVERAGE)], TEST: [tests], REVIEW: [approval] };
