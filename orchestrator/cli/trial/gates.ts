import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { applyPatch } from '../../adapters/workspace/git/apply.ts';
import { CATALOGUE, Failure, type FailureCode } from '../../domain/failure.ts';
import { type HunksFile, hunksFileSchema } from '../../domain/hunks.ts';
import { testReportSchema } from '../../domain/report.ts';
import { applyChanges, diffTrees } from '../../domain/tree.ts';
import { withChangelog } from '../../pipeline/changelog.ts';
import type { Products } from '../../pipeline/products.ts';
import type { ReviewedWork } from '../../pipeline/review-alone.ts';
import type { Progress } from '../../ports/progress.ts';
import { benchRunId, type Workbench } from '../verify/workbench.ts';
import { parsed, type TrialCase } from './case.ts';

/** `gates.json` in a case's folder: what every gate before REVIEW said, and what of it REVIEW is shown. */
const gatesFileSchema = z.strictObject({
  /** What it was computed from; another one, and the gates run again. */
  key: z.string(),
  outcome: z.string(),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  ms: z.int(),
  passed: z
    .strictObject({
      compiled_path: z.string(),
      /** The tests as they were run, compiled examples among them. */
      tests_patch: z.string(),
      on_base: z.record(z.string(), z.enum(['red', 'green', 'absent'])),
      criteria: z.record(z.string(), z.array(z.string())),
      report: testReportSchema,
      hunks: hunksFileSchema,
    })
    .nullable(),
});
export type GatesFile = z.infer<typeof gatesFileSchema>;

/** What the gates say of a case: kept in its folder, or found out now. `mayRun` false: null where it is not kept. */
export async function gatesOf(
  bench: Workbench,
  one: TrialCase,
  options: { readonly env: NodeJS.ProcessEnv; readonly progress: Progress; readonly mayRun: boolean },
): Promise<GatesFile | null> {
  const file = join(one.folder, 'gates.json');
  const key = keyOf(bench, one);
  const kept = existsSync(file) ? parsed(gatesFileSchema, readFileSync(file, 'utf8'), file) : null;
  if (kept?.key === key) return kept;
  if (!options.mayRun) return null;
  const gates = await runGates(bench, one, key, options);
  writeFileSync(file, `${JSON.stringify(gates, null, 2)}\n`);
  return gates;
}

function keyOf({ ground }: Workbench, { request, spec, brief, sourcePatch, testsPatch }: TrialCase): string {
  return createHash('sha256')
    .update(JSON.stringify([ground.base.tree, request, spec, brief, sourcePatch, testsPatch]))
    .digest('hex');
}

async function runGates(
  bench: Workbench,
  one: TrialCase,
  key: string,
  { env, progress }: { env: NodeJS.ProcessEnv; progress: Progress },
): Promise<GatesFile> {
  const { ground, repository } = bench;
  const began = Date.now();
  const withSource = await applyPatch(ground.base, ground.tree, { name: 'source.patch', text: one.sourcePatch }, env);
  const withTests = await applyPatch(ground.base, withSource, { name: 'tests.patch', text: one.testsPatch }, env);
  const folder = mkdtempSync(join(tmpdir(), 'factory-trial-'));
  const made: Partial<Products> = {};
  try {
    const result = await bench.run({
      run: benchRunId('trial'),
      folder: join(folder, 'run'),
      request: one.request,
      spec: one.spec,
      given: { brief: one.brief, source: diffTrees(ground.tree, withSource), tests: diffTrees(withSource, withTests), review: null },
      upTo: 'TEST',
      branch: 'none',
      progress,
      onProduct: (name, product) => Object.assign(made, { [name]: product }),
    });
    const { code, reason, outcome } = result;
    // What the machine is at fault for says nothing of the case.
    if (code !== null && ['environment', 'factory', 'user'].includes(CATALOGUE[code as FailureCode].fault))
      throw new Failure(code as FailureCode, reason ?? '');
    const { planned, tests, tested } = made;
    const common = { key, outcome, code, reason, ms: Date.now() - began };
    if (outcome !== 'tested' || planned === undefined || tests === undefined || tested === undefined) return { ...common, passed: null };
    const hunks: HunksFile = { hunks: tested.hunks, steps: tested.steps, ms: tested.hunksMs };
    return {
      ...common,
      passed: {
        compiled_path: planned.compiled.path,
        tests_patch: await repository.patch(ground.base, withSource, applyChanges(withSource, tests.changes)),
        on_base: Object.fromEntries(tests.onBase),
        criteria: Object.fromEntries([...tests.criteria].map(([test, criteria]) => [test, [...criteria]])),
        report: tested.report,
        hunks,
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What REVIEW is asked about, made again from what the gates left. */
export async function workOf(
  { ground }: Workbench,
  one: TrialCase,
  passed: NonNullable<GatesFile['passed']>,
  env: NodeJS.ProcessEnv,
): Promise<ReviewedWork> {
  const withSource = await applyPatch(ground.base, ground.tree, { name: 'source.patch', text: one.sourcePatch }, env);
  const withTests = await applyPatch(ground.base, withSource, { name: 'gates.json', text: passed.tests_patch }, env);
  return {
    request: one.request,
    ground,
    planned: { spec: one.spec, compiled: { path: passed.compiled_path, content: '', tests: [], prose: [] }, amended: null },
    tests: {
      changes: diffTrees(withSource, withTests),
      onBase: new Map(Object.entries(passed.on_base)),
      criteria: new Map(Object.entries(passed.criteria)),
      facts: [],
    },
    tested: {
      head: withChangelog(withTests, one.spec, ground.layout),
      report: passed.report,
      hunks: passed.hunks.hunks,
      steps: passed.hunks.steps,
      hunksMs: passed.hunks.ms,
      facts: [],
    },
  };
}
