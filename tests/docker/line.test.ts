import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Ended, factory, left } from './line/factory.ts';
import { AVERAGE, build, honest, mend, REQUEST, refusal, rejection, tests, UNTYPED } from './line/replies.ts';
import { type Script, type ScriptedModel, scriptedModel } from './line/scripted-model.ts';
import { fingerprint, smallTarget } from './line/small-target.ts';

let model: ScriptedModel | null = null;
afterEach(() => {
  model?.close();
  model = null;
});

interface Ran extends Ended {
  readonly target: string;
  readonly asked: ScriptedModel['asked'];
  readonly untouched: boolean;
  readonly events: { type: string; stage: string; data: Record<string, unknown>; eval_ok?: boolean; code?: string | null }[];
}

/** The real program, engine, images and tools on a small target; only the model is scripted. */
async function go(script: Script, options: { flags?: string[]; files?: Record<string, string>; request?: string } = {}): Promise<Ran> {
  model = await scriptedModel(script);
  const target = smallTarget(options.files);
  const before = fingerprint(target);
  const { asked } = model;
  const ended = await factory(['-C', target, ...model.flags, ...(options.flags ?? []), '--', options.request ?? REQUEST], {
    OLLAMA_HOST: model.host,
  });
  const trace = ended.folder === null ? '' : readFileSync(join(ended.folder, 'trace.jsonl'), 'utf8');
  return {
    ...ended,
    target,
    asked,
    untouched: fingerprint(target) === before,
    events: trace
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

const git = (target: string, ...args: string[]) => execFileSync('git', ['-C', target, ...args], { encoding: 'utf8' }).trim();
const branches = (target: string) => git(target, 'for-each-ref', '--format=%(refname:short)', 'refs/heads/').split('\n');

function expectNoPr(ran: Ran): void {
  expect(branches(ran.target)).toEqual(['main']);
  expect(ran.untouched).toBe(true);
  if (ran.result?.run !== undefined) expect(left(ran.result.run)).toEqual([]);
}

describe('the line on a real engine', () => {
  test('takes a request to a branch with code, tests and a changelog line, and touches nothing else', async () => {
    const ran = await go(honest);
    expect(ran.stderr).toMatch(/about \d+k tokens \(computed from sizes\), at most \$0\.00\n .* PLAN/);
    expect(ran).toMatchObject({
      exitCode: 0,
      untouched: true,
      result: { outcome: 'pr', code: null, reworks: 0, first_try: true, cost_usd: 0 },
    });
    const { run, branch } = ran.result as { run: string; branch: string };
    expect(branch).toBe(`factory/${run}`);
    expect(git(ran.target, 'diff', '--name-only', `main...${branch}`).split('\n')).toEqual([
      'CHANGELOG.md',
      'prices/sums.py',
      expect.stringMatching(/^tests\/test_/),
      expect.stringMatching(/^tests\/test_/),
    ]);
    expect(git(ran.target, 'show', `${branch}:prices/sums.py`)).toContain('def average');
    expect(git(ran.target, 'show', `${branch}:CHANGELOG.md`)).toContain('- The average of prices.');
    expect(left(run)).toEqual([]);

    const folder = ran.folder as string;
    for (const file of ['request.txt', 'spec.md', 'change.patch', 'pr.md', 'proof.json', 'receipt.json', 'result.json', 'trace.jsonl'])
      expect(existsSync(join(folder, file)), file).toBe(true);
    const proof = JSON.parse(readFileSync(join(folder, 'proof.json'), 'utf8'));
    for (const criterion of proof.criteria) {
      expect(
        criterion.tests.some((one: { onBase: string; onChange: string }) => one.onBase === 'red' && one.onChange === 'green'),
        criterion.id,
      ).toBe(true);
      expect(criterion.citations).not.toEqual([]);
    }
    // The patch alone gives the same tree.
    git(ran.target, 'stash', '-u');
    git(ran.target, 'apply', '--index', join(folder, 'change.patch'));
    expect(git(ran.target, 'write-tree')).toBe(git(ran.target, 'rev-parse', `${branch}^{tree}`));
  });

  test('gives what mypy says in VALIDATE back to BUILD, which mends it', async () => {
    const ran = await go(
      { ...honest, BUILD: [build(UNTYPED), mend('def average(prices):', 'def average(prices: list[int]) -> int:')] },
      { flags: ['--checks', '0'] },
    );
    expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr', reworks: 1 } });
    expect(ran.stderr).toMatch(/ no VALIDATE .*prices\/sums\.py:9 .*type annotation.*\n +-> BUILD \(rework 1 of 3\)\n/);
    const words = ran.asked.filter(({ stage }) => stage === 'BUILD')[1]?.messages.at(-1)?.content;
    expect(words).toContain('Function is missing a type annotation');
    expect(ran.events.filter(({ type }) => type === 'rework')).toMatchObject([
      { stage: 'VALIDATE', data: { to: 'BUILD', used: 1, budget: 3 } },
    ]);
    expect(ran.events.filter(({ type, stage }) => type === 'stage' && stage === 'VALIDATE').map(({ eval_ok }) => eval_ok)).toEqual([
      false,
      true,
    ]);
  });

  test('lets BUILD check its work before it hands it over, which is no rework', async () => {
    const ran = await go({ ...honest, BUILD: [build(UNTYPED), mend('def average(prices):', 'def average(prices: list[int]) -> int:')] });
    expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr', reworks: 0 } });
    expect(ran.events.filter(({ type }) => type === 'check').map(({ data }) => data.ok)).toEqual([false, true]);
  });

  test('ends loudly when the budget is spent, and leaves the patch marked UNPROVEN', async () => {
    const ran = await go(
      { ...honest, BUILD: [build(UNTYPED), mend('rounded down', 'rounded  down'), mend('rounded  down', 'rounded down')] },
      { flags: ['--checks', '0', '--reworks', '2'] },
    );
    expect(ran).toMatchObject({
      exitCode: 1,
      result: { outcome: 'failed', code: 'budget_reworks', stage: 'VALIDATE', reworks: 2, branch: null },
    });
    expect(ran.stderr).toContain('budget_reworks: The rework budget is spent.');
    const look = /look: (git .*apply --stat .*?) {3}/.exec(ran.stderr)?.[1] ?? 'false';
    expect(execFileSync('sh', ['-c', look], { encoding: 'utf8' })).toContain('prices/sums.py');
    const patch = readFileSync(join(ran.folder as string, 'change.patch'), 'utf8');
    expect(patch).toMatch(/^# UNPROVEN change/);
    git(ran.target, 'stash', '-u');
    git(ran.target, 'apply', '--check', join(ran.folder as string, 'change.patch'));
    git(ran.target, 'stash', 'pop');
    expectNoPr(ran);
  });

  test('ends without a PR when REVIEW rejects, with its reasons, and asks nobody again', async () => {
    const ran = await go({ ...honest, REVIEW: [rejection] });
    expect(ran).toMatchObject({
      exitCode: 1,
      result: { code: 'review_rejected', stage: 'REVIEW', reason: expect.stringContaining('rounds up for negative prices') },
    });
    expectNoPr(ran);
  });

  test('refuses what PLAN refuses, before anything is built', async () => {
    const ran = await go({ ...honest, PLAN: [refusal] }, { request: 'Make it better.' });
    expect(ran).toMatchObject({ exitCode: 2, result: { outcome: 'refused', code: 'spec_refused' } });
    expect(ran.stderr).toContain('Q1: Which average?');
    expect(ran.asked.map(({ stage }) => stage)).toEqual(['PLAN']);
    expectNoPr(ran);
  });

  test('asks no model when the base is red', async () => {
    const ran = await go(honest, { files: { 'tests/test_red.py': 'def test_red() -> None:\n    assert 1 == 2\n' } });
    expect(ran).toMatchObject({
      exitCode: 1,
      result: { code: 'baseline_red', reason: expect.stringContaining('tests/test_red.py::test_red') },
    });
    expect(ran.asked).toEqual([]);
    expectNoPr(ran);
  });

  test('refuses new tests that are green on the base', async () => {
    const vacuous = {
      ...tests,
      files: [
        {
          path: 'tests/test_average.py',
          content: tests.files[0]?.content.replace(
            '    from prices.sums import average\n\n    assert average([1, 2]) == 1\n',
            '    assert 1 == 1\n',
          ),
        },
      ],
    };
    const prose = {
      ...honest.PLAN[0],
      spec: {
        ...honest.PLAN[0]?.spec,
        acceptance_criteria: honest.PLAN[0]?.spec.acceptance_criteria.map((criterion) => ({
          ...criterion,
          examples: [{ type: 'prose', text: 'Test the mean.' }],
        })),
      },
    };
    const ran = await go({ ...honest, PLAN: [prose], TEST: [vacuous] }, { flags: ['--reworks', '0'] });
    expect(ran).toMatchObject({
      exitCode: 1,
      result: {
        code: 'budget_reworks',
        stage: 'TEST',
        reason: expect.stringMatching(/new_tests_do_not_fail_on_base|criterion_without_test/),
      },
    });
    expectNoPr(ran);
  });

  test('keeps BUILD out of the tests: the kernel says so', async () => {
    const weaken = {
      look: [],
      edits: [{ tool: 'write_file', path: 'tests/test_sums.py', content: '' }, ...(build(AVERAGE).edits as object[])],
      done: true,
      dispute: null,
    };
    const ran = await go({ ...honest, BUILD: [weaken, { look: [], edits: [], done: true, dispute: null }] });
    const words = ran.asked.filter(({ stage }) => stage === 'BUILD')[1]?.messages.at(-1)?.content;
    expect(words).toMatch(/read-only/i);
    expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr' } });
    expect(git(ran.target, 'show', `${ran.result?.branch}:tests/test_sums.py`)).toContain('test_total_adds_up');
  });

  test('leaves to the next start what a killed one could not remove, which removes exactly that', async () => {
    const runs = mkdtempSync(join(tmpdir(), 'factory-runs-'));
    model = await scriptedModel({ ...honest, BUILD: ['hang'] });
    const { asked, host, flags } = model;
    const target = smallTarget();
    const killed = await factory(
      ['-C', target, ...flags, '--', REQUEST],
      { OLLAMA_HOST: host },
      (child) => {
        const poll = setInterval(() => {
          if (!asked.some(({ stage }) => stage === 'BUILD')) return;
          clearInterval(poll);
          child.kill('SIGKILL');
        }, 50);
      },
      runs,
    );
    const run = basename(killed.folder as string);
    expect(left(run)).not.toEqual([]);
    model.close();
    model = await scriptedModel({ PLAN: [refusal] });
    const next = await factory(['-C', target, ...model.flags, '--', REQUEST], { OLLAMA_HOST: model.host }, () => {}, runs);
    expect(next.exitCode).toBe(2);
    expect(next.stderr).toContain(`removed what the killed run ${run} had left on the engine`);
    expect(left(run)).toEqual([]);
  });

  test('says within ten seconds that nobody answers, and makes nothing', async () => {
    const target = smallTarget();
    const began = Date.now();
    const ended = await factory(['-C', target, '--', REQUEST], { OLLAMA_HOST: 'http://127.0.0.1:9999' });
    expect(ended).toMatchObject({ exitCode: 3, folder: null, result: { code: 'model_unavailable' } });
    expect(ended.stderr).toContain('tried Ollama at http://127.0.0.1:9999');
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});
