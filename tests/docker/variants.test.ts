import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VariantRun } from '../../orchestrator/domain/hunks.ts';
import type { Change } from '../../orchestrator/domain/tree.ts';
import { type Bench, openBench } from '../hostile/bench.ts';
import { BASE, changesOf, type Files, treeOf } from '../hostile/target.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.close();
  expect(await bench.left()).toEqual([]);
});

const TEST = 'tests/test_new.py';

/** This test on the base and on variants of it, each a list of alternatives. */
function run(content: string, ...variants: readonly (readonly Files[])[]): Promise<VariantRun[]> {
  const head = { ...BASE, [TEST]: content };
  const lead = (files: Files): Change[] => changesOf(head, { ...head, ...files });
  return bench.toolbox().variants(
    treeOf(head),
    variants.map((alternatives) => alternatives.map(lead)),
    [TEST],
    { stage: 'TEST', attempt: 1 },
  );
}

const brief = (runs: readonly VariantRun[]) =>
  runs.map(({ state, alternative, report }) => [
    state,
    alternative,
    report?.exitCode ?? null,
    report?.tests?.map(({ outcome }) => outcome).join(' '),
  ]);

describe('variants of a tree, one after the other in one container', () => {
  test('say each for itself what the tests did, from the first alternative that parses', async () => {
    const zero = { 'prices/sums.py': 'def total(prices: list[int]) -> int:\n    return 0\n' };
    const cut = { 'prices/sums.py': 'def total(prices:\n' };
    const gone = { 'prices/sums.py': 'X = 1\n' };
    const runs = await run(
      'from prices.sums import total\n\n\ndef test_a():\n    assert total([1]) == 1\n\n\ndef test_b():\n    assert total([]) == 0\n',
      [zero],
      [cut, zero],
      [cut],
      [gone],
      [{}],
    );
    expect(brief(runs)).toEqual([
      ['ended', 0, 0, 'passed passed'],
      ['ended', 0, 1, 'failed passed'],
      ['ended', 1, 1, 'failed passed'],
      ['unparsable', null, null, undefined],
      ['ended', 0, 1, ''],
      ['ended', 0, 0, 'passed passed'],
    ]);
    expect(runs[4]?.report?.collectionErrors.map(({ file }) => file)).toEqual([TEST]);
  });

  test('find nothing of each other: no file, no process, no report', async () => {
    const trail = [
      'import os, pathlib, subprocess',
      '',
      '',
      'def test_alone():',
      '    assert not os.path.exists("/tmp/trail")',
      '    assert not os.path.exists("/copy/prices/trail.py")',
      '    assert not os.path.exists("/dev/shm/trail")',
      '    assert sorted(os.listdir("/out")) == []',
      '    running = [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if b"sleep" in p.read_bytes()]',
      '    assert running == []',
      '    os.makedirs("/tmp/trail/locked/inner")',
      '    os.chmod("/tmp/trail/locked", 0)',
      '    open("/copy/prices/trail.py", "w").close()',
      '    open("/dev/shm/trail", "w").close()',
      '    os.symlink("/w/gate/variants.json", "/out/variants.json")',
      '    os.mkdir("/out/1.xml")',
      '    open("/out/2.xml", "w").write("<forged/>")',
      '    subprocess.Popen(["sleep", "600"], start_new_session=True)',
      '',
    ];
    const runs = await run(trail.join('\n'), [{}], [{}]);
    expect(brief(runs)).toEqual(Array.from({ length: 3 }, () => ['ended', 0, 0, 'passed']));
  });

  test('may take as long as their own head asks for, and no longer', async () => {
    const endless = { 'prices/sums.py': 'def total(prices: list[int]) -> int:\n    while True:\n        pass\n' };
    const runs = await run('from prices.sums import total\n\n\ndef test_a():\n    assert total([1]) == 1\n', [endless], [{}]);
    expect(brief(runs)).toEqual([
      ['ended', 0, 0, 'passed'],
      ['timed_out', 0, null, undefined],
      ['ended', 0, 0, 'passed'],
    ]);
    expect(runs[1]?.ms).toBeGreaterThanOrEqual(10_000 + 5 * (runs[0]?.ms ?? 0));
  });
});
