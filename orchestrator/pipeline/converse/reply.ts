import type { z } from 'zod';
import { type Json, json } from '../../domain/json.ts';
import { describeIssues } from '../../protocol/issues.ts';

export type Reply<T> =
  | { readonly ok: true; readonly value: T; readonly json: Json }
  | { readonly ok: false /** What is wrong, exact enough to repair it by. */; readonly problem: string };

/** A model's text as one value of `schema`. One code fence around it is forgiven; anything else around the JSON is not. */
export function readReply<T>(text: string, schema: z.ZodType<T>): Reply<T> {
  if (text.trim() === '') return { ok: false, problem: 'The reply is empty.' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(withoutFence(text));
  } catch (error) {
    return { ok: false, problem: `The reply is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const bounded = json.safeParse(parsed);
  if (!bounded.success) return { ok: false, problem: `The reply is ${bounded.error.issues[0]?.message ?? 'not a JSON value'}.` };
  const value = schema.safeParse(parsed);
  if (!value.success) return { ok: false, problem: `The reply does not fit the schema:\n${describeIssues(value.error, MAX_PROBLEM)}` };
  return { ok: true, value: value.data, json: bounded.data };
}

const MAX_PROBLEM = 2000;

function withoutFence(text: string): string {
  const fenced = /^\s*```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n[ \t]*```\s*$/.exec(text);
  return fenced?.[1] ?? text;
}
