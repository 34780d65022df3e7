import { z } from 'zod';
import { json } from './json.ts';

/** The version of the Spec format that SPEC.md describes. */
export const SPEC_VERSION = 3;

/** Every version that is read: one of version 2 is one of version 3 without constants, one of version 1 asks for no dependency either. */
const READ_VERSIONS = [1, 2, SPEC_VERSION] as const;
const CONSTANTS_SINCE = 3;

const line = (max: number) => z.string().min(1).max(max);
const id = (letter: string) => z.string().regex(new RegExp(`^${letter}[1-9][0-9]?$`));
const pythonName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,60}$/);
const dottedName = z
  .string()
  .max(160)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*(:[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*)?$/);

/** A value of the target's code that examples use as `$name`: looked up when the test runs, never copied into the Spec. */
const constant = z.strictObject({
  name: pythonName,
  /** An attribute of a module, `app:__version__`, or of what it holds, `app.config:settings.page_size`. */
  of: dottedName,
});
export type Constant = z.infer<typeof constant>;

/** One HTTP exchange. `$name` in a string stands for a saved value, a table's or a constant; `$` alone is written `$$`. */
const httpRequest = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** Begins with `/`, or is one `$name`: a column of such paths. */
  path: z
    .string()
    .min(1)
    .max(300)
    .regex(/^[/$].*/s),
  query: z.record(z.string().min(1).max(60), json).optional(),
  headers: z.record(z.string().min(1).max(60), z.string().max(300)).optional(),
  /** Names of fixtures from the target card whose value is a dict of headers (e.g. one that authenticates). */
  headers_from: pythonName.optional(),
  json: json.optional(),
});

/** A step that sets the scene; it must succeed (2xx). `save` keeps values of its JSON answer by path. */
const httpStep = httpRequest.extend({ save: z.record(pythonName, z.string().min(1).max(100)).optional() });

const tableOf = z.record(pythonName, z.array(json).min(1).max(12));

export const httpExampleSchema = z.strictObject({
  type: z.literal('http'),
  given: z.array(httpStep).max(8).optional(),
  when: httpRequest,
  then: z.strictObject({
    /** A number, or `$name`: a column of such numbers. */
    status: z.union([z.int().min(100).max(599), z.string().regex(/^\$[A-Za-z_][A-Za-z0-9_]{0,60}$/)]),
    /** Path in the JSON answer (`$.items[0].name`, `$.items[*].name`, `$.items.length`) -> the exact value expected there. */
    json: z.record(z.string().min(1).max(100).startsWith('$'), json).optional(),
    /** Header name -> exact value. */
    headers: z.record(z.string().min(1).max(60), z.string().max(300)).optional(),
    /** Paths that must not be in the answer. */
    absent: z.array(z.string().min(1).max(100).startsWith('$')).max(8).optional(),
  }),
  /** Column -> values; the example runs once a row. All columns have the same length. */
  table: tableOf.optional(),
});

export const callExampleSchema = z.strictObject({
  type: z.literal('call'),
  /** `package.module:function`, called with `args` and `kwargs`. */
  call: dottedName,
  args: z.array(json).max(8).optional(),
  kwargs: z.record(pythonName, json).optional(),
  then: z.union([z.strictObject({ returns: json }), z.strictObject({ raises: dottedName })]),
  table: tableOf.optional(),
});

export const cliExampleSchema = z.strictObject({
  type: z.literal('cli'),
  /** Arguments of `python -m …`; the first is the module. */
  argv: z.array(z.string().max(200)).min(1).max(20),
  then: z.strictObject({ exit: z.int().min(0).max(255), stdout_contains: z.array(line(200)).max(5).optional() }),
});

/** What cannot be said as data. TEST's writer turns it into a test. */
export const proseExampleSchema = z.strictObject({ type: z.literal('prose'), text: line(600) });

export const exampleSchema = z.discriminatedUnion('type', [httpExampleSchema, callExampleSchema, cliExampleSchema, proseExampleSchema]);
export type Example = z.infer<typeof exampleSchema>;
export type HttpExample = z.infer<typeof httpExampleSchema>;
export type CallExample = z.infer<typeof callExampleSchema>;
export type CliExample = z.infer<typeof cliExampleSchema>;
export type HttpStep = z.infer<typeof httpStep>;

export const criterionSchema = z.strictObject({
  id: id('C'),
  kind: z.enum(['new', 'changed', 'preserved']),
  /** For `changed`: what held before, in one sentence. */
  was: line(300).optional(),
  /** A verbatim quotation from the request. */
  from: line(500),
  /** Assumptions that decide what the quotation leaves open. */
  refined_by: z.array(id('A')).max(5).optional(),
  /** One EARS sentence: WHEN … THE API SHALL … */
  rule: line(400),
  examples: z.array(exampleSchema).min(1).max(3),
});
export type Criterion = z.infer<typeof criterionSchema>;

export const specSchema = z
  .strictObject({
    version: z.literal(READ_VERSIONS),
    title: line(80),
    /** Why: one or two sentences, for people and for REVIEW. */
    intent: line(600),
    /** Paths or dotted names of the target that the change is expected to touch; a hint for SCOUT, not a permission. */
    touchpoints: z.array(line(200)).max(12),
    /** Names that tests may import though the base does not have them, e.g. `app.services.pricing:discount`. */
    interface: z.array(dottedName).max(8),
    /** Values of the target's code that examples compare with. Since version 3. */
    constants: z.array(constant).max(8).optional(),
    /** Steps shared by every http example; each example starts with them. */
    background: z.array(httpStep).max(8),
    acceptance_criteria: z.array(criterionSchema).min(1).max(16),
    constraints: z.array(line(300)).max(10),
    out_of_scope: z.array(line(300)).max(10),
    assumptions: z.array(z.strictObject({ id: id('A'), text: line(400) })).max(10),
    /** Packages that the change would need and the target does not have. Since version 2. */
    dependencies: z
      .array(z.strictObject({ name: line(100), reason: line(300) }))
      .max(5)
      .optional(),
    /** Tests of the base (node ids) that state behaviour which a `changed` criterion replaces. */
    supersedes: z.array(z.strictObject({ test: line(300), by: id('C') })).max(10),
    /** Sentences of the request that no criterion quotes, each with the reason. */
    not_covered: z.array(z.strictObject({ sentence: line(600), reason: line(300) })).max(12),
    /** One line for the changelog, as a user of the target would read it. */
    changelog: z.strictObject({ section: z.enum(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']), text: line(200) }),
  })
  .refine(({ version, constants }) => version >= CONSTANTS_SINCE || constants === undefined, {
    path: ['constants'],
    error: `there are constants since version ${CONSTANTS_SINCE} of the format`,
  });
export type Spec = z.infer<typeof specSchema>;

/** What PLAN answers: a Spec, or the questions without whose answers there is none. */
export const planReplySchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('spec'), spec: specSchema }),
  z.strictObject({
    outcome: z.literal('refusal'),
    reason: z.enum(['vague', 'contradictory', 'outside_target', 'steers_the_pipeline', 'too_large']),
    questions: z.array(line(300)).min(1).max(5),
  }),
]);
export type PlanReply = z.infer<typeof planReplySchema>;
