import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FakeEngineOptions, fakeEngine } from '../../../orchestrator/adapters/engine/fake/fake.ts';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import type { ContainerSpec } from '../../../orchestrator/domain/container.ts';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';
import { compileContainer } from '../../../orchestrator/pipeline/compile.ts';
import { openWorkspace } from '../../../orchestrator/pipeline/workspace.ts';

const { policies, seccomp } = loadPolicies(join(import.meta.dirname, '../../../policies'));
const TREE: FileTree = new Map([
  ['app/main.py', textFile('print(1)\n')],
  ['tests/test_main.py', textFile('def test(): pass\n')],
]);

function workshop(options: FakeEngineOptions = {}, seqFrom = 0) {
  const engine = fakeEngine(options);
  const started: ContainerSpec[] = [];
  let seq = seqFrom;
  const workspace = openWorkspace({
    engine,
    holderImage: 'factory/holder:1',
    policies,
    seccomp,
    run: 'run-1',
    nextSeq: () => {
      seq += 1;
      return seq;
    },
    onContainer: (spec) => started.push(spec),
  });
  return { engine, workspace, started };
}

/** A BUILD that changes the tree in its own container and ends. */
async function build(engine: ReturnType<typeof fakeEngine>, volumes: { work: string; tests: string }): Promise<void> {
  const spec = compileContainer({
    ...{ kind: 'build', policy: policies.build, seccompText: seccomp, image: 'i', command: ['build'], volumes, testsFolder: 'tests' },
    ...{ run: 'run-1', seq: 99, attempt: 1, stage: 'BUILD', stdin: false },
  });
  const container = await engine.start(spec);
  await container.exit;
  await container.remove();
}

const refuse = (code: 'engine_failed' | 'engine_lost') => () => new Failure(code, 'on demand');

describe('a volume of the workspace', () => {
  it('holds what it was made from, and is taken out as it is', async () => {
    const { engine, workspace } = workshop();
    const volume = await workspace.volume({ purpose: 'work', tree: TREE, folders: ['tests', 'empty'], sizeFrom: 'build' });
    expect(volume.name).toBe('factory-run-1-1-work');
    expect(await volume.export({ base: TREE })).toEqual(TREE);
    await workspace.dispose();
    expect(engine.left()).toEqual([]);
  });

  it('has the size that the policy gives, and belongs to the user that the policy names', async () => {
    const { engine, workspace } = workshop();
    await workspace.volume({ purpose: 'tree', sizeFrom: 'format' });
    expect(engine.journal[0]?.what).toMatchObject({ sizeBytes: 64 * 1024 * 1024, files: 20_000, uid: 10001, gid: 10001 });
    await workspace.dispose();
  });

  it('is held by a container of its own that only sleeps, and all of it carries the run', async () => {
    const { engine, workspace, started } = workshop();
    await workspace.volume({ purpose: 'base', tree: TREE, sizeFrom: 'scout' });
    await workspace.volume({ purpose: 'out', sizeFrom: 'test-running' });
    expect(started.map(({ name, command, mounts, stdin }) => ({ name, command, mounts, stdin }))).toEqual([
      {
        name: 'factory-run-1-1-holder',
        command: ['sleep', 'infinity'],
        mounts: [{ volume: 'factory-run-1-1-base', path: '/v', write: true }],
        stdin: false,
      },
      {
        name: 'factory-run-1-2-holder',
        command: ['sleep', 'infinity'],
        mounts: [{ volume: 'factory-run-1-2-out', path: '/v', write: true }],
        stdin: false,
      },
    ]);
    expect(await engine.list({ 'factory.run': 'run-1', 'factory.kind': 'holder' })).toHaveLength(4);
    await workspace.dispose();
    expect(engine.left()).toEqual([]);
  });

  it('gives back what a stage wrote to it, and only from the volume that was asked', async () => {
    const { engine, workspace } = workshop({
      behave: ({ kind }) =>
        kind !== 'build'
          ? null
          : async (_, io) => {
              io.files.write('/work/app/new.py', 'new\n');
              io.files.write('/work/__pycache__/new.pyc', 'x');
              io.files.remove('/work/app/main.py');
              return 0;
            },
    });
    const work = await workspace.volume({ purpose: 'work', tree: TREE, sizeFrom: 'build' });
    const tests = await workspace.volume({ purpose: 'tests', tree: new Map([['test_main.py', textFile('t')]]), sizeFrom: 'build' });
    await build(engine, { work: work.name, tests: tests.name });
    expect([...(await work.export({ base: TREE })).keys()]).toEqual(['app/new.py', 'tests/test_main.py']);
    expect([...(await tests.export({ base: new Map() })).keys()]).toEqual(['test_main.py']);
    expect([...(await work.export({ base: new Map(), folder: 'app' })).keys()]).toEqual(['new.py']);
    await workspace.dispose();
  });

  it('is judged on its way out', async () => {
    const { engine, workspace, started } = workshop();
    const volume = await workspace.volume({ purpose: 'work', tree: TREE, sizeFrom: 'build' });
    engine.files(started[0]?.name ?? '').write('/v/.git/config', '[core]');
    await expect(volume.export({ base: TREE })).rejects.toMatchObject({ code: 'export_forbidden' });
    await workspace.dispose();
    expect(engine.left()).toEqual([]);
  });

  it('hands out no more than was asked for', async () => {
    const { workspace } = workshop();
    const volume = await workspace.volume({ purpose: 'work', tree: TREE, sizeFrom: 'build' });
    await expect(volume.export({ base: TREE, caps: { bytes: 5 } })).rejects.toMatchObject({ code: 'export_too_large' });
    await expect(volume.export({ base: TREE, caps: { entries: 1 } })).rejects.toMatchObject({ code: 'export_too_large' });
    await workspace.dispose();
  });

  it('is refused before it is made when its content does not fit', async () => {
    const { engine, workspace } = workshop();
    const big: FileTree = new Map([['big', { mode: '100644', content: new Uint8Array(64 * 1024 * 1024 + 1) }]]);
    const many: FileTree = new Map(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, textFile('')]));
    await expect(workspace.volume({ purpose: 'work', tree: big, sizeFrom: 'build' })).rejects.toMatchObject({
      code: 'resource_disk',
      detail: expect.stringContaining('policies/build.yaml'),
    });
    await expect(workspace.volume({ purpose: 'work', tree: many, sizeFrom: 'build' })).rejects.toMatchObject({ code: 'resource_disk' });
    expect(engine.journal).toEqual([]);
  });

  it('cannot have a name that would be somebody else’s', async () => {
    const { workspace } = workshop();
    await expect(workspace.volume({ purpose: '../x', sizeFrom: 'build' })).rejects.toMatchObject({ code: 'bug' });
  });

  it('goes with its holder, and may be disposed of again', async () => {
    const { engine, workspace } = workshop();
    const volume = await workspace.volume({ purpose: 'work', tree: TREE, sizeFrom: 'build' });
    await volume.dispose();
    expect(engine.left()).toEqual([]);
    await volume.dispose();
    await workspace.dispose();
  });
});

