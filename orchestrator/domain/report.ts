/** What real tools said, parsed. Nothing here is believed on its own: `gates/` turns reports into facts. */
import { z } from 'zod';

/** One test of a pytest run. */
const testResultSchema = z
  .strictObject({
    /** `tests/test_x.py::test_y[param]` */
    id: z.string(),
    outcome: z.enum(['passed', 'failed', 'error', 'skipped']),
    /** The first line of the failure's message and its text, trimmed; empty when it passed. */
    message: z.string(),
    detail: z.string(),
  })
  .readonly();
export type TestResult = z.infer<typeof testResultSchema>;

const linesSchema = z.strictObject({ executed: z.array(z.int()).readonly(), missing: z.array(z.int()).readonly() }).readonly();

const coverageSchema = z
  .strictObject({
    /** Percent of executable lines, 0-100. */
    percent: z.number().min(0).max(100),
    /** Path -> lines that ran and lines that did not. */
    files: z.record(z.string(), linesSchema).readonly(),
  })
  .readonly();
export type Coverage = z.infer<typeof coverageSchema>;

/** A pytest run as the engine and the JUnit file tell it. */
export const testReportSchema = z
  .strictObject({
    /** The exit code that the engine reported for the container. */
    exitCode: z.int(),
    /** null when there was no report or it did not parse. */
    tests: z.array(testResultSchema).readonly().nullable(),
    /** Files that pytest could not collect, with the error. */
    collectionErrors: z.array(z.strictObject({ file: z.string(), message: z.string() }).readonly()).readonly(),
    /** The end of what pytest printed, for a person or a model. */
    output: z.string(),
    coverage: coverageSchema.nullable(),
    /** Milliseconds of its container. */
    ms: z.int().nonnegative().exactOptional(),
  })
  .readonly();
export type TestReport = z.infer<typeof testReportSchema>;

const toolSchema = z.enum(['ruff', 'format', 'mypy']);

/** One finding of ruff or mypy. */
const findingSchema = z
  .strictObject({ tool: toolSchema, path: z.string(), line: z.int(), code: z.string(), message: z.string() })
  .readonly();
export type Finding = z.infer<typeof findingSchema>;

const toolReportSchema = z
  .strictObject({
    tool: toolSchema,
    exitCode: z.int(),
    findings: z.array(findingSchema).readonly(),
    /** What the tool printed where it did not parse as findings (a crash, a usage error). */
    output: z.string(),
    /** Milliseconds of its container. */
    ms: z.int().nonnegative().exactOptional(),
  })
  .readonly();
export type ToolReport = z.infer<typeof toolReportSchema>;

/** What was true of the target before anything was changed. */
export const baselineSchema = z
  .strictObject({
    passed: z.array(z.string()).readonly(),
    failed: z.array(testResultSchema).readonly(),
    /** Tests whose outcome differed between two runs on the same tree: they decide nothing. */
    flaky: z.array(z.string()).readonly(),
    coverage: coverageSchema.nullable(),
    findings: z.array(findingSchema).readonly(),
    /** Files that `ruff format` would change on the base: the host leaves them alone. */
    unformatted: z.array(z.string()).readonly(),
    ms: z.number(),
    /** Whether it was taken from the cache by tree hash and image id. */
    kept: z.boolean(),
  })
  .readonly();
export type Baseline = z.infer<typeof baselineSchema>;
