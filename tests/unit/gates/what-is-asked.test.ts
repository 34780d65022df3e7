import { describe, expect, it } from 'vitest';
import { type ChangedRun, hunksIn, takeApart, type VariantRun } from '../../../orchestrator/domain/hunks.ts';
import type { Finding, TestReport, ToolReport } from '../../../orchestrator/domain/report.ts';
import { applyChanges, type Change, type FileTree, readText } from '../../../orchestrator/domain/tree.ts';
import type { Fact } from '../../../orchestrator/domain/verdict.ts';
import { pythonPieces } from '../../../orchestrator/gates/hunks/pieces.ts';
import { testFunctions } from '../../../orchestrator/gates/test-functions.ts';
import { hunkGate } from '../../../orchestrator/pipeline/hunk-gate.ts';
import type { Ground, Planned, WrittenTests } from '../../../orchestrator/pipeline/products.ts';
import { sourceGate } from '../../../orchestrator/pipeline/source-gate.ts';
import { testRunning } from '../../../orchestrator/pipeline/stages/test-running.ts';
import { testGate } from '../../../orchestrator/pipeline/test-gate.ts';
import type { Toolbox } from '../../../orchestrator/pipeline/toolbox.ts';
import type { Repository } from '../../../orchestrator/ports/repository.ts';
import { added, baseline, criterion, LAYOUT, modified, PROTECTION, result, run, spec, tree } from './support.ts';

/*
 * That a fact is right is no use where nobody asks for it. Here the tools are honest fakes, one thing is wrong, and the gate that the line asks must say so.
 */

const BEFORE = 'LIMIT = 5\n\n\ndef lowest() -> int:\n    return LIMIT\n';
const AFTER = `${BEFORE}\n\ndef highest(n: int) -> int:\n    if n > LIMIT:\n        return LIMIT\n    return n\n`;
const OLD_TESTS = 'def test_lowest() -> None:\n    assert True\n';
const NEW_TESTS = 'def test_highest() -> None:\n    """Criteria: C1"""\n    assert True\n';
const OLD = 'tests/test_old.py::test_lowest';
const NEW = 'tests/test_new.py::test_highest';

const BASE = tree({ 'app/stock.py': BEFORE, 'tests/test_old.py': OLD_TESTS });
const SOURCE = [modified('app/stock.py', BEFORE, AFTER)];
const TESTS: WrittenTests = {
  changes: [added('tests/test_new.py', NEW_TESTS)],
  onBase: new Map(),
  criteria: new Map([[NEW, ['C1']]]),
  facts: [],
};
const HEAD = applyChanges(applyChanges(BASE, SOURCE), TESTS.changes);
const SPEC = spec([criterion('C1')]);
const PLANNED: Planned = { spec: SPEC, amended: null, compiled: { path: 'tests/test_spec.py', content: '', tests: [], prose: [] } };
const GROUND: Ground = { base: { tree: 'a' } as unknown as Ground['base'], tree: BASE, layout: LAYOUT, protection: PROTECTION };
const RAN = { percent: 100, files: { 'app/stock.py': { executed: [1, 4, 5], missing: [] } } };
const BASELINE = baseline({ passed: [OLD], coverage: RAN });
const WHO = { stage: 'TEST', attempt: 1 } as const;

/** Git's diff of the source patch, as far as it is needed: every line of the head from the seventh on is new. */
const DIFF = ['diff --git a/app/stock.py b/app/stock.py', '--- a/app/stock.py', '+++ b/app/stock.py', '@@ -5,0 +6,6 @@']
  .concat(
    AFTER.split('\n')
      .slice(5, 11)
      .map((line) => `+${line}`),
  )
  .join('\n');
const repository = { diff: async () => `${DIFF}\n` } as unknown as Repository;

function tool(name: ToolReport['tool'], findings: readonly Finding[] = []): ToolReport {
  return { tool: name, exitCode: findings.length === 0 ? 0 : 1, findings, output: '' };
}
const unused: Finding = { tool: 'ruff', path: 'app/stock.py', line: 1, code: 'F401', message: 'unused' };

