import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const gitId = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

/** `receipt.json`: what a run that ended in a PR had before it, what it made, and which facts held. */
export const receiptSchema = z.looseObject({
  run: z.string(),
  base: gitId,
  base_tree: gitId,
  /** Tree id of the target's folder with the whole change. */
  head_tree: gitId,
  /** Of request, Spec (as JSON without white space), source, tests, changelog and change patch. */
  sha256: z.record(z.string(), sha256),
  facts: z.array(z.object({ name: z.string(), holds: z.boolean(), evidence: z.string() })),
  /** Added when the run has ended; absent in runs from before there was one. */
  seal: z
    .object({
      /** SHA-256 of the last line of trace.jsonl; as each line holds that of the line before, it stands for all of them. */
      trace_head: sha256,
      /** SHA-256 of every other file of the run's folder, by path. */
      files: z.record(z.string(), sha256),
    })
    .optional(),
});
export type Receipt = z.infer<typeof receiptSchema>;
