import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RunResult } from '../../../orchestrator/domain/run.ts';

export const ROOT = join(import.meta.dirname, '../../..');

/** Runs that are kept with the project and that these tests know the outcome of. */
export const KEPT = [
  'people-sort-products-e9e8',
  'people-sort-products-fe70',
  'warehouse-staff-see-b20d',
  'warehouse-staff-see-3da0',
  'categories-renamed-patch-95e4',
  'greatest-page-size-f23d',
  'greatest-page-size-4df8',
  'every-answer-api-1f79',
] as const;

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'runs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Kept runs in a folder of their own, which others may be made beside: links, since asking changes nothing. */
export function keptRuns(runs: readonly string[] = KEPT): string {
  const folder = emptyFolder();
  for (const run of runs) symlinkSync(join(ROOT, 'runs', run), join(folder, run));
  return folder;
}

interface Turn {
  readonly stage: string;
  readonly servedBy: string;
  readonly tokens: readonly [number | null, number | null];
}

export interface MadeRun {
  readonly run: string;
  readonly request?: string;
  readonly result?: Partial<RunResult> | null;
  readonly turns?: readonly Turn[];
  readonly events?: readonly object[];
}

export const AT = '2026-11-01T10:00:00.000Z';

export function resultOf(run: string, given: Partial<RunResult> = {}): RunResult {
  return {
    run,
    outcome: 'pr',
    code: null,
    stage: null,
    reason: null,
    branch: null,
    commit: null,
    base: 'b'.repeat(40),
    base_tree: 't'.repeat(40),
    cost_usd: 0,
    ms_to_pr: 60_000,
    first_try: true,
    reworks: 0,
    served_by: [],
    replayed: null,
    resumed_from: null,
    human_words: null,
    jail: null,
    started_at: AT,
    exit_code: 0,
    ...given,
  };
}

/** Event of a trace, as the sink would have written it but for its hashes. */
export function event(run: string, type: string, rest: object): object {
  return { seq: 0, ts: AT, run, type, stage: 'run', attempt: 1, prev: '0'.repeat(64), ...rest };
}

export function stageEvent(run: string, stage: string, rest: object = {}): object {
  const figures = { model: null, served_by: null, tokens_in: null, tokens_out: null, ms: 1_000, retries: 0, cost_usd: 0 };
  return event(run, 'stage', { stage, ...figures, eval_ok: true, code: null, detail: 'done', ...rest });
}

/** Make a run's folder; who answered in result.json is who answered in the turns. */
export function make(folder: string, { run, request = `Request of ${run}.`, result = {}, turns = [], events = [] }: MadeRun): string {
  const place = join(folder, run);
  mkdirSync(join(place, 'evidence'), { recursive: true });
  writeFileSync(join(place, 'request.txt'), request);
  const asked = turns.map(({ stage, servedBy, tokens: [tokensIn, tokensOut] }) =>
    event(run, 'turn', {
      stage,
      data: { turn: 1, served_by: servedBy, tokens_in: tokensIn, tokens_out: tokensOut, cost_usd: 0, ms: 1, replayed: null },
    }),
  );
  const lines = [event(run, 'run_started', { data: {} }), ...asked, ...events].map((one) => `${JSON.stringify(one)}\n`);
  writeFileSync(join(place, 'trace.jsonl'), lines.join(''));
  const servedBy = [...new Set(turns.map((turn) => turn.servedBy))];
  if (result !== null) writeFileSync(join(place, 'result.json'), JSON.stringify(resultOf(run, { served_by: servedBy, ...result })));
  return place;
}
