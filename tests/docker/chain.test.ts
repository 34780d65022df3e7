import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Ended, factory, left } from './line/factory.ts';
import { AVERAGE, approval, build, honest, REQUEST, tests } from './line/replies.ts';
import { scriptedModel } from './line/scripted-model.ts';
import { scriptedOpenai } from './line/scripted-openai.ts';
import { smallTarget } from './line/small-target.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const read = (ended: Ended, file: string) => readFileSync(join(ended.folder as string, file), 'utf8');
const events = (ended: Ended): { type: string; stage: string; served_by?: string; retries?: number; data?: Record<string, unknown> }[] =>
  read(ended, 'trace.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Models by stage; the same name is another server's where it says so. */
const flags = (chains: Readonly<Record<string, string>>) =>
  Object.entries(chains).flatMap(([stage, names]) => ['--model', `${stage}=${names}`]);

describe('a chain of models', { timeout: 300_000 }, () => {
  test('finishes a run whose first provider dies in the middle of BUILD with the second, which goes on from the same words', async () => {
    const look = { look: [{ tool: 'read_file', path: 'prices/sums.py' }], edits: [], done: false, dispute: null };
    const first = await scriptedModel({ ...honest, BUILD: [look, 'die'] });
    const second = await scriptedOpenai({ 'second-BUILD': build(AVERAGE), 'second-TEST': tests, 'second-REVIEW': approval });
    open.push(first, second);
    const ended = await factory(
      [
        ...['-C', smallTarget()],
        ...flags({
          PLAN: 'scripted-PLAN',
          SCOUT: 'scripted-SCOUT',
          BUILD: 'scripted-BUILD,openai:second-BUILD',
          TEST: 'scripted-TEST,openai:second-TEST',
          REVIEW: 'openai:second-REVIEW',
        }),
        ...['--', REQUEST],
      ],
      { OLLAMA_HOST: first.host, OPENAI_BASE_URL: second.baseUrl },
    );
    expect(ended.stderr).toContain('openai/second-BUILD is asked instead');
    expect(ended).toMatchObject({ exitCode: 0, result: { outcome: 'pr', cost_usd: 0 } });
    expect(ended.result?.served_by).toEqual(
      expect.arrayContaining(['ollama/scripted-BUILD', 'openai/second-BUILD', 'openai/second-TEST', 'openai/second-REVIEW']),
    );

    const ofBuild = events(ended).filter(({ type, stage }) => stage === 'BUILD' && ['turn', 'retry', 'hop', 'stage'].includes(type));
    expect(ofBuild.map(({ type }) => type)).toEqual(['turn', 'retry', 'retry', 'hop', 'turn', 'stage']);
    expect(ofBuild[0]?.data).toMatchObject({ turn: 1, served_by: 'ollama/scripted-BUILD' });
    expect(ofBuild[3]?.data).toMatchObject({
      turn: 2,
      model: 'ollama/scripted-BUILD',
      to: 'openai/second-BUILD',
      code: 'model_unavailable',
    });
    expect(ofBuild[4]?.data).toMatchObject({ turn: 2, served_by: 'openai/second-BUILD', cost_usd: 0 });
    expect(ofBuild[5]).toMatchObject({ served_by: 'ollama/scripted-BUILD, openai/second-BUILD', retries: 3 });

    // The second model reads what the first was told, what it said, and what that brought.
    const asked = second.asked.find(({ stage }) => stage === 'second-BUILD')?.messages.map(({ content }) => content) ?? [];
    expect(asked).toHaveLength(4);
    expect(JSON.parse(asked[2] ?? '')).toEqual(look);
    expect(asked[3]).toContain('def total');
    expect(read(ended, 'pr.md')).not.toContain('REVIEW was answered by');
    expect(left(ended.result?.run ?? '')).toEqual([]);
  });
});

describe('a budget', { timeout: 400_000 }, () => {
  test('stops before the call that would pass it, keeps what was paid for, and counts it when the run goes on', async () => {
    const model = await scriptedModel(honest);
    open.push(model);
    const [target, runs] = [smallTarget(), mkdtempSync(join(tmpdir(), 'factory-runs-'))];
    const config = (turns: number) => {
      const path = join(mkdtempSync(join(tmpdir(), 'factory-config-')), 'factory.yaml');
      writeFileSync(path, `budgets: {run: {turns: ${turns}}}\n`);
      return path;
    };
    const call = (turns: number, ...args: string[]) =>
      factory(['-C', target, '--config', config(turns), ...args], { OLLAMA_HOST: model.host }, undefined, runs);

    const stopped = await call(2, ...model.flags, '--', REQUEST);
    expect(stopped).toMatchObject({
      exitCode: 5,
      result: { code: 'budget_calls', stage: 'BUILD', reason: 'the run’s limit is 2 turns: 2 turns spent' },
    });
    expect(model.asked.map(({ stage }) => stage)).toEqual(['PLAN', 'SCOUT']);

    const again = await call(2, '--resume', basename(stopped.folder ?? ''));
    expect(again).toMatchObject({ exitCode: 5, result: { code: 'budget_calls' } });
    expect(model.asked).toHaveLength(2);

    const ended = await call(5, '--max-usd', '0', '--resume', basename(again.folder ?? ''));
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0, result: { outcome: 'pr', cost_usd: 0 } });
    expect(model.asked.map(({ stage }) => stage)).toEqual(['PLAN', 'SCOUT', 'BUILD', 'TEST', 'REVIEW']);
    expect(JSON.parse(read(ended, 'evidence/order.json'))).toMatchObject({
      budgets: { run: { turns: 5, usd: 0 } },
      spent_before: { turns: 2 },
    });
  });
});
