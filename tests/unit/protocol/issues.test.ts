import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeIssues } from '../../../orchestrator/protocol/issues.ts';

function faultOf(schema: z.ZodType, value: unknown): string {
  const parsed = schema.safeParse(value);
  if (parsed.success) throw new Error('expected a fault');
  return describeIssues(parsed.error, 2000);
}

describe('the words for what a schema found wrong', () => {
  it('name the path of every fault', () => {
    const schema = z.strictObject({ edits: z.array(z.strictObject({ path: z.string() })), done: z.boolean() });
    expect(faultOf(schema, { edits: [{ path: 'a' }, { path: 1 }], extra: 1 })).toBe(
      [
        'edits.1.path: Invalid input: expected string, received number',
        'done: Invalid input: expected boolean, received undefined',
        '(top): Unrecognized key: "extra"',
      ].join('\n'),
    );
  });

  it('say of a union what is wrong with the branch that came nearest', () => {
    const schema = z.strictObject({ then: z.union([z.strictObject({ returns: z.string() }), z.strictObject({ raises: z.string() })]) });
    expect(faultOf(schema, { then: { returns: 1 } })).toBe('then.returns: Invalid input: expected string, received number');
  });

  it('stay short when everything is wrong', () => {
    const many = faultOf(z.array(z.string()), Array(500).fill(1));
    expect(many.split('\n')).toHaveLength(21);
    expect(many).toContain('and 480 more');
    expect(faultOf(z.strictObject({}), { ['k'.repeat(9000)]: 1 })).toHaveLength(2000);
  });
});
