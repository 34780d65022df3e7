import { describe, expect, test } from 'vitest';
import { MODEL_STAGES } from '../../../orchestrator/domain/stage.ts';
import { NO_USAGE, type Usage } from '../../../orchestrator/pipeline/asking.ts';
import { reasonOf } from '../../../orchestrator/pipeline/facts-words.ts';
import type { Returned, StageDefinition } from '../../../orchestrator/pipeline/stage.ts';
import { watcher } from '../../../orchestrator/pipeline/watcher.ts';
import type { StageLine } from '../../../orchestrator/ports/progress.ts';

const stage = (id: string, name: string) => ({ id, stage: name }) as unknown as StageDefinition;
const validate = stage('VALIDATE', 'VALIDATE');
const plan = stage('PLAN', 'PLAN');
const returned: Returned = {
  from: 'VALIDATE',
  cause: 'source',
  code: 'validate_failed',
  reason: 'mypy: app/x.py:4 no',
  words: 'all of it',
};

/** A watcher, and what it told people and the trace. */
function watching(usage: Usage = NO_USAGE) {
  const lines: StageLine[] = [];
  const told: unknown[] = [];
  const events: { type: string; code?: unknown; detail?: unknown }[] = [];
  const watched = watcher({
    trace: { write: (event: { type: string }) => void events.push(event), close() {} } as never,
    progress: {
      header() {},
      note() {},
      begin: (...words) => void told.push(words),
      rework: (...words) => void told.push(words),
      end: (line) => void lines.push(line),
    },
    asking: { usage: () => usage, settings: () => ({ model: 'm' }) } as never,
    asked: MODEL_STAGES,
    onStage() {},
    onRework() {},
  });
  return { watched, lines, told, events };
}

describe('what people are told of a stage', () => {
  test('that says no is its reason alone: the code stands in the trace', () => {
    const { watched, lines, events } = watching();
    watched.end(validate, { number: 1, returned: null }, { ok: false, text: returned.reason, code: returned.code });
    expect(lines[0]).toMatchObject({ ok: false, text: 'mypy: app/x.py:4 no' });
    expect(events[0]).toMatchObject({ type: 'stage', code: 'validate_failed', detail: 'mypy: app/x.py:4 no' });
  });

  test.each([
    ['vague\nQ1: Which average?', 'vague'],
    ['The Spec does not hold:\n- C1: no source\n- C2: twice', 'The Spec does not hold: - C1: no source'],
    ['The Spec does not hold:', 'The Spec does not hold:'],
  ])('of %j is its first line, and the next where that only introduces it', (text, line) => {
    const { watched, lines } = watching();
    watched.end(plan, { number: 1, returned: null }, { ok: false, text, code: 'spec_refused' });
    expect(lines[0]?.text).toBe(line);
  });

  test('has figures only where a model has answered', () => {
    const { watched, lines } = watching();
    watched.end(plan, { number: 1, returned: null }, { ok: false, text: 'by Ctrl-C', code: 'interrupted' });
    expect(lines[0]?.asked).toBe(false);
    const other = watching({ ...NO_USAGE, completions: 1, tokensIn: 5, tokensOut: null });
    other.watched.end(plan, { number: 1, returned: null }, { ok: true, text: 'done', code: null });
    expect(other.lines[0]).toMatchObject({ asked: true, tokensIn: 5, tokensOut: null });
  });

  test('that gets work back is to whom it goes, by the name people know, and then why', () => {
    const { watched, told } = watching();
    watched.rework(returned, 'TEST-writing', 1, 3);
    watched.begin(stage('TEST-writing', 'TEST'), { number: 2, returned });
    expect(told).toEqual([
      ['TEST', 1, 3],
      ['TEST', 'rework: mypy: app/x.py:4 no'],
    ]);
  });
});

describe('the reason of a fact', () => {
  const fact = { name: 'n', holds: false, code: 'validate_failed', where: [{ path: 'app/x.py', line: 4 }] } as const;

  test('says its place once', () => {
    expect(reasonOf([{ ...fact, evidence: 'mypy: 1 new finding, first app/x.py:4 no' }])).toBe('mypy: 1 new finding, first app/x.py:4 no');
    expect(reasonOf([{ ...fact, evidence: 'a test is skipped' }])).toBe('app/x.py:4 a test is skipped');
  });
});
