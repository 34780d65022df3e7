import { z } from 'zod';

/** `result.json`: how a run ended. */
export const runResultSchema = z.strictObject({
  run: z.string(),
  outcome: z.enum(['pr', 'failed', 'refused', 'interrupted']),
  code: z.string().nullable(),
  stage: z.string().nullable(),
  reason: z.string().nullable(),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  base: z.string(),
  base_tree: z.string(),
  cost_usd: z.number().nullable(),
  /** Milliseconds from the request to the PR, baseline included, image build not; null without a PR. */
  ms_to_pr: z.int().nullable(),
  first_try: z.boolean(),
  reworks: z.int(),
  served_by: z.array(z.string()),
  /** null, or how the recording fitted. */
  replayed: z.enum(['fresh', 'drifted']).nullable(),
  started_at: z.iso.datetime(),
  exit_code: z.int(),
});
export type RunResult = z.infer<typeof runResultSchema>;

/** At most 32 characters of `[a-z0-9-]` from a title: safe as a folder, a container name and a branch. */
export function slugOf(title: string): string {
  const slug = title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32)
    .replace(/-+$/g, '');
  return slug || 'feature';
}
