import { z } from 'zod';
import { CATALOGUE, type FailureCode } from './failure.ts';

const codeSchema = z.enum(Object.keys(CATALOGUE) as [FailureCode, ...FailureCode[]]);

/** One independent observation about the change. The host ANDs facts; nothing else makes a green. */
const factSchema = z
  .strictObject({
    /** Stable name, e.g. `exit_and_report_agree`. */
    name: z.string(),
    holds: z.boolean(),
    /** Set when it does not hold. */
    code: codeSchema.exactOptional(),
    /** One sentence with the evidence: counts, names, file:line. */
    evidence: z.string(),
    /** Where the fault lies, so that the rework goes to the owner of the file. */
    where: z
      .array(z.strictObject({ path: z.string(), line: z.int().exactOptional() }).readonly())
      .readonly()
      .exactOptional(),
    /** The tool's own words, trimmed, for whoever gets it back. */
    words: z.string().exactOptional(),
    /** Milliseconds of the container run that it was computed from; facts of one run share it. Left out where no container ran. */
    ms: z.int().nonnegative().exactOptional(),
  })
  .readonly();
export type Fact = z.infer<typeof factSchema>;

/** What the facts come to. Every fact of the run is in it, and it is green only if there is one and all of them hold. */
export const verdictSchema = z
  .strictObject({ green: z.boolean(), facts: z.array(factSchema).readonly() })
  .readonly()
  .refine(({ green, facts }) => green === (facts.length > 0 && facts.every(({ holds }) => holds)), 'green is not what the facts come to');
export type Verdict = z.infer<typeof verdictSchema>;

export function verdictOf(facts: readonly Fact[]): Verdict {
  return { green: facts.length > 0 && facts.every((fact) => fact.holds), facts };
}

const testProofSchema = z
  .strictObject({
    id: z.string(),
    onBase: z.enum(['red', 'green', 'absent']),
    onChange: z.enum(['green', 'red']),
    /** Hunks of the source patch that it fails without. */
    hunks: z.array(z.string()).readonly().exactOptional(),
  })
  .readonly();

/** The chain of evidence for one criterion: what proof.json holds and the PR shows as a table. */
const criterionProofSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['new', 'changed', 'preserved']),
    from: z.string(),
    rule: z.string(),
    tests: z.array(testProofSchema).readonly(),
    citations: z.array(z.string()).readonly(),
  })
  .readonly();
export type CriterionProof = z.infer<typeof criterionProofSchema>;

/** `proof.json`. */
export const proofFileSchema = z.strictObject({ run: z.string(), criteria: z.array(criterionProofSchema).min(1).readonly() }).readonly();
