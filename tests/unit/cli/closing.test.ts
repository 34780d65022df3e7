import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { whatToLookAt } from '../../../orchestrator/cli/look.ts';
import { closing } from '../../../orchestrator/cli/text.ts';
import { type RunResult, runResultSchema } from '../../../orchestrator/domain/run.ts';
import type { Base } from '../../../orchestrator/domain/target.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'factory-look-'))));
afterEach(() => rmSync(root, { recursive: true }));

const pr: RunResult = runResultSchema.parse({
  ...{ run: 'r-1', outcome: 'pr', code: null, stage: null, reason: null, branch: 'factory/r-1', commit: 'c', base: 'd', base_tree: 'e' },
  ...{ cost_usd: 0, ms_to_pr: 116_000, first_try: true, reworks: 1, served_by: [], replayed: null, exit_code: 0 },
  started_at: '2026-01-01T00:00:00.000Z',
});
const failed: RunResult = {
  ...{ ...pr, outcome: 'failed', code: 'budget_reworks', stage: 'VALIDATE', branch: null, commit: null, ms_to_pr: null, exit_code: 1 },
};

/** The lines at the end of this run, told to somebody who stands in `standing`, a folder of the repository unless it is absolute. */
function lines(result: RunResult, files: Record<string, string> = {}, standing = '.'): string[] {
  const folder = join(root, 'runs/r-1');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const base: Base = { root, prefix: '', commit: 'f'.repeat(40), rootTree: 'a', tree: 'b', branch: 'main' };
  const workingFolder = standing.startsWith('/') ? standing : join(root, standing);
  return closing(result, 140_000, whatToLookAt({ result, folder, shownAs: 'runs/r-1', base, workingFolder }));
}

/** A trace of containers and turns: [type, stage, attempt, data]. */
function trace(...events: [string, string, number, object][]): string {
  return events
    .map(([type, stage, attempt, data], seq) => ({
      seq,
      ts: '2026-01-01T00:00:00.000Z',
      run: 'r-1',
      type,
      stage,
      attempt,
      prev: '0'.repeat(64),
      data,
    }))
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
}
const container = (folder: string, code: number) => ({ kind: 'k', folder, exit_code: code });

describe('at the end of a run', () => {
  test('that made a PR stands what it took, and the commands that show the change and its proof', () => {
    expect(lines(pr)).toEqual([
      '1m56s to PR   $0.00   first try, 1 rework',
      'look: git diff main...factory/r-1   the change',
      '      less runs/r-1/pr.md   what is proven of it, and what is not',
    ]);
  });

  test('git is told where the repository is, quoted, when one does not stand in it', () => {
    expect(lines(pr, {}, 'app/deep')[1]).toContain('git diff main');
    expect(lines(pr, {}, '/')[1]).toContain(`git -C ${root} diff main...factory/r-1`);
    root = join(root, "it's here");
    mkdirSync(root);
    expect(lines(pr, {}, '/')[1]).toContain(`here' diff main`);
    expect(lines(pr, {}, '/')[1]).toContain(`it'\\''s`);
    root = dirname(root);
  });

  test('that failed stand the change so far as UNPROVEN, the log of the container that said no, the last reply and the trace', () => {
    const all = lines(failed, {
      'change.patch': '# UNPROVEN',
      'evidence/01-validate-1/container.log': 'x',
      'evidence/02-validate-2/container.log': 'x',
      'evidence/03-validate-2/container.log': 'x',
      'evidence/04-build-3/container.log': 'x',
      'trace.jsonl': trace(
        ['container', 'VALIDATE', 1, container('evidence/01-validate-1', 1)],
        ['container', 'VALIDATE', 2, container('evidence/02-validate-2', 1)],
        ['container', 'VALIDATE', 2, container('evidence/03-validate-2', 0)],
        ['container', 'BUILD', 3, container('evidence/04-build-3', 1)],
      ),
    });
    expect(all).toEqual([
      '2m20s, no PR   $0.00   1 rework',
      'look: git apply --stat runs/r-1/change.patch   the change so far, UNPROVEN',
      '      less runs/r-1/evidence/02-validate-2/container.log   VALIDATE’s log',
      '      less runs/r-1/trace.jsonl   all that happened',
    ]);
  });

  test('whose model said no stands the reply that said so', () => {
    const all = lines(
      { ...failed, code: 'review_rejected', stage: 'REVIEW' },
      {
        'evidence/recording/REVIEW-1-2.json': '{}',
        'trace.jsonl': trace(['turn', 'REVIEW', 1, { turn: 1 }], ['turn', 'REVIEW', 1, { turn: 2 }], ['turn', 'PLAN', 1, { turn: 9 }]),
      },
    );
    expect(all.slice(1)).toEqual([
      'look: less runs/r-1/evidence/recording/REVIEW-1-2.json   REVIEW’s last reply',
      '      less runs/r-1/trace.jsonl   all that happened',
    ]);
  });

  test('that only planned stands the Spec', () => {
    expect(lines({ ...failed, outcome: 'planned', code: null, stage: null })[1]).toBe('look: less runs/r-1/spec.md   the Spec');
  });

  test('that broke the program stands where', () => {
    expect(lines({ ...failed, code: 'bug', stage: 'baseline' }, { 'evidence/bug.txt': 'at x' })[1]).toBe(
      'look: less runs/r-1/evidence/bug.txt   where the program broke',
    );
  });

  test.each(['refused', 'interrupted'] as const)('that was %s stands the trace, and the change where there is one', (outcome) => {
    expect(lines({ ...failed, outcome }).slice(1)).toEqual(['look: less runs/r-1/trace.jsonl   all that happened']);
    expect(lines({ ...failed, outcome }, { 'change.patch': 'x' })[1]).toContain('git apply --stat runs/r-1/change.patch');
  });

  test('the statistics of a patch are asked for at the top, where git leaves nothing out', () => {
    const patch = { 'change.patch': 'x' };
    expect(lines(failed, patch, 'app')[1]).toContain(`git -C ${root} apply --stat ${root}/runs/r-1/change.patch`);
  });

  test('a cost that is not known is never shown as nothing', () => {
    expect(lines({ ...failed, cost_usd: null })[0]).toContain('$?');
  });
});
