import { z } from 'zod';
import { amountSchema, budgetsSchema } from './budget.ts';
import { specSchema } from './spec.ts';
import { MODEL_STAGES } from './stage.ts';

/** Longest that a person's words to a stage may be, in characters. */
export const MAX_WORDS = 4_000;

/** A person stepped in where a run had ended badly: the line goes on from there with their words instead of ending. */
export const interventionSchema = z.strictObject({
  /** The end that it is for; another one ends the run as ever. */
  stage: z.string().max(20),
  code: z.string().max(60),
  words: z.string().min(1).max(MAX_WORDS),
  /** Reworks that are granted after this one. */
  reworks: z.int().min(0).max(100),
});
export type Intervention = z.infer<typeof interventionSchema>;

/** `evidence/order.json`: what a run was told to do, written before it begins; what another run needs to go on from it or to replay it. */
export const orderFileSchema = z.strictObject({
  base: z.string(),
  base_tree: z.string(),
  /** The target's folder in the repository, `''` for the whole of it. */
  target: z.string(),
  reworks: z.int(),
  checks: z.int(),
  turns: z.int(),
  /** Names with commas between them where a stage has more than one. */
  models: z.record(z.enum(MODEL_STAGES), z.string()),
  /** What it might use, and what an earlier run had spent that it went on from; absent in one from before there were limits. */
  budgets: budgetsSchema.exactOptional(),
  spent_before: amountSchema.exactOptional(),
  /** The Spec that a person gave; null where PLAN makes it. */
  spec: specSchema.nullable(),
  /** Set where all work was given and no model asked: nothing is recorded that could be replayed. */
  given: z.literal(true).exactOptional(),
  resumed_from: z.string().nullable(),
  interventions: z.array(interventionSchema).max(20),
});
export type OrderFile = z.infer<typeof orderFileSchema>;
