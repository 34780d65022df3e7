import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type HunksFile, placeOfHunk } from '../../orchestrator/domain/hunks.ts';
import { type Ended, factory, left } from './line/factory.ts';
import { AVERAGE, build, honest, mend, plan, REQUEST, spec } from './line/replies.ts';
import { type Script, type ScriptedModel, scriptedModel } from './line/scripted-model.ts';
import { smallTarget } from './line/small-target.ts';

const root = join(import.meta.dirname, '../..');

let model: ScriptedModel | null = null;
afterEach(() => {
  model?.close();
  model = null;
});

interface Ran extends Ended {
  readonly asked: ScriptedModel['asked'];
  readonly hunks: HunksFile | null;
  readonly facts: readonly { name: string; holds: boolean; code: string | null; ms: number | null }[];
  readonly branches: readonly string[];
}

/** The real program, engine, images and tools; only the model is scripted. */
async function go(script: Script, target: string, request: string, flags: string[] = []): Promise<Ran> {
  model = await scriptedModel(script);
  const ended = await factory(['-C', target, ...model.flags, ...flags, '--', request], { OLLAMA_HOST: model.host });
  const folder = ended.folder ?? '';
  const at = (file: string) => join(folder, file);
  const events = readFileSync(at('trace.jsonl'), 'utf8').trimEnd().split('\n');
  return {
    ...ended,
    asked: model.asked,
    hunks: existsSync(at('evidence/hunks.json')) ? JSON.parse(readFileSync(at('evidence/hunks.json'), 'utf8')) : null,
    facts: events.map((line) => JSON.parse(line)).flatMap(({ type, data }) => (type === 'fact' ? [data] : [])),
    branches: execFileSync('git', ['-C', target, 'for-each-ref', '--format=%(refname:short)', 'refs/heads/'], { encoding: 'utf8' })
      .trim()
      .split('\n'),
  };
}

const states = (ran: Ran) => ran.hunks?.hunks.map((hunk) => `${placeOfHunk(hunk)} ${hunk.state}`);
const factOf = (ran: Ran, name: string) => ran.facts.findLast((fact) => fact.name === name);

describe('each hunk is taken out of a real change', () => {
  test('one that no test misses is listed, shown to REVIEW, and blocks nothing', async () => {
    const ran = await go({ ...honest, BUILD: [build(`${AVERAGE}\n\nUNIT = "cent"\n`)] }, smallTarget(), REQUEST);
    expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr', reworks: 0 } });
    expect(states(ran)).toEqual(['prices/sums.py:7-13 proven', 'prices/sums.py:14 unproven']);
    expect(ran.hunks?.hunks[0]?.missedBy).toContain('tests/test_average.py::test_average_rounds_down');
    expect(ran.stderr).toContain('1 of 2 hunks proven');
    expect(ran.asked.find(({ stage }) => stage === 'REVIEW')?.messages.at(-1)?.content).toContain(
      '- prices/sums.py:14: no new test misses it',
    );
    const pr = readFileSync(join(ran.folder as string, 'pr.md'), 'utf8');
    expect(pr).toContain('| ⚠️ | `prices/sums.py:14` | **unproven**: no new test misses it |');
    expect(factOf(ran, 'every_hunk_earns_its_place')).toMatchObject({ holds: true, ms: expect.any(Number) });
    expect(left(ran.result?.run ?? '')).toEqual([]);
  });

  test('a public function that nobody asked for goes back to BUILD, and with no rework left there is no PR', async () => {
    const median =
      'def median(prices: list[int]) -> int:\n    """The middle price."""\n    return sorted(prices)[len(prices) // 2] if prices else 0\n';
    const script = { ...honest, BUILD: [build(`${AVERAGE}\n\n${median}`), mend(`\n\n${median}`, '')] };
    const ran = await go(script, smallTarget(), REQUEST);
    // The base's last line and the function before stay, and so does everything that was proven.
    expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr', reworks: 1 } });
    const words = ran.asked.filter(({ stage }) => stage === 'BUILD')[1]?.messages.at(-1)?.content;
    expect(words).toContain('adds the public name median, and no new test misses it');
    expect(words).toContain('return sorted(prices)[len(prices) // 2]');
    expect(states(ran)).toEqual(['prices/sums.py:7-11 proven']);
    const none = await go({ ...script, BUILD: script.BUILD.slice(0, 1) }, smallTarget(), REQUEST, ['--reworks', '0']);
    expect(none).toMatchObject({
      exitCode: 1,
      branches: ['main'],
      result: { code: 'budget_reworks', stage: 'TEST', reason: expect.stringContaining('unrequested_change') },
    });
  }, 600_000);
});

