import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricsPages } from '../../../orchestrator/cli/metrics/pages.ts';
import { LIST_PRICES } from '../../../orchestrator/domain/list-prices.ts';
import { measured, tokensByAnswerer } from '../../../orchestrator/domain/metrics.ts';
import { figuresOf } from '../../../orchestrator/domain/run-figures.ts';
import { classOfRun, classOfServedBy } from '../../../orchestrator/domain/served-by.ts';
import { summing } from '../../../orchestrator/domain/trace-summary.ts';
import { factoryRuns } from './door.ts';
import { emptyFolder, make, ROOT, resultOf, stageEvent } from './made.ts';

describe('the pages that are made from the kept runs', () => {
  it.each(['METRICS.md', 'docs/asking.md'])('%s is up to date (make metrics)', (path) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(metricsPages(ROOT).get(path));
  });

  it('METRICS.md links to nothing that is not there', () => {
    const links = [...readFileSync(join(ROOT, 'METRICS.md'), 'utf8').matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(() => readdirSync(join(ROOT, link)), link).not.toThrow(/ENOENT/);
  });

  it('METRICS.md calls no run a model’s that its result.json says a relay or a recording answered', () => {
    const rows = readFileSync(join(ROOT, 'METRICS.md'), 'utf8').match(/^\| \[[a-z0-9-]+\]\(.*\|$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      const run = /^\| \[([a-z0-9-]+)\]/.exec(row)?.[1] ?? '';
      const result = JSON.parse(readFileSync(join(ROOT, 'runs', run, 'result.json'), 'utf8'));
      if (classOfRun(result) !== 'live model') expect(row, run).not.toMatch(/live model|`(?!relay\/)[a-z]+\//);
    }
  });
});

describe('who answered', () => {
  it.each([
    ['ollama/qwen2.5-coder:7b', 'live model'],
    ['anthropic/claude-haiku-4-5', 'live model'],
    ['openrouter/qwen/qwen-2.5-7b-instruct', 'live model'],
    ['relay/relay-builder', 'relay'],
    ['relay/qwen2.5-coder:7b', 'relay'],
    ['ollama/relay-builder', 'relay'],
    ['ollama/relay', 'relay'],
    ['RELAY/x', 'relay'],
    ['proxy/relay/claude-haiku-4-5', 'relay'],
    ['replay of ollama/qwen2.5-coder:7b', 'replay'],
    ['replay of relay/relay-builder', 'replay'],
    ['replay', 'replay'],
    ['qwen2.5-coder:7b', 'unknown'],
    ['relay-builder', 'relay'],
    ['', 'unknown'],
    ['fake', 'unknown'],
    ['fake/some-model', 'unknown'],
    ['ollama/', 'unknown'],
    ['ollama/a b', 'unknown'],
  ])('%j is %s', (servedBy, is) => {
    expect(classOfServedBy(servedBy)).toBe(is);
  });

  it.each([
    [['ollama/a', 'ollama/b'], null, 'live model'],
    [['ollama/a', 'relay/b'], null, 'relay'],
    [['ollama/a', 'replay of ollama/a'], null, 'replay'],
    [['ollama/a'], 'fresh', 'replay'],
    [['ollama/a', ''], null, 'unknown'],
    [['relay/a', ''], null, 'unknown'],
    [[], null, 'no model'],
    [[], 'drifted', 'replay'],
  ] as const)('%j, replayed %j, is a run of: %s', (served_by, replayed, is) => {
    expect(classOfRun({ served_by: [...served_by], replayed })).toBe(is);
  });
});

/** One run of each sort, all of whose figures are its own: whoever's figures they are found under is to be seen. */
const MIXED = [
  { run: 'live-0001', servedBy: ['ollama/qwen2.5-coder:7b'], replayed: null, tokens: 1_009, ms: 11_000 },
  { run: 'live-0002', servedBy: ['ollama/qwen2.5-coder:7b'], replayed: null, tokens: 1_013, ms: 13_000 },
  { run: 'other-0003', servedBy: ['ollama/llama3.1:8b'], replayed: null, tokens: 2_003, ms: 17_000 },
  { run: 'relay-0004', servedBy: ['relay/qwen2.5-coder:7b'], replayed: null, tokens: 4_001, ms: 19_000 },
  { run: 'posing-0005', servedBy: ['ollama/relay-builder'], replayed: null, tokens: 8_009, ms: 23_000 },
  { run: 'replay-0006', servedBy: ['replay of ollama/qwen2.5-coder:7b'], replayed: 'fresh', tokens: 16_001, ms: 29_000 },
  { run: 'silent-0007', servedBy: ['ollama/qwen2.5-coder:7b'], replayed: 'drifted', tokens: 32_003, ms: 31_000 },
  { run: 'partly-0008', servedBy: ['ollama/qwen2.5-coder:7b', 'relay/relay-reviewer'], replayed: null, tokens: 64_007, ms: 37_000 },
  { run: 'nobody-0009', servedBy: ['qwen2.5-coder:7b'], replayed: null, tokens: 128_021, ms: 41_000 },
] as const;
const LIVE = ['live-0001', 'live-0002', 'other-0003'];

function mixedFigures() {
  return figuresOf(
    MIXED.map(({ run, servedBy, replayed, tokens, ms }) => {
      const sum = summing();
      for (const by of servedBy)
        sum.add({
          seq: 0,
          ts: '2026-11-01T10:00:00.000Z',
          run,
          prev: '0'.repeat(64),
          type: 'turn',
          stage: 'BUILD',
          attempt: 1,
          data: { served_by: by, tokens_in: tokens, tokens_out: 0, cost_usd: 0 },
        });
      return {
        run,
        request: run,
        result: resultOf(run, { served_by: [...servedBy], replayed, ms_to_pr: ms }),
        trace: sum.summary(),
      };
    }),
  );
}

describe('the figures of a relay or a replay', () => {
  it('are under no model’s name, in no group', () => {
    const groups = measured(mixedFigures());
    const live = groups.filter(({ served }) => served === 'live model');
    expect(live.map(({ servedBy, runs }) => [servedBy, runs])).toEqual([
      [['ollama/llama3.1:8b'], ['other-0003']],
      [['ollama/qwen2.5-coder:7b'], ['live-0001', 'live-0002']],
    ]);
    expect(live.map(({ tokensOfPr, msToPr }) => [tokensOfPr?.median, msToPr?.most])).toEqual([
      [2_003, 17_000],
      [1_011, 13_000],
    ]);
    for (const group of groups.filter(({ served }) => served !== 'live model')) {
      expect(group.servedBy).toEqual([]);
      expect(group.msToPr).toBeNull();
      expect(group.atListPrices.filter(({ price }) => price.servedBy !== null)).toEqual([]);
    }
    expect(groups.flatMap(({ runs }) => runs).sort()).toEqual(MIXED.map(({ run }) => run).sort());
  });

  it('are under no model’s name in the tokens by who answered', () => {
    const live = tokensByAnswerer(mixedFigures()).filter(({ served }) => served === 'live model');
    expect(live.map(({ servedBy, tokensIn }) => [servedBy, tokensIn])).toEqual([
      ['ollama/llama3.1:8b', 2_003],
      ['ollama/qwen2.5-coder:7b', 2_022],
    ]);
  });

  it('are under no model’s name on METRICS.md, nor in a named set', () => {
    const root = projectOf(`name: A set\nrequests:\n  - {id: M1, runs: [${MIXED.map(({ run }) => run).join(', ')}]}\n`);
    const page = metricsPages(root).get('METRICS.md') ?? '';
    const sections = page.split(/^## /m);
    const live = sections.filter((section) => section.startsWith('Live model'));
    expect(live).toHaveLength(2);
    for (const { run, tokens } of MIXED.filter((one) => !LIVE.includes(one.run))) {
      for (const section of live) expect(section).not.toContain(tokens.toLocaleString('en-US'));
      for (const row of page.split('\n').filter((line) => line.includes(`[${run}]`))) expect(row).not.toMatch(/live model|ollama\//);
    }
    const set = sections.find((section) => section.startsWith('A set')) ?? '';
    expect(set).toMatch(/\| \[live-0001\].* \| `ollama\/qwen2\.5-coder:7b` \|/);
    expect(set).toMatch(/\| \[relay-0004\].* \| relay \|/);
    expect(set).toMatch(/\| \[silent-0007\].* \| replay \|/);
  });

  it('are told apart by `factory runs stats` too', async () => {
    const { out } = await factoryRuns(['stats', '--runs', join(projectOf(), 'runs')]);
    expect(out).toContain('  live model: ollama/qwen2.5-coder:7b: 2 runs, 2 of 2 to a PR\n    a PR, median: $0.00, 1,011 tokens, 12.0s\n');
    expect(out).toMatch(/^ {2}relay \(a stand-in’s replies\): 3 runs, /m);
    expect(out).toMatch(/^ {2}replay \(a recording’s replies\): 2 runs, /m);
    expect(out).toMatch(/^ {2}unknown \(nothing says that it was a model\): 1 run, /m);
  });
});

/** A project that keeps the mixed runs, two that are not whole or not kept, and the named sets given. */
function projectOf(sets?: string): string {
  const root = emptyFolder();
  const runs = join(root, 'runs');
  mkdirSync(join(root, 'docs'));
  for (const { run, servedBy, replayed, tokens, ms } of MIXED)
    make(runs, {
      run,
      result: { replayed, ms_to_pr: ms },
      turns: servedBy.map((by) => ({ stage: 'BUILD', servedBy: by, tokens: [tokens, 0] as const })),
    });
  make(runs, { run: 'dead-0010', result: null });
  make(runs, { run: 'mine-0011' });
  writeFileSync(join(runs, 'bundled'), 'live-0001\n');
  writeFileSync(
    join(runs, '.gitignore'),
    `/*\n!/.gitignore\n!/bundled\n${[...MIXED.map(({ run }) => run), 'dead-0010'].map((run) => `!/${run}/`).join('\n')}\n`,
  );
  if (sets !== undefined) writeFileSync(join(root, 'docs/milestone.yaml'), sets);
  return root;
}

describe('METRICS.md', () => {
  it('counts the kept runs alone, and names a kept one that is not whole', () => {
    const page = metricsPages(projectOf()).get('METRICS.md') ?? '';
    expect(page).not.toContain('mine-0011');
    expect(page).toContain('Left out: `dead-0010` (there is no result.json');
    expect(page).not.toContain('[dead-0010]');
  });

  it('gives the time to PR of a model, and of nobody else', () => {
    const page = metricsPages(projectOf()).get('METRICS.md') ?? '';
    expect(page.match(/^\| time to PR, median \| .*$/gm)).toEqual([
      '| time to PR, median | 17.0s | 1 | - |',
      '| time to PR, median | 12.0s | 2 | - |',
    ]);
    expect(page.match(/^\| time to PR \| not measured: .*$/gm)).toHaveLength(3);
  });

  it('prices what was served for free at the list price of the same model, where there is one, and says that it is an estimate', () => {
    const page = metricsPages(projectOf()).get('METRICS.md') ?? '';
    const [price] = LIST_PRICES.filter(({ servedBy }) => servedBy === 'ollama/qwen2.5-coder:7b');
    expect(page.match(new RegExp(`at the list price of ${price?.model}, an estimate`, 'g'))).toHaveLength(1);
    expect(page).toMatch(/read from genai-prices .* on \d{4}-\d\d-\d\d/);
  });

  it('a run that is kept and is not there ends it', () => {
    const root = projectOf();
    writeFileSync(join(root, 'runs/.gitignore'), '!/live-0001/\n!/gone-0001/\n');
    expect(() => metricsPages(root)).toThrow(/gone-0001/);
  });
});

describe('a named set', () => {
  const set = (text: string) => metricsPages(projectOf(text)).get('METRICS.md') ?? '';

  it('shows the attempts at each request in their order, and counts the first of each', () => {
    const page = set(
      'name: Two features\nabout: Named first.\nrequests:\n  - {id: M1, runs: [other-0003, live-0001]}\n  - {id: M2, runs: []}\n',
    );
    expect(page).toContain('## Two features\n\nNamed first.\n\n');
    expect(page).toMatch(/\| M1 \| 1 \| \[other-0003\].*\n\| {2}\| 2 \| \[live-0001\].*\n\| M2 \| {2}\| not run yet \|/);
    expect(page).toContain('live model: first attempt a PR 1 of 1 (21 to 100 %)');
  });

  it('counts a second attempt that succeeds as a PR in the end, not as a first try', () => {
    const root = projectOf('name: One\nrequests: [{id: M1, runs: [failed-0012, live-0001]}]\n');
    make(join(root, 'runs'), {
      run: 'failed-0012',
      result: { outcome: 'failed', stage: 'BUILD', code: 'patch_empty' },
      turns: [{ stage: 'BUILD', servedBy: 'ollama/qwen2.5-coder:7b', tokens: [1, 1] }],
      events: [stageEvent('failed-0012', 'BUILD', { eval_ok: false, code: 'patch_empty' })],
    });
    const kept = join(root, 'runs/.gitignore');
    writeFileSync(kept, `${readFileSync(kept, 'utf8')}!/failed-0012/\n`);
    const page = metricsPages(root).get('METRICS.md') ?? '';
    expect(page).toContain(
      'live model: first attempt a PR 0 of 1 (0 to 79 %); without a rework 0 of 1 (0 to 79 %); a PR in the end 1 of 1',
    );
  });

  it('may be one of several', () => {
    const page = set('- {name: First, requests: [{id: A, runs: [live-0001]}]}\n- {name: Second, requests: [{id: B, runs: [live-0002]}]}\n');
    expect(page).toContain('## First\n');
    expect(page).toContain('## Second\n');
  });

  it.each([
    ['a run that is not kept', 'name: One\nrequests: [{id: A, runs: [mine-0011]}]\n', /names mine-0011 for A/],
    ['a key that is none', 'name: One\nrequests: [{id: A, run: x}]\n', /docs\/milestone\.yaml: /],
    ['no YAML', 'name: [', /docs\/milestone\.yaml: /],
  ])('with %s ends it', (_, text, said) => {
    expect(() => set(text)).toThrow(said);
  });
});
