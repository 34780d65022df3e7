import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../orchestrator/adapters/engine/docker/docker.ts';
import { dockerImageStore } from '../../orchestrator/adapters/engine/docker/images.ts';
import { loadPolicies } from '../../orchestrator/cli/policies.ts';
import type { BuiltImage } from '../../orchestrator/cli/setup/built-image.ts';
import { AGENT_KINDS, type AgentKind } from '../../orchestrator/cli/setup/bundle.ts';
import { ensureImages } from '../../orchestrator/cli/setup/ensure.ts';
import { type FileTree, readText, textFile } from '../../orchestrator/domain/tree.ts';
import { buildTurnSchema, planTurnSchema, reviewTurnSchema, scoutTurnSchema, testTurnSchema } from '../../orchestrator/domain/turns.ts';
import { compileContainer, type VolumeBindings } from '../../orchestrator/pipeline/compile.ts';
import { converse } from '../../orchestrator/pipeline/converse.ts';
import { openWorkspace, type Volume, type Workspace } from '../../orchestrator/pipeline/workspace.ts';
import type { Engine, RunningContainer } from '../../orchestrator/ports/engine.ts';
import { completion, conversationOf } from '../unit/converse/asked.ts';

const run = `agent-${randomBytes(4).toString('hex')}`;
const { policies, seccomp } = loadPolicies(join(import.meta.dirname, '../../policies'));
let engine: Engine;
let images: Record<AgentKind | 'holder', BuiltImage>;
let workspace: Workspace;
let seq = 0;
const nextSeq = (): number => {
  seq += 1;
  return seq;
};

beforeAll(async () => {
  const { docker, endpoint } = await connect({ env: process.env });
  engine = dockerEngine(docker, endpoint);
  const { architecture } = await engine.info();
  const kinds = [...AGENT_KINDS, 'holder'] as const;
  images = await ensureImages({
    store: dockerImageStore(docker),
    architecture,
    tree: new Map(),
    kinds,
    onLine: () => undefined,
    env: process.env,
  });
  workspace = openWorkspace({ engine, holderImage: images.holder.reference, policies, seccomp, run, nextSeq });
});

afterAll(async () => {
  await workspace?.dispose();
  await engine?.sweep({ 'factory.run': run });
});

const source: FileTree = new Map([['app/main.py', textFile('x = 1\n')]]);
const tests: FileTree = new Map([['test_main.py', textFile('def test_x() -> None: ...\n')]]);

/** A volume whose `tests` folder may be mounted over. */
const sourceVolume = (kind: AgentKind): Promise<Volume> =>
  workspace.volume({ purpose: 'source', tree: source, folders: ['tests'], sizeFrom: kind });
const testsVolume = (kind: AgentKind): Promise<Volume> => workspace.volume({ purpose: 'tests', tree: tests, sizeFrom: kind });

/** The container of an agent as the line starts it, removed afterwards. */
async function inContainer<T>(kind: AgentKind, volumes: VolumeBindings, use: (container: RunningContainer) => Promise<T>): Promise<T> {
  const container = await engine.start(
    compileContainer({
      ...{ kind, policy: policies[kind], seccompText: seccomp, image: images[kind].reference, command: ['node', '/agent/agent.mjs'] },
      ...{ volumes, testsFolder: 'tests', run, seq: nextSeq(), attempt: 1, stage: 'agent', stdin: true },
    }),
  );
  try {
    return await use(container);
  } finally {
    await container.remove();
  }
}

const startWith = (roots: Record<string, string>) => ({ type: 'start', roots, max_read_bytes: 40_000, max_file_bytes: 400_000 }) as const;

const refusal = { outcome: 'refusal', reason: 'vague', questions: ['Which field?'] };

