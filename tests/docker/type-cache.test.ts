import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../orchestrator/adapters/engine/docker/docker.ts';
import { folderRecords } from '../../orchestrator/adapters/records/folder/index.ts';
import { jsonlTrace } from '../../orchestrator/adapters/trace/jsonl/index.ts';
import { loadPolicies } from '../../orchestrator/cli/policies.ts';
import { factoryRoot } from '../../orchestrator/cli/setup/root.ts';
import { detectLayout } from '../../orchestrator/domain/layout.ts';
import { CONTAINER_KINDS } from '../../orchestrator/domain/stage.ts';
import { type FileTree, textFile } from '../../orchestrator/domain/tree.ts';
import { gateConfig } from '../../orchestrator/gates/config.ts';
import { type Containers, openContainers } from '../../orchestrator/pipeline/containers.ts';
import { openToolbox, type Toolbox } from '../../orchestrator/pipeline/toolbox.ts';
import { openWorkspace, type Workspace } from '../../orchestrator/pipeline/workspace.ts';
import type { Engine } from '../../orchestrator/ports/engine.ts';
import { imageFor } from './stage-images.ts';

const RUN = 'type-cache-test';
const WHO = { stage: 'baseline', attempt: 1 } as const;
const FILES = ['app/__init__.py', 'app/sums.py', 'app/use.py'];

/** The two bodies have the same number of bytes; only the second is a type error. */
const right = 'def total(prices: list[int]) -> int:\n    return sum(prices)\n';
const wrong = 'def total(prices: list[int]) -> str:\n    return sum(prices)\n';

const tree = (sums: string): FileTree =>
  new Map([
    ['pyproject.toml', textFile('[tool.mypy]\nstrict = true\n')],
    ['app/__init__.py', textFile('')],
    ['app/sums.py', textFile(sums)],
    ['app/use.py', textFile('from app.sums import total\n\nassert total([1]) + 1 == 2\n')],
  ]);

let engine: Engine;
let containers: Containers;
let workspace: Workspace;
let toolbox: Toolbox;

beforeAll(async () => {
  const { docker, endpoint } = await connect({ env: process.env });
  engine = dockerEngine(docker, endpoint);
  const { policies, seccomp, protectedList } = loadPolicies(join(factoryRoot(), 'policies'));
  const images = Object.fromEntries(
    await Promise.all(CONTAINER_KINDS.map(async (kind) => [kind, { reference: await imageFor(kind), id: '' }])),
  );
  const folder = mkdtempSync(join(tmpdir(), 'type-cache-'));
  containers = openContainers({
    engine,
    policies,
    seccomp,
    images,
    records: folderRecords({ path: folder, shownAs: folder }),
    trace: jsonlTrace({ path: join(folder, 'trace.jsonl'), run: RUN }),
    run: RUN,
    signal: new AbortController().signal,
  });
  workspace = openWorkspace({ engine, holderImage: images.holder.reference, policies, seccomp, run: RUN, nextSeq: containers.nextSeq });
  const base = tree(right);
  const layout = detectLayout([...base.keys()]);
  const ground = {
    base: { root: '', prefix: '', commit: '', rootTree: '', tree: '', branch: null },
    tree: base,
    layout,
    protection: { list: protectedList, add: [], allow: [] },
  };
  toolbox = openToolbox({ containers, workspace, ground, config: gateConfig(base, layout), plugins: [] });
});

afterAll(async () => {
  await containers.close();
  await workspace.dispose();
  expect(await engine.list({ 'factory.run': RUN })).toEqual([]);
});

const types = async (of: FileTree) => (await toolbox.validate(of, { lint: [], types: FILES }, WHO))[0];

describe('the cache that mypy leaves on the base', () => {
  test('hides no change: a file of the same size with other content is read again, and so is who imports it', async () => {
    const { report, cache } = await toolbox.types(tree(right), FILES, WHO);
    expect(report).toMatchObject({ tool: 'mypy', exitCode: 0, findings: [] });
    if (cache === null) throw new Error('mypy left no cache');
    toolbox.useTypes(cache);

    expect(right.length).toBe(wrong.length);
    expect(await types(tree(right))).toMatchObject({ exitCode: 0, findings: [] });
    const found = await types(tree(wrong));
    expect(found?.exitCode).toBe(1);
    expect(found?.findings.map(({ path, line }) => `${path}:${line}`)).toEqual(expect.arrayContaining(['app/sums.py:2', 'app/use.py:3']));
    // What the run before found has not found its way into the cache.
    expect(await types(tree(right))).toMatchObject({ exitCode: 0, findings: [] });
  });

  test('changes no verdict: with and without it the findings are the same', async () => {
    const broken = new Map([...tree(wrong), ['app/use.py', textFile('from app.sums import totals\n')]]);
    const warm = await types(broken);
    const cold = await toolbox.types(broken, FILES, WHO);
    expect(warm?.findings).toEqual(cold.report.findings);
    expect(warm?.findings.length).toBeGreaterThan(1);
  });
});
