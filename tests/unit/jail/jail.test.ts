import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeEngine } from '../../../orchestrator/adapters/engine/fake/fake.ts';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import type { ContainerSpec, VolumeSpec } from '../../../orchestrator/domain/container.ts';
import { type JailProof, jailText } from '../../../orchestrator/domain/jail.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../../orchestrator/domain/stage.ts';
import type { NewTraceEvent } from '../../../orchestrator/domain/trace.ts';
import { openCells } from '../../../orchestrator/pipeline/jail/cells.ts';
import { type Jail, openJail } from '../../../orchestrator/pipeline/jail/prove.ts';
import { openWorkspace } from '../../../orchestrator/pipeline/workspace.ts';
import type { Engine } from '../../../orchestrator/ports/engine.ts';

const { policies, seccomp } = loadPolicies(join(import.meta.dirname, '../../../policies'));
const images = Object.fromEntries(CONTAINER_KINDS.map((kind) => [kind, { reference: `factory/${kind}:0123` }])) as Record<
  ContainerKind,
  { reference: string }
>;
const common = { policies, seccomp, images, run: 'a-run', testsFolder: 'tests', program: 'the program', sentinel: 'sk-planted' };

function jailOn(engine: Engine): { jail: Jail; events: NewTraceEvent[]; written: Map<string, unknown> } {
  const events: NewTraceEvent[] = [];
  const written = new Map<string, unknown>();
  const trace = { write: (event: NewTraceEvent) => void events.push(event), head: () => '' };
  const records = {
    folder: '',
    write() {},
    writeJson: (path: string, value: object) => void written.set(path, value),
    append() {},
    read: () => null,
  };
  return { jail: openJail({ ...common, engine, trace, records }), events, written };
}

/** What a probe of the kind is, which is also what a stage's container is but for what may differ. */
async function specOf(kind: ContainerKind, change: Partial<ContainerSpec> = {}): Promise<ContainerSpec> {
  const { spec } = await cellOf(kind);
  // What the host holds a container to is no part of what it asks of the engine; the fake engine shows it all the same.
  const { wall_clock_s, output } = policies[kind];
  const held = { wallClockMs: wall_clock_s * 1000, outputBytes: output.total_mb * 2 ** 20 };
  return {
    ...spec,
    ...held,
    name: 'factory-a-run-4-x',
    labels: { 'factory.run': 'a-run' },
    command: ['node', '/agent/agent.mjs'],
    ...change,
  };
}

async function cellOf(kind: ContainerKind) {
  const engine = fakeEngine();
  let seq = 0;
  const nextSeq = () => ++seq;
  const workspace = openWorkspace({ ...common, engine, holderImage: 'factory/holder:0123', nextSeq });
  return openCells({ ...common, workspace, nextSeq }).cell(kind);
}

describe('the tries of a probe', () => {
  it.each(CONTAINER_KINDS)('of %s have each a name of their own, no tab in their words, and something that must work', async (kind) => {
    const { tries, spec } = await cellOf(kind);
    const names = tries.map((one) => `${one.class} ${one.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(tries.filter(({ words }) => words.some((word) => word.includes('\t') || word.includes('\0')))).toEqual([]);
    expect(tries.filter((one) => one.class === 'control').length).toBeGreaterThan(4);
    expect(spec.command.join(' ')).not.toContain(common.sentinel);
  });

  it.each<[ContainerKind, string]>([
    ['build', '/work/tests'],
    ['test-writing', '/work'],
  ])('of %s say that nothing is written to %s', async (kind, path) => {
    const { tries } = await cellOf(kind);
    expect(tries).toContainEqual(expect.objectContaining({ class: 'write', words: ['write', path], must: 'EROFS' }));
  });
});

describe('a container of the run', () => {
  it.each(CONTAINER_KINDS)('of kind %s may differ from its probe in command, labels, name and volume names', async (kind) => {
    const { jail } = jailOn(fakeEngine());
    const spec = await specOf(kind);
    jail.seeContainer({ ...spec, mounts: spec.mounts.map((mount, i) => ({ ...mount, volume: `other-${i}` })) });
  });

  it.each<[string, Partial<ContainerSpec>]>([
    ['memory', { memoryBytes: 1 }],
    ['environment', { env: { KEY: 'x' } }],
    ['folder', { workdir: '/elsewhere' }],
    ['image', { image: 'factory/build:4567' }],
    ['user', { user: '10002:10002' }],
    [
      'a mount that may be written to',
      {
        mounts: [
          { volume: 'v', path: '/work', write: true },
          { volume: 't', path: '/work/tests', write: true },
        ],
      },
    ],
    ['a mount less', { mounts: [{ volume: 'v', path: '/work', write: true }] }],
    ['stdin', { stdin: false }],
  ])('is not started when another %s is asked for than was probed', async (_, change) => {
    const { jail } = jailOn(fakeEngine());
    const spec = await specOf('build', change);
    expect(() => jail.seeContainer(spec)).toThrow(/^jail_open: a build container differs from the one that is probed: \S+/);
  });

  it('is not started with a volume of another size', async () => {
    const { jail } = jailOn(fakeEngine());
    const spec = await specOf('build');
    const { size_mb, files } = policies.build.volume;
    const volume = (name: string, change: Partial<VolumeSpec> = {}): VolumeSpec => ({
      name,
      sizeBytes: size_mb * 2 ** 20,
      files,
      uid: 10001,
      gid: 10001,
      labels: {},
      ...change,
    });
    for (const mount of spec.mounts) jail.seeVolume(volume(mount.volume));
    jail.seeContainer(spec);
    jail.seeVolume(volume(spec.mounts[1]?.volume ?? '', { sizeBytes: 2 ** 40 }));
    expect(() => jail.seeContainer(spec)).toThrow(/^jail_open: the volume at \/work\/tests of a build container has another size/);
  });
});

describe('proving the jail', () => {
  const printing = (text: string) =>
    fakeEngine({
      behave: ({ labels }) =>
        labels['factory.stage'] !== 'probe'
          ? null
          : async (_, io) => {
              io.print(text);
              return 0;
            },
    });

  it.each([
    ['nothing', ''],
    ['no answers', '{"write to /": "EROFS"}'],
    ['too few', '["EROFS"]'],
  ])('ends with jail_open at a probe that says %s, which is in the trace, and leaves nothing', async (_, said) => {
    const engine = printing(said);
    const { jail, events, written } = jailOn(engine);
    await expect(jail.prove(new AbortController().signal)).rejects.toThrow(/^jail_open: plan: the probe itself did not work/);
    expect(events).toMatchObject([{ type: 'probe', data: { kind: 'plan', ok: false } }]);
    expect(jailText(written.get('evidence/jail.json') as JailProof)).toBe('0 of 10 probes held');
    expect(engine.left()).toEqual([]);
  });

  it('ends with the reason when the line ends first, and leaves nothing', async () => {
    const stop = new AbortController();
    const engine = fakeEngine({
      behave: ({ labels }) =>
        labels['factory.stage'] !== 'probe'
          ? null
          : async (_, io) => {
              stop.abort(new Error('the line is done'));
              return io.forever();
            },
    });
    const { jail } = jailOn(engine);
    await expect(jail.prove(stop.signal)).rejects.toThrow('the line is done');
    expect(engine.left()).toEqual([]);
  });
});
