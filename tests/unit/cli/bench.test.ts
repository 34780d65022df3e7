import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BARE } from '../../../orchestrator/cli/bench/bare.ts';
import { gateTimes } from '../../../orchestrator/cli/bench/gates.ts';
import { benchPage } from '../../../orchestrator/cli/bench/page.ts';
import { EACH } from '../../../orchestrator/cli/bench/without-probes.ts';

const folder = mkdtempSync(join(tmpdir(), 'factory-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A run of which this is known: stage, kind, words of the command, from and to in seconds. */
function runFolder(containers: readonly (readonly [string, string, string, number, number])[]): string {
  const at = (s: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString();
  const event = (type: string, stage: string, s: number, data: object, seq: number) =>
    JSON.stringify({ seq, ts: at(s), run: 'a', stage, attempt: 1, prev: '0'.repeat(64), type, data });
  const lines = [
    event('run_started', 'run', 0, {}, 1),
    event('probe', 'run', 1, { kind: 'plan', ok: true, tries: {}, holes: [], ms: 700 }, 2),
  ];
  for (const [n, [stage, kind, words, from, to]] of containers.entries()) {
    mkdirSync(join(folder, `evidence/${n}`), { recursive: true });
    writeFileSync(join(folder, `evidence/${n}/create.json`), JSON.stringify({ engine: { Image: `of-${kind}`, Cmd: words.split(' ') } }));
    const data = { kind, folder: `evidence/${n}`, exit_code: 0, oom_killed: false, killed_for: null, ms: (to - from) * 1000 };
    lines.push(event('container', stage, to, data, n + 3));
  }
  lines.push(event('run_ended', 'run', 60, {}, 99));
  writeFileSync(join(folder, 'trace.jsonl'), `${lines.join('\n')}\n`);
  return folder;
}

const HEAD = ['TEST', 'test-running', '/opt/gate/run_pytest.py --cov=/copy/app', 20, 30] as const;

it('The time of the gates counts what runs side by side once, and no agent and no other stage', () => {
  const times = gateTimes(
    runFolder([
      ['BUILD', 'validate', '/opt/venv/bin/ruff check', 1, 5],
      ['VALIDATE', 'validate', '/opt/venv/bin/ruff check', 6, 8],
      ['VALIDATE', 'validate', 'python -I -m mypy', 6, 10],
      ['TEST', 'test-writing', 'node agent.mjs', 10, 19],
      HEAD,
      ['TEST', 'test-running', '/opt/gate/run_variants.py', 31, 33],
    ]),
  );
  expect(times).toMatchObject({ wallMs: 16_000, probesMs: 700, testImage: 'of-test-running' });
  expect(times.containers.map(({ stage, what, ms }) => [stage, what, ms / 1000])).toEqual([
    ['VALIDATE', 'ruff check', 2],
    ['VALIDATE', 'mypy', 4],
    ['TEST', 'pytest on the change, measured', 10],
    ['TEST', 'pytest without each hunk', 2],
  ]);
});

it('A run whose tests ran twice on the change, or never, is none to measure', () => {
  expect(() => gateTimes(runFolder([HEAD, HEAD]))).toThrow(/run_unknown/);
  expect(() => gateTimes(runFolder([]))).toThrow(/run_unknown/);
});

it('The page says the ratio and whether it is as it should be', () => {
  const gates = [gateTimes(runFolder([HEAD]))];
  const page = (ms: number) =>
    benchPage({
      ...{ machine: 'm', date: 'd', loads: [1], run: 'r', gates, withProbes: [9000], withoutProbes: [8000], others: [] },
      bare: [BARE.map((command) => ({ command, ms, againMs: ms / 2, withContainerMs: 2 * ms, exitCode: 0 }))],
    });
  expect(page(1000)).toContain('**2.5 times** (goal: at most 2.5; kept) the bare tools in a fresh checkout');
  expect(page(1000)).toContain('**5.0 times** (goal: at most 2.5; missed) the bare tools where mypy has its cache');
  expect(page(1000)).toContain('1.3 times the bare tools in a fresh checkout with their containers');
  expect(page(1000)).toContain('They add 1.0 s to a replay');
});

it('What the bench takes out to probe nothing stands in the program once', () => {
  const prove = join(import.meta.dirname, '../../../orchestrator/pipeline/jail/prove.ts');
  expect(readFileSync(prove, 'utf8').split(EACH)).toHaveLength(2);
});
