import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runResultSchema } from '../../orchestrator/domain/run.ts';
import { type Ended, factory, left } from './line/factory.ts';
import { AVERAGE, approval, build, honest, mend, plan, REQUEST, rejection, spec } from './line/replies.ts';
import { type Script, type ScriptedModel, scriptedModel } from './line/scripted-model.ts';
import { smallTarget } from './line/small-target.ts';

let models: ScriptedModel[] = [];
afterEach(() => {
  for (const model of models) model.close();
  models = [];
});

/** One repository and one folder of runs, on which a person calls the program again and again, each time with another model. */
function workplace() {
  const target = smallTarget();
  const runs = mkdtempSync(join(tmpdir(), 'factory-runs-'));
  return {
    target,
    async call(script: Script, args: readonly string[], options: { words?: string[]; killAt?: string } = {}) {
      const model = await scriptedModel(script);
      models.push(model);
      const { asked } = model;
      const ended = await factory(
        ['-C', target, ...model.flags, ...args],
        { OLLAMA_HOST: model.host },
        (child) => {
          if (options.killAt === undefined) return;
          const poll = setInterval(() => {
            if (!asked.some(({ stage }) => stage === options.killAt)) return;
            clearInterval(poll);
            child.kill('SIGKILL');
          }, 50);
        },
        runs,
        options.words === undefined ? {} : { words: options.words },
      );
      return { ...ended, asked, stages: asked.map(({ stage }) => stage) };
    },
    git: (...args: string[]) => execFileSync('git', ['-C', target, ...args], { encoding: 'utf8' }).trim(),
  };
}

