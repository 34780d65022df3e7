import { describe, expect, test } from 'vitest';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import type { ProductName } from '../../../orchestrator/pipeline/products.ts';
import { type LineWatcher, runLine } from '../../../orchestrator/pipeline/run-line.ts';
import type { Attempt, Cause, Outcome, StageDefinition, StageId } from '../../../orchestrator/pipeline/stage.ts';

/** A stage whose outcomes are given in order; the last one is repeated. Its product is `<id>#<n>`. */
function scripted(id: StageId, needs: string[], gives: string, journal: string[], script: (Cause | 'done')[] = ['done']): StageDefinition {
  let runs = 0;
  return {
    id,
    stage: 'BUILD',
    needs: needs as ProductName[],
    gives: gives as ProductName,
    async run(given, attempt: Attempt) {
      const said = script[Math.min(runs, script.length - 1)] ?? 'done';
      runs += 1;
      journal.push(
        `${id}${attempt.number}(${Object.values(given).join(',')})${attempt.returned === null ? '' : `<-${attempt.returned.words}`}`,
      );
      if (said === 'done') return { kind: 'done', product: `${id}#${runs}`, summary: '' } as unknown as Outcome<never>;
      return {
        kind: 'returned',
        returned: { from: id, cause: said, code: 'tests_failed', reason: `${id} said ${said}`, words: `words of ${id}` },
      };
    },
  };
}

const silent: LineWatcher = { begin() {}, end() {}, rework() {} };

function go(line: StageDefinition[], options: { budget?: number; watcher?: LineWatcher; signal?: AbortSignal; kept?: string[] } = {}) {
  return runLine(line, { request: 'wish' } as never, {
    reworkBudget: options.budget ?? 3,
    watcher: options.watcher ?? silent,
    keep: (name) => options.kept?.push(name),
    signal: options.signal ?? new AbortController().signal,
  });
}

describe('the line', () => {
  test('hands each stage only what it names', async () => {
    const journal: string[] = [];
    const { reworks } = await go([
      scripted('PLAN', ['request'], 'planned', journal),
      scripted('SCOUT', ['planned'], 'brief', journal),
      scripted('BUILD', ['planned', 'brief'], 'source', journal),
    ]);
    expect(journal).toEqual(['PLAN1(wish)', 'SCOUT1(PLAN#1)', 'BUILD1(PLAN#1,SCOUT#1)']);
    expect(reworks).toBe(0);
  });

  test('gives a finding back to the owner in the tool’s words and runs every gate downstream again, but no stage whose needs are the same', async () => {
    const journal: string[] = [];
    const { reworks } = await go([
      scripted('BUILD', ['request'], 'source', journal),
      scripted('VALIDATE', ['source'], 'validated', journal),
      scripted('TEST-writing', ['request'], 'tests', journal),
      scripted('TEST-running', ['source', 'tests'], 'tested', journal, ['source', 'done']),
    ]);
    expect(journal).toEqual([
      'BUILD1(wish)',
      'VALIDATE1(BUILD#1)',
      'TEST-writing1(wish)',
      'TEST-running1(BUILD#1,TEST-writing#1)',
      'BUILD2(wish)<-words of TEST-running',
      'VALIDATE2(BUILD#2)',
      'TEST-running2(BUILD#2,TEST-writing#1)',
    ]);
    expect(reworks).toBe(1);
  });

  test('gives a finding in a test file to TEST’s writer and leaves BUILD alone', async () => {
    const journal: string[] = [];
    await go([
      scripted('BUILD', ['request'], 'source', journal),
      scripted('TEST-writing', ['request'], 'tests', journal),
      scripted('TEST-running', ['source', 'tests'], 'tested', journal, ['tests', 'done']),
    ]);
    expect(journal.filter((line) => line.startsWith('BUILD'))).toHaveLength(1);
    expect(journal).toContain('TEST-writing2(wish)<-words of TEST-running');
  });

  test('takes a dispute to PLAN once, runs all of it again, and then ends as spec_ambiguous', async () => {
    const journal: string[] = [];
    const line = [
      scripted('PLAN', ['request'], 'planned', journal),
      scripted('SCOUT', ['planned'], 'brief', journal),
      scripted('BUILD', ['planned', 'brief'], 'source', journal, ['dispute']),
    ];
    await expect(go(line)).rejects.toMatchObject({ code: 'spec_ambiguous' });
    expect(journal.map((line) => line.split('(')[0])).toEqual(['PLAN1', 'SCOUT1', 'BUILD1', 'PLAN2', 'SCOUT2', 'BUILD2']);
  });

  test('ends as budget_reworks, naming the last finding, when the budget is spent', async () => {
    const journal: string[] = [];
    const line = [scripted('BUILD', ['request'], 'source', journal), scripted('VALIDATE', ['source'], 'validated', journal, ['source'])];
    await expect(go(line, { budget: 2 })).rejects.toMatchObject({
      code: 'budget_reworks',
      detail: expect.stringContaining('VALIDATE said source'),
    });
    expect(journal.filter((line) => line.startsWith('BUILD'))).toHaveLength(3);
  });

  test('gives a rejection of REVIEW to nobody', async () => {
    const line = [scripted('BUILD', ['request'], 'source', []), scripted('REVIEW', ['source'], 'reviewed', [], ['verdict'])];
    await expect(go(line)).rejects.toMatchObject({ code: 'tests_failed', detail: 'REVIEW said verdict' });
  });

  test('keeps what was made before a stage failed', async () => {
    const kept: string[] = [];
    const failing: StageDefinition = {
      ...scripted('SCOUT', ['planned'], 'brief', []),
      run: () => Promise.reject(new Failure('brief_invalid', 'no such file')),
    };
    await expect(go([scripted('PLAN', ['request'], 'planned', []), failing], { kept })).rejects.toMatchObject({ code: 'brief_invalid' });
    expect(kept).toEqual(['planned']);
  });

  test('begins no stage after it was cancelled', async () => {
    const journal: string[] = [];
    const stop = new AbortController();
    const first = scripted('PLAN', ['request'], 'planned', journal);
    const stopping: StageDefinition = {
      ...first,
      run(needs, attempt) {
        stop.abort(new Failure('interrupted', 'Ctrl-C'));
        return first.run(needs, attempt);
      },
    };
    await expect(go([stopping, scripted('SCOUT', ['planned'], 'brief', journal)], { signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(journal).toEqual(['PLAN1(wish)']);
  });

  test('tells its watcher every use of the budget', async () => {
    const told: string[] = [];
    const watcher: LineWatcher = {
      ...silent,
      rework: (returned, to, used, budget) => told.push(`${returned.from}->${to} ${used}/${budget}`),
    };
    await go(
      [scripted('BUILD', ['request'], 'source', []), scripted('VALIDATE', ['source'], 'validated', [], ['source', 'source', 'done'])],
      { watcher },
    );
    expect(told).toEqual(['VALIDATE->BUILD 1/3', 'VALIDATE->BUILD 2/3']);
  });
});
