import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { specSchema } from '../../../orchestrator/domain/spec.ts';
import * as turns from '../../../orchestrator/domain/turns.ts';

/** All that a model may answer, and the Spec as people write it: what `factory schema` prints. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  spec: specSchema,
  ...Object.fromEntries(Object.entries(turns).filter(([name]) => name.endsWith('TurnSchema')) as [string, z.ZodType][]),
};

/** Places of a JSON schema that take a text, a list or a mapping of any length. Any JSON value is bounded by zod itself (domain/json.ts), which a schema cannot say. */
function unbounded(node: unknown, at = ''): string[] {
  if (Array.isArray(node)) return node.flatMap((item, i) => unbounded(item, `${at}/${i}`));
  if (node === null || typeof node !== 'object') return [];
  const schema = node as Record<string, unknown>;
  const own = [];
  const isFixed = schema.enum !== undefined || schema.const !== undefined;
  if (schema.type === 'string' && !isFixed && schema.maxLength === undefined && !isShort(schema.pattern)) own.push(`${at}: string`);
  if (schema.type === 'array' && schema.maxItems === undefined && schema.prefixItems === undefined) own.push(`${at}: array`);
  return [...own, ...Object.entries(schema).flatMap(([key, value]) => unbounded(value, `${at}/${key}`))];
}

/** Whether a pattern takes only texts of a bounded length: both ends named, and nothing repeated without end. */
function isShort(pattern: unknown): boolean {
  return typeof pattern === 'string' && /^\^.*\$$/s.test(pattern) && !/(?<!\\)[*+]|\{\d+,\}/.test(pattern);
}

const written = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });

describe('what a model may answer', () => {
  test('is looked at in every stage', () => {
    expect(Object.keys(SCHEMAS).sort()).toEqual([
      'buildTurnSchema',
      'planTurnSchema',
      'reviewTurnSchema',
      'scoutTurnSchema',
      'spec',
      'testTurnSchema',
    ]);
  });

  test.each(Object.keys(SCHEMAS))('has no text and no list without a bound: %s', (name) => {
    expect(unbounded(written(SCHEMAS[name] as z.ZodType))).toEqual([]);
  });

  test.each([
    ['a text', z.strictObject({ a: z.string() })],
    ['a list', z.array(z.int())],
    ['a text in a list of a choice', z.union([z.int(), z.array(z.strictObject({ a: z.string() })).max(3)])],
    ['a pattern that repeats without end', z.string().regex(/^[a-z]+$/)],
    ['a value in a mapping', z.record(z.string().max(3), z.string())],
  ])('would be found: %s', (_, schema) => expect(unbounded(written(schema))).not.toEqual([]));
});
