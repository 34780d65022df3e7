import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { applyPatch } from '../../adapters/workspace/git/apply.ts';
import { briefSchema } from '../../domain/brief.ts';
import { CATALOGUE, Failure, type FailureCode } from '../../domain/failure.ts';
import { receiptSchema } from '../../domain/receipt.ts';
import type { RunResult } from '../../domain/run.ts';
import { type Spec, specSchema } from '../../domain/spec.ts';
import { diffTrees } from '../../domain/tree.ts';
import { reviewSchema } from '../../domain/turns.ts';
import { proofFileSchema } from '../../domain/verdict.ts';
import type { GivenWork } from '../../pipeline/given.ts';
import type { Progress } from '../../ports/progress.ts';
import { type Check, fails, holds, judged } from './check.ts';
import type { KeptRun } from './kept-run.ts';
import { benchRunId, type Workbench } from './workbench.ts';

/**
 * Every gate once more, in fresh containers over the kept Spec, patches and review; then what came out beside what was kept. No model is
 * asked and no branch made. Throws what the machine is at fault for, and verify_mismatch for a kept file that cannot be read.
 */
export async function gateChecks(
  bench: Workbench,
  kept: KeptRun,
  options: { env: NodeJS.ProcessEnv; progress: Progress },
): Promise<Check[]> {
  const { spec, given } = await keptWork(bench, kept, options.env);
  const scratch = mkdtempSync(join(tmpdir(), 'factory-verify-'));
  const folder = join(scratch, 'run');
  try {
    const result = await bench.run({
      run: benchRunId('verify'),
      folder,
      request: kept.bytes('request.txt')?.toString('utf8') ?? '',
      spec,
      given,
      upTo: 'PR',
      branch: 'none',
      progress: withoutPr(options.progress),
    });
    if (result.outcome !== 'pr') return [asGate(result)];
    return compared(kept, folder, result);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What the line does after its last stage is not for people here: nothing is handed over. */
function withoutPr(progress: Progress): Progress {
  return {
    ...progress,
    begin: (stage, what) => void (stage === 'PR' || progress.begin(stage, what)),
    end: (line) => void (line.stage === 'PR' || progress.end(line)),
  };
}

async function keptWork({ ground }: Workbench, kept: KeptRun, env: NodeJS.ProcessEnv): Promise<{ spec: Spec; given: GivenWork }> {
  const { base, tree } = ground;
  const patch = (name: string) => ({ name, text: kept.bytes(name)?.toString('utf8') ?? '' });
  const withSource = await applyPatch(base, tree, patch('evidence/source.patch'), env);
  const withTests = await applyPatch(base, withSource, patch('evidence/tests.patch'), env);
  const { review } = kept.json('evidence/review.json', z.object({ review: reviewSchema }));
  return {
    spec: kept.json('evidence/spec.json', specSchema),
    given: {
      brief: kept.json('evidence/brief.json', briefSchema),
      source: diffTrees(tree, withSource),
      tests: diffTrees(withSource, withTests),
      review,
    },
  };
}

function asGate({ code, reason, stage }: RunResult): Check {
  const known = (code ?? 'bug') as FailureCode;
  if (['environment', 'factory', 'user'].includes(CATALOGUE[known].fault)) throw new Failure(known, reason ?? '');
  return fails(`gate ${stage ?? ''}`.trim(), `${known}: ${reason ?? ''}`);
}

function compared(kept: KeptRun, folder: string, { jail }: RunResult): Check[] {
  const again = <T>(path: string, schema: z.ZodType<T>): T => schema.parse(JSON.parse(readFileSync(join(folder, path), 'utf8')));
  const receipt = again('receipt.json', receiptSchema);
  const proof = kept.json('proof.json', proofFileSchema);
  const sameProof = JSON.stringify(proof.criteria) === JSON.stringify(again('proof.json', proofFileSchema).criteria);
  const samePatch = kept.bytes('change.patch')?.toString('utf8') === readFileSync(join(folder, 'change.patch'), 'utf8');
  const tree = receipt.head_tree.slice(0, 12);
  const names = [...new Set(kept.receipt.facts.map(({ name }) => name))];
  return [
    ...names.map((name) => factCheck(name, receipt.facts)),
    holds('jail', jail ?? 'held'),
    judged(
      'tree',
      receipt.head_tree === kept.receipt.head_tree,
      `base, source, tests and changelog come to tree ${tree} again`,
      `base, source, tests and changelog come to tree ${tree}, and the receipt says ${kept.receipt.head_tree.slice(0, 12)}`,
    ),
    judged('change.patch', samePatch, 'is the whole of it, byte by byte', 'is not what source, tests and changelog come to'),
    judged(
      'proof.json',
      sameProof,
      `${proof.criteria.length} criteria: the same tests, red and green, hunks and citations`,
      'does not say what the gates say now',
    ),
  ];
}

/** A run that came to a PR has no fact that does not hold: what can be wrong is that one was never computed. */
function factCheck(name: string, facts: readonly { readonly name: string; readonly evidence: string }[]): Check {
  const found = facts.filter((fact) => fact.name === name);
  const what = name.replaceAll('_', ' ');
  if (found.length === 0) return fails(what, 'the receipt says so, and no gate of this factory does');
  return holds(what, found.map(({ evidence }) => evidence).join('; '));
}
