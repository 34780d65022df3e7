import { describe, expect, test } from 'vitest';
import { formFields, isAboutForm, replyOfTool, strictestForm, weakerForm } from '../../../orchestrator/adapters/provider/anthropic/form.ts';
import { firstDialect, formOf, otherDialect, questionOf } from '../../../orchestrator/adapters/provider/openai/dialect.ts';
import { strictSchema, withoutAbsent } from '../../../orchestrator/adapters/provider/openai/strict-schema.ts';
import type { Json } from '../../../orchestrator/domain/json.ts';
import { turnJsonSchema } from '../../../orchestrator/domain/spec/json-schema.ts';
import { buildTurnSchema, planTurnSchema, reviewTurnSchema, scoutTurnSchema, testTurnSchema } from '../../../orchestrator/domain/turns.ts';
import { question } from '../../contract/provider.ts';

const SCHEMAS: Readonly<Record<string, Json>> = {
  PLAN: turnJsonSchema(planTurnSchema),
  SCOUT: turnJsonSchema(scoutTurnSchema),
  BUILD: turnJsonSchema(buildTurnSchema),
  TEST: turnJsonSchema(testTurnSchema),
  REVIEW: turnJsonSchema(reviewTurnSchema),
};

/** Every schema inside of one, itself included. */
function nodes(node: unknown): Record<string, unknown>[] {
  if (Array.isArray(node)) return node.flatMap(nodes);
  if (typeof node !== 'object' || node === null) return [];
  const { properties = {}, items, anyOf } = node as { properties?: object; items?: unknown; anyOf?: unknown };
  return [node as Record<string, unknown>, ...Object.values(properties).flatMap(nodes), ...nodes(items), ...nodes(anyOf)];
}

describe('the form of a reply, at Anthropic', () => {
  test.each([
    ['PLAN', 'tool'],
    ['SCOUT', 'format'],
    ['BUILD', 'format'],
    ['TEST', 'format'],
    ['REVIEW', 'format'],
  ])('of %s is held as far as the API can: %s', (stage, form) => {
    expect(strictestForm(SCHEMAS[stage] ?? null)).toBe(form);
  });

  test.each(['SCOUT', 'BUILD', 'TEST', 'REVIEW'])('of %s is sent without what the API refuses, which becomes words', (stage) => {
    const fields = formFields('format', SCHEMAS[stage] ?? null) as { output_config: { format: { schema: unknown } } };
    const sent = nodes(fields.output_config.format.schema);
    for (const key of ['minLength', 'maxLength', 'minimum', 'maximum', 'maxItems']) expect(sent.filter((node) => key in node)).toEqual([]);
    expect(sent.filter((node) => node.type === 'object' && node.additionalProperties !== false)).toEqual([]);
    expect(sent.filter((node) => node.minItems !== undefined && Number(node.minItems) > 1)).toEqual([]);
    expect(sent.some((node) => String(node.description).includes('maxLength: 300'))).toBe(true);
  });

  test('as a tool has one object at its top, and what was put into it is taken out again', () => {
    const choice: Json = { anyOf: [{ type: 'object' }, { type: 'null' }] };
    const fields = formFields('tool', choice) as unknown as { tools: [{ input_schema: { type: string; properties: object } }] };
    expect(fields.tools[0].input_schema).toMatchObject({ type: 'object', properties: { reply: choice } });
    expect(replyOfTool('{"reply":{"a":1}}', choice)).toBe('{"a":1}');
    expect(replyOfTool('{"reply":"{\\"a\\":1}"}', choice)).toBe('{"a":1}');
    expect(replyOfTool('{"reply":{"a"', choice)).toBe('{"reply":{"a"');
    expect(replyOfTool('{"a":1}', choice)).toBe('{"a":1}');
    expect(replyOfTool('{"reply":1}', { type: 'object' })).toBe('{"reply":1}');
  });

  test('grows weaker a step at a time, and only for a refusal that is about it', () => {
    expect([weakerForm('format'), weakerForm('tool'), weakerForm('words')]).toEqual(['tool', 'words', null]);
    expect(isAboutForm('output_config.format.schema: The compiled grammar is too large')).toBe(true);
    expect(isAboutForm('max_tokens: 99999 > 8192')).toBe(false);
  });
});

