import { describe, expect, test } from 'vitest';
import { shareSchema } from '../../../orchestrator/adapters/provider/ollama/share-schema.ts';
import type { Json } from '../../../orchestrator/domain/json.ts';
import { turnJsonSchema } from '../../../orchestrator/domain/spec/json-schema.ts';
import { buildTurnSchema, planTurnSchema, reviewTurnSchema, scoutTurnSchema, testTurnSchema } from '../../../orchestrator/domain/turns.ts';

const SCHEMAS = {
  PLAN: turnJsonSchema(planTurnSchema),
  SCOUT: turnJsonSchema(scoutTurnSchema),
  BUILD: turnJsonSchema(buildTurnSchema),
  TEST: turnJsonSchema(testTurnSchema),
  REVIEW: turnJsonSchema(reviewTurnSchema),
};

type Parts = Record<string, Json>;

/** The schema with every reference replaced by what it names. */
function inline(value: Json, parts: Parts): Json {
  if (Array.isArray(value)) return value.map((item) => inline(item, parts));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, $defs: _, ...rest } = value;
  if (typeof $ref === 'string') return inline(parts[$ref.replace('#/$defs/', '')] as Json, parts);
  return Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, inline(item as Json, parts)]));
}

/** How many objects stand inside one another without a reference between them: that is what makes names, and with them the grammar, long. */
function depth(value: Json): number {
  if (Array.isArray(value)) return Math.max(0, ...value.map(depth));
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Math.max(0, ...Object.entries(value).map(([key, item]) => (key === '$defs' ? 0 : depth(item))));
  return inside + ('properties' in value ? 1 : 0);
}

describe('a schema for Ollama', () => {
  test.each(Object.entries(SCHEMAS))('of %s says the same as before, with every part told once', (_, schema) => {
    const shared = shareSchema(schema) as { $defs: Parts } & Parts;
    expect(inline(shared, shared.$defs)).toEqual(schema);
    const parts = Object.values(shared.$defs).map((part) => JSON.stringify(part));
    expect(new Set(parts).size).toBe(parts.length);
    for (const part of [shared, ...Object.values(shared.$defs)]) expect(depth(part)).toBeLessThanOrEqual(1);
  });

  test('keeps a property that is named like a keyword', () => {
    const schema = {
      type: 'object',
      properties: { properties: { type: 'object', properties: { items: { type: 'string' } } }, anyOf: { type: 'string' } },
    };
    const shared = shareSchema(schema) as { $defs: Parts } & Parts;
    expect(inline(shared, shared.$defs)).toEqual(schema);
    expect(Object.keys(shared.$defs)).toHaveLength(1);
  });

  test('without parts is left as it is', () => {
    expect(shareSchema({ type: 'object' })).toEqual({ type: 'object' });
  });
});
