import { z } from 'zod';

const line = (max: number) => z.string().min(1).max(max);
const range = {
  path: line(300),
  from: z.int().min(1),
  to: z.int().min(1),
};

/** A place where code and Spec pull apart, by Spec id and file:line. */
export const problemSchema = z.strictObject({
  about: z.string().regex(/^[CA][1-9][0-9]?$/),
  path: line(300),
  line: z.int().min(1),
  what: line(500),
});

/** What SCOUT hands to BUILD. Every path and range exists on the base: the host checks before it believes. */
export const briefSchema = z.strictObject({
  /** Lines BUILD has to see to make the change; the host pastes them in. */
  edit: z
    .array(z.strictObject({ ...range, why: line(300) }))
    .min(1)
    .max(12),
  /** Helpers to reuse instead of writing them again. */
  reuse: z.array(z.strictObject({ ...range, name: line(120), how: line(300) })).max(10),
  /** New files the change will need, by path. */
  create: z.array(z.strictObject({ path: line(300), why: line(300) })).max(6),
  conventions: z.array(line(300)).max(10),
  /** Base tests (node ids) that contradict a `changed` criterion. */
  superseded: z.array(z.strictObject({ test: line(300), by: z.string().regex(/^C[1-9][0-9]?$/) })).max(10),
  problems: z.array(problemSchema).max(10),
  /** Set only when a criterion is ambiguous, impossible or contradicted by the code so that nothing sensible can be built. */
  dispute: problemSchema.nullable(),
});
export type Brief = z.infer<typeof briefSchema>;
