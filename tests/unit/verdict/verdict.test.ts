import { describe, expect, test } from 'vitest';
import { type Fact, verdictOf, verdictSchema } from '../../../orchestrator/domain/verdict.ts';

const held: Fact = { name: 'a', holds: true, evidence: 'seen' };
const broken: Fact = { name: 'b', holds: false, code: 'tests_failed', evidence: 'seen' };

describe('a verdict', () => {
  test.each([
    ['no fact', [], false],
    ['facts that all hold', [held, held], true],
    ['one fact that does not hold', [held, broken, held], false],
  ])('of %s is green: %o -> %s', (_, facts, green) => {
    expect(verdictSchema.parse(verdictOf(facts as Fact[]))).toEqual({ green, facts });
  });

  test.each([
    ['green without a fact', { green: true, facts: [] }],
    ['green in spite of a fact', { green: true, facts: [held, broken] }],
    ['red without a reason', { green: false, facts: [held] }],
    ['a code that is not in the catalogue', { green: false, facts: [{ ...broken, code: 'nope' }] }],
  ])('that is %s is none', (_, verdict) => {
    expect(verdictSchema.safeParse(verdict).success).toBe(false);
  });
});