describe('a lost holder', () => {
  it('is engine_lost, not an empty tree', async () => {
    const { engine, workspace } = workshop({ behave: ({ kind }) => (kind === 'holder' ? (_, io) => io.sleep(1).then(() => 137) : null) });
    const volume = await workspace.volume({ purpose: 'work', tree: TREE, sizeFrom: 'build' });
    volume.assertHeld();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(() => volume.assertHeld()).toThrow(/engine_lost: the holder of factory-run-1-1-work is gone/);
    await expect(volume.export({ base: TREE })).rejects.toMatchObject({ code: 'engine_lost' });
    await workspace.dispose();
    expect(engine.left()).toEqual([]);
  });

  it('is engine_lost when the whole engine goes', async () => {
    const { engine, workspace } = workshop();
    const volume = await workspace.volume({ purpose: 'work', tree: TREE, sizeFrom: 'build' });
    engine.lose();
    await expect(volume.export({ base: TREE })).rejects.toMatchObject({ code: 'engine_lost' });
    await expect(workspace.dispose()).rejects.toMatchObject({ code: 'engine_lost' });
    engine.comeBack();
    await workspace.dispose();
    expect(engine.left()).toEqual([]);
  });
});

describe('nothing is left', () => {
  it.each<[string, FakeEngineOptions['failOn']]>([
    ['the volume is refused', { createVolume: refuse('engine_failed') }],
    ['the holder does not start', { start: refuse('engine_failed') }],
    ['the seed is refused', { upload: refuse('engine_failed') }],
  ])('when %s', async (_, failOn) => {
    const { engine, workspace } = workshop({ failOn: failOn ?? {} });
    await expect(workspace.volume({ purpose: 'work', tree: TREE, sizeFrom: 'build' })).rejects.toMatchObject({ code: 'engine_failed' });
    expect(engine.left()).toEqual([]);
  });

  it('of the other volumes when one cannot be removed, and the error is told', async () => {
    const stuck = new Set(['factory-run-1-1-one']);
    const { engine, workspace } = workshop({
      failOn: { removeVolume: (name) => (stuck.has(name) ? new Failure('engine_failed', `${name} is stuck`) : null) },
    });
    for (const purpose of ['one', 'two', 'three']) await workspace.volume({ purpose, tree: TREE, sizeFrom: 'build' });
    await expect(workspace.dispose()).rejects.toThrow(/factory-run-1-1-one is stuck/);
    expect(engine.left()).toEqual(['factory-run-1-1-one']);
    stuck.clear();
    await workspace.dispose();
    expect(engine.left()).toEqual([]);
  });

  it('of a volume that is being made when the workspace goes', async () => {
    const { engine, workspace } = workshop();
    const making = workspace.volume({ purpose: 'late', tree: TREE, sizeFrom: 'build' });
    await workspace.dispose();
    await making;
    expect(engine.left()).toEqual([]);
    await expect(workspace.volume({ purpose: 'later', sizeFrom: 'build' })).rejects.toThrow(/bug: .*workspace that is gone/);
  });

  it('silently: a failed seed whose volume cannot be removed says both', async () => {
    const { workspace } = workshop({ failOn: { upload: refuse('engine_failed'), removeVolume: refuse('engine_failed') } });
    await expect(workspace.volume({ purpose: 'work', tree: TREE, sizeFrom: 'build' })).rejects.toMatchObject({
      code: 'engine_failed',
      detail: expect.stringMatching(/on demand; factory-run-1-1-work or its holder could not be removed either/),
    });
  });
});