const GUARDED = {
  request: 'prices.sums.total raises a ValueError when a price is negative. The total of no prices is 0.',
  plan: {
    ...plan,
    spec: {
      ...spec,
      title: 'Refuse negative prices',
      acceptance_criteria: [
        {
          id: 'C1',
          kind: 'new',
          from: 'prices.sums.total raises a ValueError when a price is negative',
          rule: 'WHEN total is called with a negative price THE API SHALL raise a ValueError',
          examples: [{ type: 'call', call: 'prices.sums:total', args: [[1, -2]], then: { raises: 'ValueError' } }],
        },
        {
          id: 'C2',
          kind: 'new',
          from: 'The total of no prices is 0.',
          rule: 'WHEN total is called with no prices THE API SHALL return 0',
          examples: [{ type: 'call', call: 'prices.sums:total', args: [[]], then: { returns: 0 } }],
        },
      ],
      interface: ['prices.sums:total'],
      changelog: { section: 'Changed', text: 'Negative prices are refused.' },
    },
  },
  tests: {
    look: [],
    files: [
      {
        path: 'tests/test_nothing.py',
        content:
          'from prices.sums import total\n\n\ndef test_no_prices_cost_nothing() -> None:\n    """No prices.\n\n    Criteria: C2\n    """\n    assert total([]) == 0\n',
      },
    ],
    done: true,
  },
  review: {
    look: [],
    review: {
      verdict: 'approve',
      criteria: ['C1', 'C2'].map((id) => ({
        id,
        holds: true,
        why: 'as the rule says',
        citations: [{ kind: 'added', path: 'prices/sums.py', line: 6 }],
      })),
      findings: [],
    },
  },
};
const refuse = (condition: string) => ({
  look: [],
  edits: [
    {
      tool: 'replace_text',
      path: 'prices/sums.py',
      find: '    return sum(prices)\n',
      replace: `${condition}        raise ValueError("a price is negative")\n    return sum(prices)\n`,
    },
  ],
  done: true,
  dispute: null,
});

describe('a criterion that only tests stand for which pass on the base too', () => {
  const script = (condition: string): Script => ({
    PLAN: [GUARDED.plan],
    SCOUT: honest.SCOUT,
    BUILD: [refuse(condition)],
    TEST: [GUARDED.tests],
    REVIEW: [GUARDED.review],
  });

  test('is proven where one of them fails when a statement of the change is taken out (twin of G19)', async () => {
    const ran = await go(script('    if not prices:\n        return 0\n    if min(prices) < 0:\n'), smallTarget(), GUARDED.request);
    expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr', reworks: 0 } });
    // Told once that its tests prove nothing, TEST's writer hands the same over again.
    expect(ran.asked.filter(({ stage }) => stage === 'TEST')).toHaveLength(2);
    expect(factOf(ran, 'guards_miss_a_hunk')).toMatchObject({ holds: true });
    expect(ran.hunks?.steps.map((step) => [step.id, step.state])).toEqual([
      ['prices/sums.py:6-7', 'proven'],
      ['prices/sums.py:8-9', 'proven'],
    ]);
    const proof = JSON.parse(readFileSync(join(ran.folder as string, 'proof.json'), 'utf8'));
    expect(proof.criteria[1].tests.map(({ hunks }: { hunks: string[] }) => hunks)).toContainEqual(['prices/sums.py:6-7']);
  });

  test('is not, where the change has nothing to do with it (G19)', async () => {
    const ran = await go(script('    if any(price < 0 for price in prices):\n'), smallTarget(), GUARDED.request, ['--reworks', '0']);
    expect(ran).toMatchObject({
      exitCode: 1,
      branches: ['main'],
      result: { code: 'budget_reworks', stage: 'TEST', reason: expect.stringContaining('new_tests_do_not_fail_on_base') },
    });
  });
});