describe('a strict schema, at OpenAI', () => {
  test.each(['SCOUT', 'BUILD', 'TEST', 'REVIEW'])('for %s requires every property and has no bound that is refused', (stage) => {
    const sent = nodes(strictSchema(SCHEMAS[stage] ?? null));
    for (const { properties, required } of sent.filter((node) => node.type === 'object'))
      expect(required).toEqual(Object.keys(properties as object));
    expect(sent.filter((node) => 'minLength' in node || 'maxLength' in node)).toEqual([]);
    expect(sent.some((node) => 'maxItems' in node)).toBe(true);
  });

  test('cannot say what has free keys: that is told in words, and some object is asked for', () => {
    expect(strictSchema(SCHEMAS.PLAN ?? null)).toBeNull();
    expect(formOf(firstDialect('https://api.openai.com/v1'), SCHEMAS.PLAN ?? null)).toBe('object');
  });

  test('has null for what is optional, and the reply none; what may be null stays so', () => {
    const reply = {
      look: [
        { tool: 'read_file', path: 'a', from: null, to: 3 },
        { tool: 'grep', pattern: 'x', under: null },
      ],
      edits: [],
      done: true,
      dispute: null,
    };
    const whole = withoutAbsent(JSON.stringify(reply), SCHEMAS.BUILD ?? null);
    expect(JSON.parse(whole)).toEqual({
      look: [
        { tool: 'read_file', path: 'a', to: 3 },
        { tool: 'grep', pattern: 'x' },
      ],
      edits: [],
      done: true,
      dispute: null,
    });
    expect(buildTurnSchema.safeParse(JSON.parse(whole)).success).toBe(true);
    expect(withoutAbsent('{"look":', SCHEMAS.BUILD ?? null)).toBe('{"look":');
  });
});

describe('a server that speaks OpenAI’s protocol', () => {
  const own = firstDialect('http://127.0.0.1:8000/v1');
  const hosted = firstDialect('https://api.openai.com/v1');

  test('of one’s own is given the schema as it is, with its bounds, and no second name for the limit', () => {
    expect(questionOf(question, own)).toMatchObject({
      ...{ model: 'm:7b', stream: true, temperature: 0, max_tokens: 100, stream_options: { include_usage: true } },
      response_format: { type: 'json_schema', json_schema: { strict: true, schema: question.schema } },
      messages: question.messages,
    });
    expect(questionOf(question, hosted)).toMatchObject({ max_completion_tokens: 100 });
  });

  test.each([
    [hosted, "Unsupported value: 'temperature' does not support 0 with this model.", { temperature: false }],
    [own, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", { limit: 'max_completion_tokens' }],
    [hosted, 'unknown field max_completion_tokens', { limit: 'max_tokens' }],
    [own, 'stream_options is not supported', { usage: false }],
    [hosted, "Invalid schema for response_format 'reply'", { form: 'schema' }],
    [own, 'response_format.type json_schema is not supported', { form: 'object' }],
    [{ ...own, form: 'object' as const }, 'json_object is not supported', { form: 'words' }],
    [{ ...own, form: 'words' as const }, 'schema', null],
    [own, 'messages: too many', null],
    [{ ...own, temperature: false }, 'temperature again', null],
  ])('%j that refuses with %j is asked otherwise: %j', (dialect, words, change) => {
    expect(otherDialect(dialect, words)).toEqual(change === null ? null : { ...dialect, ...change });
  });

  test('and holds nothing is told the schema where every chat template takes it: before the conversation', () => {
    const { messages, ...body } = questionOf(question, { ...own, form: 'words' }) as { messages: { role: string; content: string }[] };
    expect(body).not.toHaveProperty('response_format');
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(messages[0]?.content).toContain(JSON.stringify(question.schema));
    const { messages: bare } = questionOf({ ...question, messages: [{ role: 'user', content: 'hi' }] }, { ...own, form: 'object' }) as {
      messages: unknown[];
    };
    expect(bare).toHaveLength(2);
  });
});
