import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonlTrace } from '../../../orchestrator/adapters/trace/jsonl/index.ts';
import { traceEventSchema } from '../../../orchestrator/domain/trace.ts';

const place = () => join(mkdtempSync(join(tmpdir(), 'trace-')), 'trace.jsonl');
const note = (n: number) => ({ type: 'check' as const, stage: 'BUILD', attempt: 1, data: { n } });

describe('a trace', () => {
  test('is a chain of lines, each with the hash of the one before, each on disk when it is written', () => {
    const path = place();
    const trace = jsonlTrace({ path, run: 'r-1' });
    for (let n = 0; n < 3; n += 1) {
      trace.write(note(n));
      expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(n + 2);
    }
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    let before = '0'.repeat(64);
    lines.forEach((line, i) => {
      const event = traceEventSchema.parse(JSON.parse(line));
      expect([event.seq, event.prev, event.run]).toEqual([i, before, 'r-1']);
      before = createHash('sha256').update(line).digest('hex');
    });
    expect(trace.head()).toBe(before);
    trace.close();
  });

  test('writes events in the form that is promised', () => {
    const path = place();
    const trace = jsonlTrace({ path, run: 'r-1', now: () => new Date(0) });
    trace.write({
      type: 'stage',
      stage: 'PLAN',
      attempt: 1,
      model: 'm',
      served_by: null,
      tokens_in: null,
      tokens_out: 2,
      ms: 3,
      eval_ok: true,
      retries: 0,
      cost_usd: null,
      code: null,
      detail: 'd',
    });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      level: 'info',
      seq: 0,
      ts: '1970-01-01T00:00:00.000Z',
      run: 'r-1',
      type: 'stage',
      stage: 'PLAN',
      attempt: 1,
      model: 'm',
      served_by: null,
      tokens_in: null,
      tokens_out: 2,
      ms: 3,
      eval_ok: true,
      retries: 0,
      cost_usd: null,
      code: null,
      detail: 'd',
      prev: '0'.repeat(64),
    });
    trace.close();
  });

  test('that cannot be written fails the run, and goes on failing', () => {
    const trace = jsonlTrace({ path: place(), run: 'r-1' });
    trace.close();
    for (let n = 0; n < 2; n += 1) expect(() => trace.write(note(n))).toThrow(expect.objectContaining({ code: 'trace_write' }));
  });

  test('never goes on with a file that is there already', () => {
    const path = place();
    jsonlTrace({ path, run: 'r-1' }).close();
    expect(() => jsonlTrace({ path, run: 'r-1' })).toThrow(expect.objectContaining({ code: 'trace_write' }));
  });
});
