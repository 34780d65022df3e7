/**
 * What a model may say in one turn, stage by stage. Every reply is one JSON object held to one of these schemas: providers that can
 * constrain decoding are given it, and the host checks it with zod in every case. All strings and arrays are bounded.
 */
import { z } from 'zod';
import { briefSchema, problemSchema } from './brief.ts';
import { planReplySchema } from './spec.ts';

const path = z.string().min(1).max(300);
const body = z.string().max(60_000);

/** Read-only looks at the mounted tree. */
export const lookSchema = z.discriminatedUnion('tool', [
  z.strictObject({ tool: z.literal('read_file'), path, from: z.int().min(1).optional(), to: z.int().min(1).optional() }),
  z.strictObject({ tool: z.literal('grep'), pattern: z.string().min(1).max(200), under: path.optional() }),
  z.strictObject({ tool: z.literal('list_dir'), path }),
]);
export type Look = z.infer<typeof lookSchema>;

export const editSchema = z.discriminatedUnion('tool', [
  /** `find` must occur exactly once in the file; it is replaced by `replace`. */
  z.strictObject({ tool: z.literal('replace_text'), path, find: z.string().min(1).max(20_000), replace: body }),
  z.strictObject({ tool: z.literal('write_file'), path, content: body }),
  z.strictObject({ tool: z.literal('delete_file'), path }),
]);
export type Edit = z.infer<typeof editSchema>;

export const planTurnSchema = planReplySchema;

/** Look first, then answer: `brief` is null as long as `look` is not empty. */
export const scoutTurnSchema = z.strictObject({ look: z.array(lookSchema).max(12), brief: briefSchema.nullable() });
export type ScoutTurn = z.infer<typeof scoutTurnSchema>;

/** `done` hands the work over; the host then checks it and may answer with findings. */
export const buildTurnSchema = z.strictObject({
  look: z.array(lookSchema).max(8),
  edits: z.array(editSchema).max(40),
  done: z.boolean(),
  /** Set instead of guessing when a criterion, a test or a finding contradicts the Spec or the code. */
  dispute: problemSchema.nullable(),
});
export type BuildTurn = z.infer<typeof buildTurnSchema>;

export const testTurnSchema = z.strictObject({
  look: z.array(lookSchema).max(8),
  /** Whole new test files; every test cites its criteria in its docstring as `Criteria: C1, C3`. */
  files: z.array(z.strictObject({ path, content: body })).max(4),
  done: z.boolean(),
});
export type TestTurn = z.infer<typeof testTurnSchema>;

export const citationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('added'), path, line: z.int().min(1) }),
  z.strictObject({ kind: z.literal('deleted'), path, line: z.int().min(1) }),
  z.strictObject({ kind: z.literal('test'), test: z.string().min(1).max(300) }),
]);
export type Citation = z.infer<typeof citationSchema>;

export const reviewSchema = z.strictObject({
  verdict: z.enum(['approve', 'reject']),
  criteria: z
    .array(
      z.strictObject({
        id: z.string().regex(/^C[1-9][0-9]?$/),
        holds: z.boolean(),
        why: z.string().min(1).max(400),
        citations: z.array(citationSchema).max(4),
      }),
    )
    .min(1)
    .max(16),
  /** A finding with a Spec id blocks; one without is a note in the PR. */
  findings: z
    .array(
      z.strictObject({
        about: z.string().max(10).nullable(),
        path: path.nullable(),
        line: z.int().min(1).nullable(),
        what: z.string().min(1).max(500),
      }),
    )
    .max(12),
});
export type Review = z.infer<typeof reviewSchema>;

export const reviewTurnSchema = z.strictObject({ look: z.array(lookSchema).max(8), review: reviewSchema.nullable() });
export type ReviewTurn = z.infer<typeof reviewTurnSchema>;
