import { z } from 'zod';

/** `result.json`: how a run ended. */
export const runResultSchema = z.strictObject({
  run: z.string(),
  /** `tested`: every gate up to TEST holds, and no more was asked for. */
  outcome: z.enum(['pr', 'planned', 'tested', 'failed', 'refused', 'interrupted']),
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
  /** The run that this one went on from; what it took over from its recording cost nothing again. */
  resumed_from: z.string().nullable().default(null),
  /** What people said where a run had ended badly and this one went on, the oldest first; null where nobody had to. */
  human_words: z.array(z.string()).nullable().default(null),
  /** What was seen of the jail, e.g. `10 of 10 probes held`; null where the run ended before all of it was. */
  jail: z.string().nullable().default(null),
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