const runOf = (ended: Ended) => basename(ended.folder as string);
const read = (ended: Ended, file: string) => readFileSync(join(ended.folder as string, file), 'utf8');
const events = (ended: Ended) =>
  read(ended, 'trace.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
/** The commands that were offered, without their `go on:`. */
const offered = (ended: Ended) => ended.stderr.split('\n').flatMap((line) => /^(?:go on:| {3}or:) (.*?) {3}/.exec(line)?.[1] ?? []);

/** Each of these tests runs the line twice. */
const TWICE = { timeout: 480_000 };

describe('a Spec that a person reads before anything is built', TWICE, () => {
  test('is planned, edited, and run without asking PLAN again', async () => {
    const { call, git } = workplace();
    const planned = await call(honest, ['--', REQUEST], { words: ['plan'] });
    expect(planned).toMatchObject({ exitCode: 0, stages: ['PLAN'] });
    const file = planned.stdout.trim();
    expect(file).toBe(join(planned.folder as string, 'spec.md'));
    expect(runResultSchema.parse(JSON.parse(read(planned, 'result.json')))).toMatchObject({ outcome: 'planned', code: null, branch: null });
    expect(read(planned, 'evidence/test_spec_average_of_prices.py')).toContain('def test_');
    expect(offered(planned)[0]).toMatch(/^factory run -C \S+ --runs \S+ --spec \S+\/spec\.md$/);

    writeFileSync(file, readFileSync(file, 'utf8').replace('The average of prices.', 'The mean of prices.'));
    const ran = await call(honest, ['--spec', file]);
    expect(ran.stderr).toContain('REVIEW');
    expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr', resumed_from: null, human_words: null } });
    expect(ran.stages).toEqual(['SCOUT', 'BUILD', 'TEST', 'REVIEW']);
    expect(git('show', `${ran.result?.branch}:CHANGELOG.md`)).toContain('- The mean of prices.');
    expect(read(ran, 'request.txt')).toBe(REQUEST);
    expect(read(ran, 'pr.md')).toContain('The Spec was given by a person');
    expect(events(ran).find(({ type, stage }) => type === 'stage' && stage === 'PLAN')).toMatchObject({ model: null, served_by: null });
    expect(events(ran)[0]).toMatchObject({ type: 'run_started', data: { spec_given: true } });
  });

  test('is refused with what to write instead when it does not lint, and no model is asked', async () => {
    const { call, target } = workplace();
    const file = join(target, 'wish.json');
    const [first, ...others] = spec.acceptance_criteria;
    const invented = { ...first, from: 'something that nobody asked for' };
    writeFileSync(file, JSON.stringify({ ...spec, request: REQUEST, acceptance_criteria: [invented, ...others] }));
    const ran = await call({}, ['--spec', file]);
    expect(ran).toMatchObject({ exitCode: 2, stages: [], result: { outcome: 'failed', code: 'spec_invalid', branch: null } });
    expect(ran.result?.reason).toMatch(/C1\.from: criterion_without_source: .* Instead: /);
    expect(offered(ran)).toEqual([expect.stringMatching(/--spec \S*wish\.json$/)]);
  });

  test('is amended by no model: a dispute ends the run and names the place', async () => {
    const { call, target } = workplace();
    const file = join(target, 'wish.json');
    writeFileSync(file, JSON.stringify({ ...spec, request: REQUEST }));
    const ran = await call({ ...honest, BUILD: [disputing] }, ['--spec', file]);
    expect(ran).toMatchObject({ exitCode: 2, stages: ['SCOUT', 'BUILD'], result: { code: 'spec_ambiguous', reworks: 0 } });
    expect(ran.result?.reason).toMatch(/^C2, prices\/sums\.py:6: .*\nThe Spec was given by a person.*--spec/);
  });
});

const disputing = {
  look: [],
  edits: [],
  done: true,
  dispute: { about: 'C2', path: 'prices/sums.py', line: 6, what: 'the sum of nothing is 0, the mean of nothing has no value' },
};

describe('a request that was refused', TWICE, () => {
  const request = 'Add a function average to prices.sums.';
  const refusal = {
    outcome: 'refusal',
    reason: 'vague',
    questions: ['Which average? Mean or median?', 'What is the average of 0 prices?'],
  };
  const answers = ['the mean of the prices rounded down', 'it is 0 for no prices'];
  const [c1, c2] = spec.acceptance_criteria;
  const founded = {
    outcome: 'spec',
    spec: {
      ...spec,
      acceptance_criteria: [
        { ...c1, id: 'C1', from: 'Add a function average to prices.sums' },
        {
          ...c1,
          id: 'C2',
          from: answers[0],
          rule: 'WHEN the mean is no whole number THE API SHALL return the next lower one',
          examples: [{ type: 'call', call: 'prices.sums:average', args: [[1, 2]], then: { returns: 1 } }],
        },
        { ...c2, id: 'C3', from: answers[1] },
      ],
    },
  };
  const approved = {
    look: [],
    review: { ...approval.review, criteria: ['C1', 'C2', 'C3'].map((id) => ({ ...approval.review.criteria[0], id })) },
  };

  test('shows questions, cost, an example and the command; with the answers it goes to a PR', async () => {
    const { call } = workplace();
    const refused = await call({ PLAN: [refusal] }, ['--', request]);
    expect(refused).toMatchObject({ exitCode: 2, result: { outcome: 'refused', code: 'spec_refused' } });
    expect(refused.stderr).toContain('Q1: Which average? Mean or median?');
    expect(refused.stderr).toMatch(/refused {3}\$0\.00 so far/);
    expect(refused.stderr).toContain('THE API SHALL');
    expect(offered(refused)).toEqual([
      expect.stringMatching(`^factory run .*--resume ${runOf(refused)} --answer Q1="…" --answer Q2="…"$`),
      expect.stringMatching(`^make factory FLAGS='.*--resume ${runOf(refused)} --answer Q1="…" --answer Q2="…"'$`),
    ]);

    const half = await call({}, ['--resume', runOf(refused), '--answer', `Q1=${answers[0]}`]);
    expect(half).toMatchObject({ exitCode: 2, folder: null, result: { code: 'usage' } });
    expect(half.stderr).toContain('Q2 has no answer: What is the average of 0 prices?');

    const script = { ...honest, PLAN: [founded], REVIEW: [approved] };
    const answered = await call(script, ['--resume', runOf(refused), ...answers.flatMap((text, i) => ['--answer', `Q${i + 1}=${text}`])]);
    expect(answered.stderr).toContain('REVIEW');
    expect(answered).toMatchObject({ exitCode: 0, result: { outcome: 'pr', resumed_from: runOf(refused), first_try: false } });
    for (const text of [request, ...answers, ...refusal.questions.map((question) => question.split('?')[0] as string)])
      expect(read(answered, 'request.txt')).toContain(text);
    expect(JSON.parse(read(answered, 'proof.json')).criteria.map(({ from }: { from: string }) => from)).toContain(answers[1]);
  });
});

describe('a run that did not end in a PR', TWICE, () => {
  test('was killed while BUILD thought: it goes on, and no question is asked twice', async () => {
    const { call } = workplace();
    const killed = await call({ ...honest, BUILD: ['hang'] }, ['--', REQUEST], { killAt: 'BUILD' });
    expect(killed.stages).toEqual(['PLAN', 'SCOUT', 'BUILD']);
    const resumed = await call(honest, ['--resume', runOf(killed)]);
    expect(resumed.stderr).toContain('REVIEW');
    expect(resumed.stages).toEqual(['BUILD', 'TEST', 'REVIEW']);
    expect(resumed).toMatchObject({
      exitCode: 0,
      result: { outcome: 'pr', resumed_from: runOf(killed), human_words: null, replayed: null, first_try: false, reworks: 0 },
    });
    expect(read(resumed, 'pr.md')).toContain(`went on from run ${runOf(killed)}: 2 of 5 completions taken over from its recording`);
    expect(left(runOf(killed))).toEqual([]);
    expect(left(runOf(resumed))).toEqual([]);
  });

  test('was rejected by REVIEW: a person’s words go back to BUILD with its reasons, and only what follows is asked', async () => {
    const { call, git } = workplace();
    const rejected = await call({ ...honest, REVIEW: [rejection] }, ['--', REQUEST]);
    expect(rejected).toMatchObject({ exitCode: 1, result: { code: 'review_rejected' } });
    expect(offered(rejected)[0]).toMatch(new RegExp(`--resume ${runOf(rejected)} --rework "what to do differently"$`));
    const words = 'Keep it, but say in the docstring that negative prices round down too.';
    const reworked = await call({ BUILD: [mend('rounded down.', 'rounded down, negative ones too.')], REVIEW: [approval] }, [
      '--resume',
      runOf(rejected),
      '--rework',
      words,
    ]);
    expect(reworked.stderr).toContain('REVIEW');
    expect(reworked.stages).toEqual(['BUILD', 'REVIEW']);
    const told = reworked.asked[0]?.messages.at(-1)?.content;
    expect(told).toContain('rounds up for negative prices');
    expect(told).toContain(words);
    expect(reworked).toMatchObject({
      exitCode: 0,
      result: { outcome: 'pr', resumed_from: runOf(rejected), human_words: [words], reworks: 1, first_try: false },
    });
    expect(git('show', `${reworked.result?.branch}:prices/sums.py`)).toContain('negative ones too');
    expect(events(reworked).filter(({ type }) => type === 'rework')).toMatchObject([
      { stage: 'REVIEW', data: { to: 'BUILD', cause: 'person' } },
    ]);
    expect(read(reworked, 'pr.md')).toContain('A person’s words were one of the reworks');
    expect(read(reworked, 'pr.md')).toContain('5 of 7 completions taken over');
  });
});

describe('a criterion that BUILD finds open', () => {
  test('goes back to PLAN once, which decides it by a numbered assumption that Spec, trace and PR show', async () => {
    const { call } = workplace();
    const [c1, c2] = spec.acceptance_criteria;
    const silent = { ...plan, spec: { ...spec, title: 'The average of prices' } };
    const decided = {
      ...plan,
      spec: {
        ...spec,
        assumptions: [{ id: 'A1', text: 'The mean of no prices is 0, as their sum is.' }],
        acceptance_criteria: [c1, { ...c2, refined_by: ['A1'] }],
      },
    };
    const ran = await call({ ...honest, PLAN: [plan, silent, decided], BUILD: [disputing, build(AVERAGE)] }, ['--', REQUEST]);
    expect(ran.stderr).toContain('REVIEW');
    expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr', reworks: 1 } });
    const disputes = ran.asked.filter(({ stage }) => stage === 'PLAN').map(({ messages }) => messages.at(-1)?.content);
    expect(disputes).toEqual([
      expect.anything(),
      expect.stringContaining('BUILD disputes C2, prices/sums.py:6'),
      expect.stringContaining('does not say how it decides'),
    ]);
    expect(read(ran, 'spec.md')).toContain('The mean of no prices is 0, as their sum is.');
    expect(JSON.parse(read(ran, 'evidence/amended.json'))).toMatchObject({ by: 'BUILD', assumptions: ['A1'] });
    expect(events(ran).filter(({ type }) => type === 'rework')).toMatchObject([{ stage: 'BUILD', data: { to: 'PLAN', cause: 'dispute' } }]);
    expect(read(ran, 'pr.md')).toMatch(/BUILD found, late: C2, prices\/sums\.py:6: .* PLAN decided it by A1\./);
    expect(read(ran, 'pr.md')).toContain('1. **A1**: The mean of no prices is 0');
  });
});
