import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Json, json } from '../../../orchestrator/domain/json.ts';
import { turnJsonSchema } from '../../../orchestrator/domain/spec/json-schema.ts';
import { buildTurnSchema, planTurnSchema, reviewTurnSchema, scoutTurnSchema, testTurnSchema } from '../../../orchestrator/domain/turns.ts';
import { specWith } from './samples.ts';

type Schema = { readonly [key: string]: Json };

const turns: readonly (readonly [string, z.ZodType, number])[] = [
  ['PLAN', planTurnSchema, 8500],
  ['SCOUT', scoutTurnSchema, 3500],
  ['BUILD', buildTurnSchema, 2500],
  ['TEST', testTurnSchema, 1500],
  ['REVIEW', reviewTurnSchema, 3000],
];

/** Every schema inside a schema, itself included. */
function* nodes(node: Json): Generator<Schema> {
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return;
  yield node;
  const { properties, items, additionalProperties, anyOf } = node;
  for (const child of [
    ...Object.values((properties ?? {}) as Schema),
    items ?? null,
    additionalProperties ?? null,
    ...((anyOf ?? []) as Json[]),
  ])
    yield* nodes(child);
}

/** The part of JSON Schema that the result uses, and no more: an unknown key fails. */
function accepts(node: Schema, value: Json): boolean {
  return Object.entries(node).every(([key, rule]) => {
    if (key === 'type') return [rule].flat().some((type) => isA(type, value));
    if (key === 'const') return value === rule;
    if (key === 'enum') return (rule as Json[]).includes(value);
    if (key === 'anyOf') return (rule as Schema[]).some((option) => accepts(option, value));
    if (key === 'pattern') return typeof value !== 'string' || new RegExp(String(rule)).test(value);
    if (key === 'minLength') return typeof value !== 'string' || value.length >= Number(rule);
    if (key === 'maxLength') return typeof value !== 'string' || value.length <= Number(rule);
    if (key === 'minimum') return typeof value !== 'number' || value >= Number(rule);
    if (key === 'maximum') return typeof value !== 'number' || value <= Number(rule);
    if (key === 'minItems') return !Array.isArray(value) || value.length >= Number(rule);
    if (key === 'maxItems') return !Array.isArray(value) || value.length <= Number(rule);
    if (key === 'items') return !Array.isArray(value) || value.every((item) => accepts(rule as Schema, item));
    if (key === 'required') return !isObject(value) || (rule as string[]).every((name) => name in value);
    if (key === 'properties')
      return (
        !isObject(value) ||
        Object.entries(rule as Schema).every(([name, inner]) => !(name in value) || accepts(inner as Schema, value[name] as Json))
      );
    if (key === 'additionalProperties') {
      if (!isObject(value)) return true;
      const extra = Object.entries(value).filter(([name]) => !(name in ((node.properties ?? {}) as Schema)));
      return rule === false ? extra.length === 0 : extra.every(([, item]) => accepts(rule as Schema, item));
    }
    throw new Error(`not expected in a turn's schema: ${key}`);
  });
}

const isObject = (value: Json): value is { [key: string]: Json } => value !== null && typeof value === 'object' && !Array.isArray(value);

function isA(type: Json, value: Json): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

describe('the JSON schema of a turn', () => {
  it.each(turns)('of %s is whole in itself, closed, bounded, and no larger than it needs to be', (_, schema, characters) => {
    const converted = turnJsonSchema(schema);
    expect(JSON.stringify(converted).length).toBeLessThan(characters);
    const all = [...nodes(converted)];
    expect(all.length).toBeGreaterThan(5);
    for (const node of all) {
      expect(Object.keys(node)).not.toEqual([]);
      for (const key of ['$schema', '$ref', '$defs', 'oneOf', 'allOf', 'format', 'propertyNames']) expect(node).not.toHaveProperty(key);
      if (node.properties !== undefined) expect(node.additionalProperties).toBe(false);
      if (node.type === 'array' && node.items !== undefined) expect(node.maxItems).toBeTypeOf('number');
    }
  });

  it.each(turns)(
    'of %s keeps to what a grammar takes: anchored patterns without a dot, no long repetition, no needless limit',
    (_, schema) => {
      for (const node of nodes(turnJsonSchema(schema))) {
        if (typeof node.pattern === 'string') expect(node.pattern).toMatch(/^\^(?:[^.]|\\\.)*\$$/);
        for (const bound of ['maxLength', 'maxItems']) if (node[bound] !== undefined) expect(node[bound]).toBeLessThan(2000);
        if (typeof node.maximum === 'number') expect(node.maximum).toBeLessThan(1_000_000);
      }
    },
  );

  it('takes what zod takes', () => {
    const reply = { outcome: 'spec', spec: specWith() } as unknown as Json;
    expect(planTurnSchema.safeParse(reply).success).toBe(true);
    expect(accepts(turnJsonSchema(planTurnSchema) as Schema, reply)).toBe(true);
    const edit = {
      look: [{ tool: 'grep', pattern: 'x' }],
      edits: [{ tool: 'write_file', path: 'a.py', content: 'y'.repeat(50_000) }],
      done: false,
      dispute: null,
    };
    expect(buildTurnSchema.safeParse(edit).success).toBe(true);
    expect(accepts(turnJsonSchema(buildTurnSchema) as Schema, edit)).toBe(true);
  });

  it.each([
    ['an unknown key', { outcome: 'refusal', reason: 'vague', questions: ['Why?'], more: 1 }],
    ['a missing key', { outcome: 'refusal', reason: 'vague' }],
    ['another reason', { outcome: 'refusal', reason: 'lazy', questions: ['Why?'] }],
    ['too many items', { outcome: 'refusal', reason: 'vague', questions: Array(6).fill('Why?') }],
    ['an id of another form', { outcome: 'spec', spec: { ...specWith(), assumptions: [{ id: 'B1', text: 'x' }] } }],
  ])('refuses %s', (_, reply) => {
    expect(accepts(turnJsonSchema(planTurnSchema) as Schema, reply as unknown as Json)).toBe(false);
  });

  it('takes any JSON value where any is meant, not objects alone', () => {
    const schema = turnJsonSchema(z.strictObject({ value: json })) as Schema;
    for (const value of ['a', 1, true, null, [1], { a: 1 }]) expect(accepts(schema, { value })).toBe(true);
    expect(JSON.stringify(schema)).toBe(
      '{"type":"object","properties":{"value":{"type":["string","number","boolean","null","array","object"]}},"required":["value"],"additionalProperties":false}',
    );
  });

  it('is the same text every time', () => {
    expect(JSON.stringify(turnJsonSchema(planTurnSchema))).toBe(JSON.stringify(turnJsonSchema(planTurnSchema)));
  });
});
