import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hashChecks } from '../../../orchestrator/cli/verify/hashes.ts';
import { openKeptRun } from '../../../orchestrator/cli/verify/kept-run.ts';
import { traceChain } from '../../../orchestrator/cli/verify/trace-chain.ts';
import { changeByte, sealedRun, unsealedRun } from './sealed-run.ts';

/** What does not hold in a folder, as `file: sentence`. */
function wrong(folder: string): string[] {
  const { checks } = hashChecks(openKeptRun(folder, '/nowhere'));
  return checks.filter(({ ok }) => ok === false).map(({ what, says }) => `${what}: ${says}`);
}

function untold(folder: string): string[] {
  const { checks } = hashChecks(openKeptRun(folder, '/nowhere'));
  return checks.filter(({ ok }) => ok === null).map(({ what, says }) => `${what}: ${says}`);
}

describe('the hashes of a sealed run', () => {
  test('hold where nobody has changed anything', () => {
    const folder = sealedRun();
    expect(wrong(folder)).toEqual([]);
    expect(untold(folder)).toEqual([]);
  });

  test('tell one changed byte anywhere in the trace, its first, its last and each line’s', () => {
    const folder = sealedRun();
    const whole = readFileSync(join(folder, 'trace.jsonl'));
    const head = JSON.parse(readFileSync(join(folder, 'receipt.json'), 'utf8')).seal.trace_head;
    const holds = (bytes: Buffer) => traceChain(bytes, 'warehouse-staff-see-3da0').hashes.at(-1) === head;
    expect(holds(whole)).toBe(true);
    const starts = [...whole.entries()].filter(([at]) => at === 0 || whole[at - 1] === 0x0a).map(([at]) => at);
    const places = starts.flatMap((start, i) => {
      const end = (starts[i + 1] ?? whole.length) - 1;
      return [start, start + 20, Math.floor((start + end) / 2), end - 5, end - 1, end];
    });
    for (const at of places) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(holds(changed), `byte ${at}`).toBe(false);
    }
    changeByte(join(folder, 'trace.jsonl'), whole.length - 10);
    expect(wrong(folder)[0]).toMatch(/^trace\.jsonl: /);
  });

  test('name the lines that a changed line of the trace stands between', () => {
    const folder = sealedRun();
    const trace = join(folder, 'trace.jsonl');
    writeFileSync(trace, readFileSync(trace, 'utf8').replace('"tokens_out":434', '"tokens_out":433'));
    expect(wrong(folder)[0]).toMatch(/^trace\.jsonl: line 81 is not the line that line 82 was written after: one of them was changed$/);
  });

  test('tell a trace that was cut off, begun later or gone on with', () => {
    const folder = sealedRun();
    const trace = join(folder, 'trace.jsonl');
    const lines = readFileSync(trace, 'utf8').trimEnd().split('\n');
    writeFileSync(trace, `${lines.slice(0, -1).join('\n')}\n`);
    expect(wrong(folder)).toEqual(['trace.jsonl: its last line is not what the receipt says: it was changed']);
    writeFileSync(trace, `${lines.slice(1).join('\n')}\n`);
    expect(wrong(folder)[0]).toContain('line 1 does not begin a trace');
    writeFileSync(trace, lines.join('\n'));
    expect(wrong(folder)[0]).toContain('its last line is cut off');
    rmSync(trace);
    expect(wrong(folder)).toEqual(['trace.jsonl: is not there']);
  });

  test.each([
    'change.patch',
    'evidence/source.patch',
    'evidence/tests.patch',
    'evidence/spec.json',
    'proof.json',
    'pr.md',

    'request.txt',
    'evidence/recording/REVIEW-1-1.json',
    'evidence/62-review-1/container.log',
  ])('tell one changed byte in %s', (path) => {
    const folder = sealedRun();
    const file = join(folder, path);
    changeByte(file, readFileSync(file).indexOf('e', Math.floor(readFileSync(file).length / 2)));
    expect(wrong(folder)).toContainEqual(
      expect.stringMatching(new RegExp(`^${path.replaceAll('.', '\\.')}: is not what the receipt says`)),
    );
  });

  test('tell a file that is gone, and say which is not the run’s', () => {
    const folder = sealedRun();
    rmSync(join(folder, 'evidence/review.json'));
    expect(wrong(folder)).toEqual(['evidence/review.json: is not there, and the receipt has its hash']);
    appendFileSync(join(folder, 'evidence/more.txt'), 'mine');
    expect(untold(folder)).toEqual(['files: not the run’s, and left out: evidence/more.txt']);
  });

  test('tell a receipt of another run', () => {
    const folder = sealedRun();
    const receipt = join(folder, 'receipt.json');
    writeFileSync(receipt, readFileSync(receipt, 'utf8').replace('warehouse-staff-see-3da0', 'another-run-0000'));
    expect(wrong(folder)[0]).toMatch(/^receipt\.json: and result\.json are of different runs/);
  });
});

describe('the hashes of a run from before runs were sealed', () => {
  test('hold, and what no hash holds is said', () => {
    const folder = unsealedRun();
    expect(wrong(folder)).toEqual([]);
    expect(untold(folder)).toEqual([
      expect.stringContaining('trace.jsonl: no hash holds its last line'),
      expect.stringMatching(/^files: no hash holds \d+ others, among them .*pr\.md/),
    ]);
  });

  test.each([
    'change.patch',
    'evidence/source.patch',
    'evidence/tests.patch',
    'evidence/changelog.patch',
    'evidence/spec.json',
    'request.txt',
  ])('tell one changed byte in %s', (path) => {
    const folder = unsealedRun();
    const file = join(folder, path);
    changeByte(file, readFileSync(file).indexOf('e', Math.floor(readFileSync(file).length / 2)));
    expect(wrong(folder)).toEqual([`${path}: is not what the receipt says: it was changed after the run had ended`]);
  });

  test('tell one changed byte in any line of the trace but the last', () => {
    const folder = unsealedRun();
    const trace = join(folder, 'trace.jsonl');
    changeByte(trace, readFileSync(trace).lastIndexOf(0x0a, readFileSync(trace).length - 2) - 9);
    expect(wrong(folder)[0]).toMatch(/^trace\.jsonl: /);
  });
});

test('a result or receipt that is no longer one is refused by its name', () => {
  const folder = unsealedRun();
  const result = join(folder, 'result.json');
  writeFileSync(result, readFileSync(result, 'utf8').replace('"outcome"', '"outcomf"'));
  expect(() => openKeptRun(folder, '/nowhere')).toThrow(/verify_mismatch: result\.json is not what a run writes/);
});

test('a run without a receipt cannot be verified, and a folder that is none is unknown', () => {
  const folder = unsealedRun();
  rmSync(join(folder, 'receipt.json'));
  expect(() => openKeptRun(folder, '/nowhere')).toThrow(/has no receipt/);
  expect(() => openKeptRun('no-such-run', '/nowhere')).toThrow(/is no run/);
});
