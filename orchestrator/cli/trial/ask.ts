import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, Failure } from '../../domain/failure.ts';
import type { Reviewed } from '../../pipeline/products.ts';
import { type ReviewedWork, reviewAlone } from '../../pipeline/review-alone.ts';
import type { Progress } from '../../ports/progress.ts';
import { benchRunId, type Workbench } from '../verify/workbench.ts';
import type { TrialCase } from './case.ts';
import type { TrialResult } from './result.ts';

/** Hash of what REVIEW is told, so that results of two prompts are never mixed up. */
export function promptHash({ prompts }: Pick<Workbench, 'prompts'>): string {
  return createHash('sha256').update(JSON.stringify(prompts.review)).digest('hex');
}

/**
 * Ask REVIEW about one case; its conversation is kept in a folder of the case. A reviewer that gives no verdict is a result; a fault of the
 * machine is thrown.
 */
export async function askReview(
  bench: Workbench,
  one: TrialCase,
  work: ReviewedWork,
  { model, progress }: { readonly model: string; readonly progress: Progress },
): Promise<TrialResult> {
  const run = benchRunId('trial');
  const folder = freeFolder(one.folder, model);
  const { world, close } = bench.world(run, folder, progress);
  const common = {
    case: one.name,
    label: one.label,
    how: one.how,
    which_criterion: one.which_criterion,
    base_tree: bench.ground.base.tree,
    gates: null,
    model,
    prompt_sha256: promptHash(bench),
    at: new Date().toISOString(),
  };
  try {
    const { outcome, usage } = await reviewAlone(world, { run, work });
    const { product } = outcome as { product?: Reviewed };
    const code = outcome.kind === 'done' ? null : outcome.returned.code;
    return {
      ...common,
      verdict: code === null ? 'approve' : code === 'review_rejected' ? 'reject' : null,
      code,
      reason: outcome.kind === 'done' ? outcome.summary : outcome.returned.words,
      objects_to: product === undefined ? [] : objectsTo(product),
      reply: lastReply(folder),
      served_by: usage.servedBy.join(', ') || null,
      tokens_in: usage.tokensIn,
      tokens_out: usage.tokensOut,
      estimated: usage.estimated,
      turns: usage.completions,
      ms: usage.ms,
    };
  } catch (error) {
    if (!(error instanceof Failure) || CATALOGUE[error.code].fault !== 'model' || error.code === 'model_unavailable') throw error;
    const none = { verdict: null, objects_to: [], served_by: null, tokens_in: null, tokens_out: null, estimated: false, turns: 0, ms: 0 };
    return { ...common, ...none, code: error.code, reason: error.detail, reply: lastReply(folder) };
  } finally {
    close();
  }
}

function objectsTo({ review }: Reviewed): string[] {
  const unheld = review.criteria.filter(({ holds }) => !holds).map(({ id }) => id);
  const found = review.findings.flatMap(({ about }) => (about === null ? [] : [about.trim().toUpperCase()]));
  return [...new Set([...unheld, ...found])].sort();
}

/** `review-<model>-<n>`: nothing that was asked before is written over. */
function freeFolder(folder: string, model: string): string {
  const slug = model.toLowerCase().replace(/[^a-z0-9.]+/g, '-');
  for (let n = 1; ; n += 1) {
    const path = join(folder, `review-${slug}-${n}`);
    if (!existsSync(path)) return path;
  }
}

function lastReply(folder: string): string | null {
  const recording = join(folder, 'evidence/recording');
  if (!existsSync(recording)) return null;
  const turnOf = (file: string) => Number(/-(\d+)\.json$/.exec(file)?.[1] ?? 0);
  const last = readdirSync(recording)
    .sort((a, b) => turnOf(a) - turnOf(b))
    .at(-1);
  if (last === undefined) return null;
  const { reply } = JSON.parse(readFileSync(join(recording, last), 'utf8')) as { reply?: unknown };
  return typeof reply === 'string' ? reply : null;
}
