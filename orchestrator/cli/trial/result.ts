import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { parsed } from './case.ts';

/** One line of `results.jsonl`: one case before one reviewer. */
export const trialResultSchema = z.strictObject({
  case: z.string(),
  label: z.enum(['honest', 'breaks']),
  how: z.string(),
  which_criterion: z.string().nullable(),
  base_tree: z.string(),
  /** What ended the case before REVIEW; null: every gate held. */
  gates: z.strictObject({ code: z.string(), reason: z.string() }).nullable(),
  model: z.string(),
  /** SHA-256 of REVIEW's prompt. */
  prompt_sha256: z.string(),
  /** What the line would make of it; null: no verdict that counts, or REVIEW was not asked. */
  verdict: z.enum(['approve', 'reject']).nullable(),
  /** `review_rejected`, `review_uncited`, or why there is no verdict; null for an approval. */
  code: z.string().nullable(),
  reason: z.string().nullable(),
  /** Ids that REVIEW says do not hold, or names in a finding. */
  objects_to: z.array(z.string()),
  /** REVIEW's last reply, verbatim; null where there was none. */
  reply: z.string().nullable(),
  served_by: z.string().nullable(),
  tokens_in: z.int().nullable(),
  tokens_out: z.int().nullable(),
  estimated: z.boolean(),
  turns: z.int(),
  ms: z.int(),
  at: z.iso.datetime(),
});
export type TrialResult = z.infer<typeof trialResultSchema>;

export function readResults(file: string): TrialResult[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => parsed(trialResultSchema, line, file));
}

export function addResult(file: string, result: TrialResult): void {
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}