/** What an honest pytest says of these files: planted tests fail, all others pass; planted functions are missed unless a planted test calls them. */
function honest(of: FileTree, files: readonly string[]): TestReport {
  const text = (path: string) => readText(of, path) ?? '';
  const planted = files.filter((path) => !HEAD.has(path));
  const tests = files.flatMap((path) =>
    testFunctions(text(path)).map(({ name }) => result(`${path}::${name}`, planted.includes(path) ? 'failed' : 'passed')),
  );
  const lines = text('app/stock.py').split('\n');
  const numbered = lines.flatMap((line, i) => (line.trim() === '' ? [] : [i + 1]));
  const isCalled = (name: string) => planted.some((path) => text(path).includes(name));
  const missing = numbered.filter((line) => {
    const name = /^def (_\w+)\(/.exec(lines[line - 2] ?? '')?.[1];
    return name !== undefined && !isCalled(name);
  });
  const executed = numbered.filter((line) => !missing.includes(line));
  return { ...run(tests), coverage: { percent: 0, files: { 'app/stock.py': { executed, missing } } } };
}

interface Faults {
  readonly tools?: readonly ToolReport[];
  readonly report?: (report: TestReport, files: readonly string[]) => TestReport;
}

/** Honest tools, but for one thing; `asked` is told the files of each test run. */
function toolbox(
  { tools = [tool('ruff'), tool('format'), tool('mypy')], report = (one) => one }: Faults = {},
  asked: string[][] = [],
): Toolbox {
  const fake: Partial<Toolbox> = {
    validate: async () => [...tools],
    test: async (of, files) => {
      asked.push([...files]);
      return report(honest(of, files), files);
    },
  };
  return fake as Toolbox;
}

/** A generator that always gives another number. */
function counting(): () => number {
  let n = 0;
  return () => {
    n += 0.137;
    return n % 1;
  };
}

const broken = (facts: readonly Fact[]) => facts.filter(({ holds }) => !holds).map(({ name }) => name);

describe('the run on the change', () => {
  const onHead = (faults: Faults = {}, asked: string[][] = []) =>
    testGate(toolbox(faults, asked), repository, counting()).onHead({
      ground: GROUND,
      baseline: BASELINE,
      head: HEAD,
      tests: TESTS,
      superseded: [],
      interface: [],
      who: WHO,
    });

  it('is green where nothing is wrong', async () => {
    expect(broken((await onHead()).facts)).toEqual([]);
  });

  it('has a planted test before all others and one after them, and the target’s own between', async () => {
    const asked: string[][] = [];
    await onHead({}, asked);
    expect(asked).toEqual([[expect.any(String), 'tests/test_new.py', 'tests/test_old.py', expect.any(String)]]);
    for (const path of [asked[0]?.[0], asked[0]?.[3]]) expect(HEAD.has(path ?? '')).toBe(false);
  });

  it('is not believed where a planted test passes', async () => {
    const { facts } = await onHead({
      report: ({ tests }, files) => run((tests ?? []).map((test) => (test.id.startsWith(files[0] ?? '') ? result(test.id) : test))),
    });
    expect(broken(facts)).toContain('canaries_failed');
  });

  it('is not believed where planted functions that nothing calls are said to have run', async () => {
    const { facts } = await onHead({
      report: (report) => {
        const { executed, missing } = report.coverage?.files['app/stock.py'] ?? { executed: [], missing: [] };
        return { ...report, coverage: { percent: 100, files: { 'app/stock.py': { executed: [...executed, ...missing], missing: [] } } } };
      },
    });
    expect(broken(facts)).toEqual(['coverage_is_true']);
  });

  it('is not believed where the planted function that a planted test calls is said not to have run', async () => {
    const { facts } = await onHead({
      report: (report) => {
        const { executed, missing } = report.coverage?.files['app/stock.py'] ?? { executed: [], missing: [] };
        const own = executed.filter((line) => line <= AFTER.split('\n').length);
        return {
          ...report,
          coverage: {
            percent: 0,
            files: { 'app/stock.py': { executed: own, missing: [...missing, ...executed.filter((line) => !own.includes(line))] } },
          },
        };
      },
    });
    expect(broken(facts)).toEqual(['coverage_is_true']);
  });

  it('does not hold without a measure of coverage', async () => {
    const { facts } = await onHead({ report: (report) => ({ ...report, coverage: null }) });
    expect(broken(facts)).toEqual(['coverage_is_kept']);
  });

  it('does not hold where lines that the change adds do not run, though the whole is covered well', async () => {
    const many = Array.from({ length: 200 }, (_, i) => i + 1);
    const { facts } = await onHead({
      report: (report) => {
        const { executed, missing } = report.coverage?.files['app/stock.py'] ?? { executed: [], missing: [] };
        const idle = [9, 10, 11];
        const file = { executed: executed.filter((line) => !idle.includes(line)), missing: [...missing, ...idle] };
        return { ...report, coverage: { percent: 0, files: { 'app/stock.py': file, 'app/other.py': { executed: many, missing: [] } } } };
      },
    });
    expect(facts.filter(({ holds }) => !holds)).toMatchObject([
      { name: 'coverage_is_kept', where: [{ line: 9 }, { line: 10 }, { line: 11 }] },
    ]);
  });

  it('does not hold with a finding of a tool in a test', async () => {
    const { facts } = await onHead({ tools: [tool('ruff', [{ ...unused, path: 'tests/test_new.py' }]), tool('format'), tool('mypy')] });
    expect(broken(facts)).toEqual(['ruff_finds_nothing_new']);
  });
});

describe('new tests on the base', () => {
  const onBase = (changes: readonly Change[], faults: Faults = { report: red }) =>
    testGate(toolbox(faults), repository, counting()).onBase({
      ground: GROUND,
      baseline: BASELINE,
      planned: PLANNED,
      changes,
      superseded: [],
      who: WHO,
    });
  const red = ({ tests }: TestReport) => run((tests ?? []).map(({ id }) => result(id, 'failed')));

  it('are taken where nothing is wrong', async () => {
    expect(broken((await onBase(TESTS.changes)).facts)).toEqual([]);
  });

  it('are not taken where one of them passes there', async () => {
    expect(broken((await onBase(TESTS.changes, {})).facts)).toEqual(['every_criterion_red_on_base']);
  });

  it('are not taken where one cites no criterion', async () => {
    const more = `${NEW_TESTS}\n\ndef test_more() -> None:\n    assert True\n`;
    expect(broken((await onBase([added('tests/test_new.py', more)])).facts)).toEqual(['every_new_test_cites_a_criterion']);
  });

  it('are not taken with a skip that the run does not show', async () => {
    // Test data, not a check of ours that is muted: the mark is what the gate has to find.
    const skipped = `import pytest\n\n\n${NEW_TESTS}\n\n@pytest.mark.skipif(False, reason="x")\ndef test_more() -> None:\n    """Criteria: C1"""\n`;
    expect(broken((await onBase([added('tests/test_new.py', skipped)])).facts)).toEqual(['no_check_is_silenced']);
  });

  it('are not taken with a path that is not a test’s', async () => {
    expect(broken((await onBase([...TESTS.changes, added('tests/conftest.py')])).facts)).toEqual(['only_allowed_paths_change']);
  });

  it('are not taken with a finding of a tool', async () => {
    const faults = { report: red, tools: [tool('ruff', [{ ...unused, path: 'tests/test_new.py' }]), tool('format')] };
    expect(broken((await onBase(TESTS.changes, faults)).facts)).toEqual(['ruff_finds_nothing_new']);
  });
});

describe('a source patch', () => {
  const validate = (source: readonly Change[], tools?: readonly ToolReport[], installed: readonly string[] = []) =>
    sourceGate(toolbox(tools === undefined ? {} : { tools })).validate({
      ground: GROUND,
      card: { installed: [...installed] },
      baseline: BASELINE,
      source,
      who: { stage: 'VALIDATE', attempt: 1 },
    });

  it('is taken where nothing is wrong', async () => {
    expect(broken(await validate(SOURCE))).toEqual([]);
  });

  it('is not taken with a path that is protected, whatever the tools say', async () => {
    expect(broken(await validate([...SOURCE, added('app/conftest.py')]))).toEqual(['only_allowed_paths_change']);
  });

  it('is not taken with a module that stands in for one that only the image has', async () => {
    const layout = { ...LAYOUT, sources: ['.'] };
    const facts = await sourceGate(toolbox()).validate({
      ground: { ...GROUND, layout },
      card: { installed: ['sqlalchemy'] },
      baseline: BASELINE,
      source: [added('sqlalchemy.py')],
      who: { stage: 'VALIDATE', attempt: 1 },
    });
    expect(broken(facts)).toEqual(['only_allowed_paths_change']);
  });

  it('is not taken with a comment that silences a tool, though every tool is content', async () => {
    // Test data, not a check of ours that is muted: the comment is what the gate has to find.
    expect(broken(await validate([modified('app/stock.py', BEFORE, `${AFTER}x: int = "a"  # type: ignore\n`)]))).toEqual([
      'no_check_is_silenced',
    ]);
  });

  it('is not taken with a finding of any tool', async () => {
    for (const name of ['ruff', 'format', 'mypy'] as const) {
      const tools = [tool('ruff'), tool('format'), tool('mypy')].map((one) =>
        one.tool === name ? tool(name, [{ ...unused, tool: name }]) : one,
      );
      expect(broken(await validate(SOURCE, tools)), name).toHaveLength(1);
    }
  });
});

describe('a change that is taken apart', () => {
  const ended = (report: TestReport): VariantRun => ({ state: 'ended', alternative: 0, report, ms: 10 });
  const takeOut = async (source: readonly Change[], without: TestReport, more: { byGuards?: readonly string[] } = {}) => {
    const gate = hunkGate(
      {
        variants: async (_: unknown, list: readonly unknown[]) => [ended(run([result(NEW)])), ...list.map(() => ended(without))],
      } as unknown as Toolbox,
      repository,
    );
    return gate.takeOut({
      ground: GROUND,
      card: { routes: { unavailable: 'no app' } } as never,
      request: 'A number at most.',
      spec: SPEC,
      source,
      tests: { ...TESTS, ...more },
      head: HEAD,
      who: WHO,
    });
  };

  it('holds where a new test misses each hunk', async () => {
    const { facts, hunks } = await takeOut(SOURCE, run([result(NEW, 'failed')]));
    expect(broken(facts)).toEqual([]);
    expect(hunks.map(({ state }) => state)).toEqual(['proven']);
  });

  it('does not hold with a public function that no test misses and nobody asked for', async () => {
    expect(broken((await takeOut(SOURCE, run([result(NEW)]))).facts)).toEqual(['every_hunk_earns_its_place']);
  });

  it('does not hold where a criterion that only guards stand for misses no part of it', async () => {
    const { facts } = await takeOut(SOURCE, run([result(NEW)]), { byGuards: ['C1'] });
    expect(broken(facts)).toContain('guards_miss_a_hunk');
  });
});

describe('TEST, running', () => {
  const held: Fact = { name: 'a', holds: true, evidence: '' };
  const low: Fact = { name: 'coverage_is_kept', holds: false, code: 'coverage_low', evidence: '' };
  const idle: Fact = { name: 'every_hunk_earns_its_place', holds: false, code: 'unrequested_change', evidence: '' };
  const stage = (facts: readonly Fact[], apart: readonly Fact[]) =>
    testRunning({ onHead: async () => ({ report: run([]), facts: [...facts] }) } as never, {
      takeOut: async () => ({ hunks: [], steps: [], ms: null, facts: apart }),
    }).run(
      {
        request: '',
        ground: GROUND,
        card: {},
        baseline: BASELINE,
        planned: PLANNED,
        brief: { superseded: [] },
        source: SOURCE,
        tests: TESTS,
      } as never,
      { number: 1, returned: null },
    );

  it('is done where every fact holds', async () => {
    expect(await stage([held], [held])).toMatchObject({ kind: 'done' });
  });

  it.each([
    ['a fact of the run does not hold', [{ ...low, code: 'tests_failed' } as Fact], [held]],
    ['coverage is low, which waits for the hunks', [low], [held]],
    ['a hunk is not asked for', [held], [idle]],
  ])('gives the change back where %s', async (_, facts, apart) => {
    expect(await stage(facts, apart)).toMatchObject({ kind: 'returned' });
  });
});

/** So that the split used above is the one that the line uses. */
it('the source of these cases is one hunk', () => {
  const split = (one: ChangedRun) => pythonPieces(one);
  expect(
    hunksIn(takeApart({ changes: SOURCE, added: new Map([['app/stock.py', new Set([6, 7, 8, 9, 10, 11])]]), deleted: new Map(), split })),
  ).toHaveLength(1);
});
