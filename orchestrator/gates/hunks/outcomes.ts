import { type HunkOutcome, hunksIn, type SplitFile, type VariantRun } from '../../domain/hunks.ts';
import type { TestReport } from '../../domain/report.ts';
import { exitFact } from '../run-facts.ts';
import { fileOfTest, isCovered } from '../test-ids.ts';
import type { Variant, VariantPlan } from './variants.ts';

export interface OutcomesInput {
  readonly files: readonly SplitFile[];
  readonly plan: VariantPlan;
  /** The head itself, then each variant of the plan; or why there is no run. */
  readonly runs: readonly VariantRun[] | { readonly failed: string };
  /** Ids of the new tests, without parameters. */
  readonly newTests: readonly string[];
}

/** The limit that a variant has: so much longer than the head may it take. The container keeps it; see images/tools/run_variants.py. */
const limitMs = (headMs: number) => 10_000 + 5 * headMs;
/** pytest's own for "the command line, or a conftest, cannot be used": a conftest that no longer imports the target. */
const UNUSABLE = 4;

/**
 * What became of each hunk when it was taken out. It is proven only by a report that agrees with its exit code and shows a new test that
 * passed on the head and does not without the hunk, by tests that can no longer be collected, or by a run that does not end where the head's
 * did; whatever cannot be read leaves it unproven.
 */
export function hunkOutcomes({ files, plan, runs, newTests }: OutcomesInput): HunkOutcome[] {
  const found = new Map<string, Verdict>();
  for (const id of plan.noCode) found.set(id, { ...NOT_MEASURED, state: 'no_code', note: null });
  for (const id of plan.leftOut)
    found.set(id, { ...NOT_MEASURED, note: 'not taken out: its file is too large to be handed over so often' });
  plan.variants.forEach((variant, i) => {
    const verdict =
      'failed' in runs ? { ...NOT_MEASURED, note: `not taken out: ${runs.failed}` } : judge(variant, runs[i + 1], runs[0], newTests);
    for (const id of variant.hunks) found.set(id, { ...verdict, together: verdict.together.filter((other) => other !== id) });
  });
  return hunksIn(files).map(({ id, path, old, new: now }) => ({ id, path, old, new: now, ...(found.get(id) ?? NOT_MEASURED) }));
}

type Verdict = Pick<HunkOutcome, 'state' | 'missedBy' | 'together' | 'note' | 'ms'>;

const NOT_MEASURED: Verdict = { state: 'unproven', missedBy: [], together: [], note: 'not taken out', ms: null };

function judge(variant: Variant, run: VariantRun | undefined, head: VariantRun | undefined, newTests: readonly string[]): Verdict {
  const control = passedOn(head?.report ?? null);
  if (head === undefined || control.size === 0)
    return { ...NOT_MEASURED, note: 'not taken out: the new tests alone gave no readable report on the change' };
  if (run === undefined || run.state === 'not_run') return { ...NOT_MEASURED, note: 'not taken out: the time for all hunks was up' };
  if (run.state === 'unparsable') return { ...NOT_MEASURED, note: 'nothing that parses is left when it is taken out' };
  const measured = { ms: run.ms, together: variant.alternatives[run.alternative ?? 0] ?? [] };
  const unproven = (note: string): Verdict => ({ ...measured, state: 'unproven', missedBy: [], note });
  if (run.state === 'timed_out') {
    return run.ms >= limitMs(head.ms)
      ? {
          ...measured,
          state: 'proven',
          missedBy: [],
          note: `without it the new tests do not end in ${Math.round(limitMs(head.ms) / 1000)} s`,
        }
      : { ...unproven('not taken out: the time for all hunks was up'), ms: null };
  }
  if (run.report === null) return unproven('the run without it left no readable report');
  const able = newTests.filter((id) => [...control].some((one) => isCovered(one, id)));
  if (run.report.tests === null && run.report.exitCode === UNUSABLE)
    return { ...measured, state: 'proven', missedBy: able, note: 'without it the tests cannot be loaded' };
  if (!exitFact(run.report).holds) return unproven('the report of the run without it does not agree with its exit code');
  const missedBy = missing(run.report, control, able);
  return missedBy.length > 0 ? { ...measured, state: 'proven', missedBy, note: null } : unproven('no new test misses it');
}

/** Ids, with parameters, of the tests that pass by a report that can be believed as far as its own process goes. */
function passedOn(report: TestReport | null): Set<string> {
  if (report === null || report.tests === null || !exitFact(report).holds) return new Set();
  return new Set(report.tests.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id));
}

function missing({ tests, collectionErrors }: TestReport, control: ReadonlySet<string>, able: readonly string[]): string[] {
  const failing = new Set((tests ?? []).filter(({ outcome }) => outcome === 'failed' || outcome === 'error').map(({ id }) => id));
  const uncollected = new Set(collectionErrors.map(({ file }) => file));
  return able.filter((id) => uncollected.has(fileOfTest(id)) || [...control].some((one) => isCovered(one, id) && failing.has(one)));
}
