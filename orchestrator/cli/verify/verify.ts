import { gitRepository } from '../../adapters/workspace/git/index.ts';
import { Failure } from '../../domain/failure.ts';
import type { Progress } from '../../ports/progress.ts';
import type { ReadSettings } from '../settings.ts';
import { anchorCheck, baseOf } from './base.ts';
import { type Check, fails, unknown } from './check.ts';
import { gateChecks } from './gates.ts';
import { hashChecks } from './hashes.ts';
import type { KeptRun } from './kept-run.ts';
import type { VerifyReport } from './report.ts';
import { openWorkbench } from './workbench.ts';

export interface VerifyOptions {
  /** The repository that holds the base. */
  readonly directory: string;
  readonly settings: ReadSettings;
  readonly dockerHost?: string | undefined;
  /** Hashes only. */
  readonly quick: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Look at everything that a run says of itself: every hash, its base, and every gate once more in fresh containers. The gates run only over a
 * folder whose hashes hold. Throws what the machine is at fault for.
 */
export async function verifyRun(kept: KeptRun, options: VerifyOptions): Promise<VerifyReport> {
  const { directory, settings, dockerHost, env, progress, signal } = options;
  const began = Date.now();
  const report = (checks: readonly Check[], gatesRun: boolean): VerifyReport => ({
    run: kept.run,
    folder: kept.folder,
    ok: checks.every(({ ok }) => ok !== false),
    gates_run: gatesRun,
    checks,
    ms: Date.now() - began,
  });
  const { checks: hashes, trace } = hashChecks(kept);
  const { base, check } = await mismatchAsCheck(() => baseOf(gitRepository({ environment: env }), kept, directory));
  const before = [...hashes, check, ...(base === null ? [] : [await anchorCheck(kept, base, trace, env)])];
  if (base === null || before.some(({ ok }) => ok === false))
    return report([...before, unknown('gates', 'not run again: what they would run over is not what the run left')], false);
  if (options.quick) return report([...before, unknown('gates', 'not run again: --quick')], false);
  const bench = await openWorkbench({ base, settings, dockerHost, env, note: (line) => progress.note(line), signal });
  try {
    return report([...before, ...(await gatesOrMismatch(() => gateChecks(bench, kept, { env, progress })))], true);
  } finally {
    bench.close();
  }
}

async function mismatchAsCheck<T extends { base: unknown; check: Check }>(
  look: () => Promise<T>,
): Promise<T | { base: null; check: Check }> {
  try {
    return await look();
  } catch (error) {
    return { base: null, check: asCheck(error) };
  }
}

async function gatesOrMismatch(look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    return [asCheck(error)];
  }
}

function asCheck(error: unknown): Check {
  if (error instanceof Failure && error.code === 'verify_mismatch') return fails('folder', error.detail);
  throw error;
}
