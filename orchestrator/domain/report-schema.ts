import { z } from 'zod';
import type { Baseline } from './report.ts';

const result = z.strictObject({
  id: z.string(),
  outcome: z.enum(['passed', 'failed', 'error', 'skipped']),
  message: z.string(),
  detail: z.string(),
});
const lines = z.strictObject({ executed: z.array(z.int()), missing: z.array(z.int()) });
const finding = z.strictObject({
  tool: z.enum(['ruff', 'format', 'mypy']),
  path: z.string(),
  line: z.int(),
  code: z.string(),
  message: z.string(),
});

/** A baseline as it is kept on disk between runs. */
export const baselineSchema: z.ZodType<Baseline> = z.strictObject({
  passed: z.array(z.string()),
  failed: z.array(result),
  flaky: z.array(z.string()),
  coverage: z.strictObject({ percent: z.number(), files: z.record(z.string(), lines) }).nullable(),
  findings: z.array(finding),
  unformatted: z.array(z.string()),
  ms: z.number(),
  kept: z.boolean(),
});