describe('the agent in its own container', () => {
  it('of PLAN holds no tree and hands over what the model said', async () => {
    const { c } = conversationOf(planTurnSchema, [refusal]);
    const conversed = await inContainer('plan', {}, async (container) => {
      const done = await converse(container, c);
      expect((await container.exit).code).toBe(0);
      return done;
    });
    expect(conversed).toMatchObject({ accepted: true, last: refusal });
  });

  it('of SCOUT reads the base', async () => {
    const base = await sourceVolume('scout');
    const brief = {
      ...{ edit: [{ path: 'app/main.py', from: 1, to: 1, why: 'x' }], reuse: [], create: [], conventions: [] },
      ...{ superseded: [], problems: [], dispute: null },
    };
    const look = [
      { tool: 'grep', pattern: 'x =' },
      { tool: 'read_file', path: '../proc/self/environ' },
    ];
    const { c, asked } = conversationOf(
      scoutTurnSchema,
      [
        { look, brief: null },
        { look: [], brief },
      ],
      { start: startWith({ work: '/work' }) },
    );
    const conversed = await inContainer('scout', { base: base.name }, (container) => converse(container, c));
    expect(conversed).toMatchObject({ accepted: true, turns: 2, last: { brief } });
    expect(asked[1]?.messages.at(-1)?.content).toMatch(/app\/main\.py:1: x = 1[\s\S]*error: `\.\.` is not allowed/);
  });

  it('of BUILD changes source and is told by the kernel that tests are not its own', async () => {
    const [work, nested] = [await sourceVolume('build'), await testsVolume('build')];
    const edits = [
      { tool: 'replace_text', path: 'app/main.py', find: 'x = 1', replace: 'x = 2' },
      { tool: 'write_file', path: 'app/sub/new.py', content: 'y = 1\n' },
      { tool: 'write_file', path: 'tests/test_main.py', content: 'nothing\n' },
      { tool: 'write_file', path: 'tests/test_new.py', content: 'nothing\n' },
      { tool: 'delete_file', path: 'tests/test_main.py' },
    ];
    const idle = { look: [], dispute: null };
    const { c, asked } = conversationOf(
      buildTurnSchema,
      [
        { ...idle, edits, done: true },
        { ...idle, edits: [], done: true },
      ],
      { start: startWith({ work: '/work' }) },
    );
    await inContainer('build', { work: work.name, tests: nested.name }, (container) => converse(container, c));
    const told = asked[1]?.messages.at(-1)?.content ?? '';
    expect(told.match(/error: read-only here/g)).toHaveLength(3);
    expect(told).toContain('3 of 5 changes refused');
    const changed = await work.export({ base: source });
    expect([...changed.keys()].sort()).toEqual(['app/main.py', 'app/sub/new.py']);
    expect(readText(changed, 'app/main.py')).toBe('x = 2\n');
    expect(await nested.export({ base: tests })).toEqual(tests);
  });

  it('of BUILD is told that its volume is full, and leaves every file whole', async () => {
    const tiny = { ...policies, build: { ...policies.build, volume: { size_mb: 1, files: 64 } } };
    const narrow = openWorkspace({ engine, holderImage: images.holder.reference, policies: tiny, seccomp, run, nextSeq });
    const content = `${'é'.repeat(59_000)}\n`;
    const edits = Array.from({ length: 12 }, (_, index) => ({ tool: 'write_file', path: `app/f${index}.py`, content }));
    edits.push({ tool: 'write_file', path: 'app/main.py', content });
    const { c, asked } = conversationOf(
      buildTurnSchema,
      [
        { look: [], edits, done: true, dispute: null },
        { look: [], edits: [], done: true, dispute: null },
      ],
      { start: startWith({ work: '/work' }) },
    );
    try {
      const work = await narrow.volume({ purpose: 'source', tree: source, folders: ['tests'], sizeFrom: 'build' });
      const nested = await narrow.volume({ purpose: 'tests', tree: tests, sizeFrom: 'build' });
      await inContainer('build', { work: work.name, tests: nested.name }, (container) => converse(container, c));
      expect(asked[1]?.messages.at(-1)?.content).toMatch(/write_file app\/main\.py\nerror: no room left/);
      const { 'app/main.py': main, ...made } = Object.fromEntries([...(await work.export({ base: source })).entries()]);
      expect(new TextDecoder().decode(main?.content)).toBe('x = 1\n');
      expect(Object.keys(made).length).toBeGreaterThan(4);
      for (const file of Object.values(made)) expect(file.content.length).toBe(Buffer.byteLength(content));
    } finally {
      await narrow.dispose();
    }
  });

  it('of TEST’s writer writes tests and is told by the kernel that source is not its own', async () => {
    const [base, nested] = [await sourceVolume('test-writing'), await testsVolume('test-writing')];
    const files = [
      { path: 'tests/test_new.py', content: 'def test_new() -> None: ...\n' },
      { path: 'app/main.py', content: 'x = 3\n' },
    ];
    const { c, asked } = conversationOf(
      testTurnSchema,
      [
        { look: [], files, done: true },
        { look: [], files: [], done: true },
      ],
      { start: startWith({ work: '/work' }) },
    );
    await inContainer('test-writing', { base: base.name, tests: nested.name }, (container) => converse(container, c));
    expect(asked[1]?.messages.at(-1)?.content.match(/error: read-only here/g)).toHaveLength(1);
    expect([...(await nested.export({ base: tests })).keys()].sort()).toEqual(['test_main.py', 'test_new.py']);
    expect(await base.export({ base: source })).toEqual(source);
  });

  it('of REVIEW reads base and head apart', async () => {
    const [base, head] = [await sourceVolume('review'), await workspace.volume({ purpose: 'head', tree: tests, sizeFrom: 'review' })];
    const review = { verdict: 'approve', criteria: [{ id: 'C1', holds: true, why: 'x', citations: [] }], findings: [] };
    const look = [
      { tool: 'list_dir', path: 'base' },
      { tool: 'list_dir', path: 'head' },
    ];
    const { c, asked } = conversationOf(
      reviewTurnSchema,
      [
        { look, review: null },
        { look: [], review },
      ],
      { start: startWith({ base: '/base', head: '/head' }) },
    );
    await inContainer('review', { base: base.name, head: head.name }, (container) => converse(container, c));
    expect(asked[1]?.messages.at(-1)?.content).toMatch(/base, 2 entries\napp\/\ntests\/[\s\S]*head, 1 entries\ntest_main\.py/);
  });

  it('ends by itself when the host is gone', async () => {
    const code = await inContainer('plan', {}, async (container) => {
      container.closeInput();
      return (await container.exit).code;
    });
    expect(code).toBe(1);
  });

  it('is reported dead when it is killed while the model thinks', async () => {
    await inContainer('plan', {}, async (container) => {
      const { c } = conversationOf(planTurnSchema, [], {
        ask: async () => {
          await container.kill();
          return completion(refusal);
        },
      });
      await expect(converse(container, c)).rejects.toMatchObject({ code: 'agent_died' });
    });
  });
});
