import { z } from 'zod';

const text = (max: number) => z.string().max(max);

/** A pytest fixture that examples and tests may use. */
export const fixtureSchema = z.strictObject({
  name: text(100),
  file: text(300),
  line: z.int().positive(),
  /** The annotation of what it returns or yields, as written; null when there is none. */
  returns: text(200).nullable(),
  parameters: z.array(text(100)).max(30),
  doc: text(300).nullable(),
});
export type Fixture = z.infer<typeof fixtureSchema>;

/** One line of the outline of a source file: a class or function with where it stands. */
export const symbolSchema = z.strictObject({
  /** Dotted within the file, e.g. `ProductService.create`. */
  name: text(200),
  kind: z.enum(['class', 'function', 'constant']),
  from: z.int().positive(),
  to: z.int().positive(),
  /** The signature as written, without body. */
  signature: text(400),
});

export const routeSchema = z.strictObject({
  method: text(10),
  path: text(300),
  parameters: z.array(text(200)).max(60),
  request: text(300).nullable(),
  responses: z.array(text(200)).max(30),
});

/** What the AST and the app itself say about the base, as the `card` container printed it. Untrusted until this schema has passed. */
export const codeCardSchema = z.strictObject({
  fixtures: z.array(fixtureSchema).max(200),
  outline: z.array(z.strictObject({ path: text(300), lines: z.int().nonnegative(), symbols: z.array(symbolSchema).max(400) })).max(2000),
  routes: z.union([z.array(routeSchema).max(500), z.strictObject({ unavailable: text(500) })]),
  /** Top-level modules of what is installed beside the target: no new module of it may take such a name. */
  installed: z.array(text(100)).max(3000).optional(),
});
export type CodeCard = z.infer<typeof codeCardSchema>;

/** What the host can say about the target without a model. PLAN, SCOUT and REVIEW get it as text (`renderCard`). */
export interface TargetCard extends CodeCard {
  readonly files: readonly string[];
  readonly readmeHead: string;
  readonly dependencies: readonly string[];
}

/** `evidence/card.json`: the card as a run kept it. */
export const targetCardSchema: z.ZodType<TargetCard> = codeCardSchema.extend({
  files: z.array(text(4_096)).max(100_000),
  readmeHead: text(1_000_000),
  dependencies: z.array(text(1_000)).max(1_000),
});