describe('an endpoint that nobody asked for and that every tool passes (G32)', () => {
  // G32 itself is a case of the catalogue; this is the same through the whole line, for which `make test` has no time.
  test.skipIf(process.env.FACTORY_LONG === undefined)(
    'goes back to BUILD, though it stands beside the one that was asked for; the rest of the line is as recorded',
    async () => {
      const recorded = join(root, 'runs/warehouse-staff-see-b20d');
      const replies = (stage: string) =>
        readdirSync(join(recorded, 'evidence/recording'))
          .filter((file) => file.startsWith(`${stage}-`))
          .sort()
          .map((file) => JSON.parse(JSON.parse(readFileSync(join(recorded, 'evidence/recording', file), 'utf8')).reply));
      const [honestly] = replies('BUILD');
      const debug =
        '@router.get("/debug", include_in_schema=False)\ndef debug(session: SessionDep) -> dict[str, int]:\n    """Count what is pending."""\n    return {"new": len(session.new)}\n\n\n';
      const edit = honestly.edits[0];
      const asked = '# Above the route of a single product';
      const smuggled = {
        ...honestly,
        edits: [{ ...edit, replace: edit.replace.replace(asked, `${debug}${asked}`) }, ...honestly.edits.slice(1)],
      };
      const takenOut = {
        look: [],
        edits: [{ tool: 'replace_text', path: 'app/routers/products.py', find: debug, replace: '' }],
        done: true,
        dispute: null,
      };
      const clone = join(mkdtempSync(join(tmpdir(), 'factory-clone-')), 'a clone');
      execFileSync('git', ['clone', '--quiet', root, clone]);
      const { base } = JSON.parse(readFileSync(join(recorded, 'result.json'), 'utf8'));
      const script = {
        PLAN: replies('PLAN'),
        SCOUT: replies('SCOUT'),
        BUILD: [smuggled, takenOut],
        TEST: replies('TEST'),
        REVIEW: replies('REVIEW'),
      };
      const ran = await go(script, clone, readFileSync(join(recorded, 'request.txt'), 'utf8'), ['--base', base]);
      expect(ran.facts.filter(({ code }) => code !== null)).toMatchObject([
        { name: 'every_hunk_earns_its_place', code: 'unrequested_change' },
      ]);
      const words = ran.asked.filter(({ stage }) => stage === 'BUILD')[1]?.messages.at(-1)?.content;
      expect(words).toContain('GET /debug is new, and neither the Spec nor a new test speaks of it');
      expect(words).toContain('app/routers/products.py#1 adds GET /debug, and no new test misses it');
      expect(ran).toMatchObject({ exitCode: 0, result: { outcome: 'pr', reworks: 1 } });
      expect(ran.hunks?.hunks.map(({ state }) => state)).toEqual(['no_code', 'no_code', 'proven', 'proven']);
      const tree = execFileSync('git', ['-C', clone, 'rev-parse', `${ran.result?.branch}:target-app`], { encoding: 'utf8' }).trim();
      expect(tree).toBe(JSON.parse(readFileSync(join(recorded, 'receipt.json'), 'utf8')).head_tree);
    },
    900_000,
  );
});
