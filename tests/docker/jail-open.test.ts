import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JailHole, jailProofSchema, type PolicyLine } from '../../orchestrator/domain/jail.ts';
import type { Policies, Policy } from '../../orchestrator/domain/policy.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../orchestrator/domain/stage.ts';
import { type Bench, openBench, type Request } from './jail/bench.ts';
import { factory, left } from './line/factory.ts';
import { honest, REQUEST } from './line/replies.ts';
import { type Script, scriptedModel } from './line/scripted-model.ts';
import { fingerprint, smallTarget } from './line/small-target.ts';

const SENTINEL = `sk-sentinel-${randomBytes(12).toString('hex')}`;
let bench: Bench;
/** A folder of the host with the sentinel in it. */
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jail-host-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'key.txt'), SENTINEL);
  bench = await openBench();
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await bench?.close();
  if (bench !== undefined) expect(await bench.engine.list({ 'factory.run': bench.run })).toEqual([]);
});

type Mutation = readonly [what: string, kind: ContainerKind, change: (request: Request) => void, line: PolicyLine, fires: string];

/** Each line of a policy, taken out of the create request that it was compiled to: the probe reports that line, and no other. */
const MUTATIONS: readonly Mutation[] = [
  ['network: none', 'test-running', openNetwork, 'network', 'interfaces but lo'],
  ['user', 'plan', (request) => (request.User = '0:0'), 'user', 'uid'],
  ['read_only_root', 'validate', (request) => delete request.HostConfig.ReadonlyRootfs, 'read_only_root', 'write to /var/tmp'],
  ['no_new_privileges', 'build', (request) => withoutOption(request, 'no-new-privileges'), 'no_new_privileges', 'NoNewPrivs'],
  ['dropped capabilities', 'build', (request) => delete request.HostConfig.CapDrop, 'capabilities', 'CapBnd'],
  ['seccomp, for the engine’s own profile', 'build', (request) => withoutOption(request, 'seccomp='), 'seccomp', 'ptrace'],
  ['seccomp, for none', 'card', unconfined, 'seccomp', 'unshare the user namespace'],
  ['write: false of a tree', 'scout', (request) => writable(request, '/work'), 'mounts', 'write to /work'],
  ['write: false of BUILD’s tests', 'build', (request) => writable(request, '/work/tests'), 'mounts', 'write to /work/tests'],
  ['write: false of the tests’ source', 'test-writing', (request) => writable(request, '/work'), 'mounts', 'write to /work'],
  ['write: false of what REVIEW reads', 'review', (request) => writable(request, '/head'), 'mounts', 'write to /head'],
  ['write: false of what is judged', 'validate', (request) => writable(request, '/w'), 'mounts', 'remove a file in /w'],
  ['write: false of what is run', 'test-running', (request) => writable(request, '/w'), 'mounts', 'overwrite a file in /w'],
  ['the mount of BUILD’s tests', 'build', (request) => withoutMount(request, '/work/tests'), 'mounts', 'write to /work/tests'],
  ['exec: false of a tmpfs', 'plan', (request) => tmpfs(request, '/tmp', 'noexec', 'exec'), 'tmpfs', 'start a program in /tmp'],
  ['size_mb of a tmpfs', 'format', (request) => tmpfs(request, '/tmp', /,size=\d+/, ''), 'tmpfs', 'size of /tmp'],
  ['nosuid of a tmpfs', 'card', (request) => tmpfs(request, '/copy', 'nosuid', 'suid'), 'tmpfs', 'flags of /copy'],
  ['pids', 'scout', (request) => delete request.HostConfig.PidsLimit, 'pids', 'processes'],
  ['memory_mb', 'scout', withoutMemory, 'memory_mb', 'memory'],
  ['memory_mb, for swap', 'scout', (request) => (request.HostConfig.MemorySwap = -1), 'memory_mb', 'memory and swap'],
  ['cpus', 'scout', (request) => delete request.HostConfig.NanoCpus, 'cpus', 'processors'],
  ['open_files', 'holder', (request) => delete request.HostConfig.Ulimits, 'open_files', 'open files'],
  ['shm_mb', 'scout', (request) => delete request.HostConfig.ShmSize, 'shm_mb', 'size of /dev/shm'],
  ['nothing of the engine', 'plan', (request) => bind(request, '/var/run/docker.sock:/run/e.sock'), 'mounts', 'sockets in what is mounted'],
  ['nothing of the environment', 'plan', (request) => (request.Env = ['API_KEY=x']), 'environment', 'variables that are not ordinary'],
  ['nothing of the host’s processes', 'plan', (request) => (request.HostConfig.PidMode = 'host'), 'environment', 'processes of others'],
  ['nothing of the host’s devices', 'plan', addDevice, 'mounts', 'devices that are not ordinary'],
];

describe('a line of a policy that is gone is found by the probe (J19)', () => {
  it.each(MUTATIONS)('%s, in the jail of %s', async (_, kind, change, line, fires) => {
    const { holes } = await bench.probe(kind, { engine: bench.mutated(change), sentinel: SENTINEL });
    expect(linesOf(holes), JSON.stringify(holes, null, 1)).toEqual([line]);
    expect(holes.map((hole) => hole.try)).toContain(fires);
  });

  it('volume, whose quota is no part of a container’s create request', async () => {
    const { engine } = bench;
    const volumes = {
      ...engine,
      createVolume: (spec: Parameters<typeof engine.createVolume>[0]) =>
        engine.createVolume({ ...spec, sizeBytes: spec.sizeBytes * 2, files: 500 }),
    };
    const { holes } = await bench.probe('build', { volumes });
    expect(linesOf(holes)).toEqual(['volume']);
    expect(holes.map((hole) => hole.try)).toEqual(['size of /work', 'files in /work']);
  });

  it('a file of the host', async () => {
    const change = (request: Request) => bind(request, `${folder}:/etc/keys:ro`);
    const { holes } = await bench.probe('scout', { engine: bench.mutated(change), sentinel: SENTINEL });
    expect(holes.map((hole) => `${hole.try}: ${hole.answer}`)).toContain('the planted key: /etc/keys/key.txt');
    expect(holes).toContainEqual(expect.objectContaining({ try: 'what is mounted beside', answer: '/etc/keys' }));
  });

  it('a key of the host, under an ordinary name', async () => {
    const change = (request: Request) => (request.Env = [`LANG=${SENTINEL}`]);
    const { holes } = await bench.probe('review', { engine: bench.mutated(change), sentinel: SENTINEL });
    expect(holes.map((hole) => hole.try)).toEqual(['the planted key']);
  });
});

describe('the floor of the jail, which no policy can lower', () => {
  const changed = (kind: ContainerKind, change: Partial<Policy>): Policies => ({
    ...bench.policies,
    [kind]: { ...bench.policies[kind], ...change },
  });
  const mount = (volume: Policy['mounts'][number]['volume'], path: string, write: boolean, at_tests = false) => ({
    volume,
    path,
    write,
    at_tests,
  });

  it.each<[string, ContainerKind, Policy['mounts'], string]>([
    ['BUILD gets to write tests', 'build', [mount('work', '/work', true), mount('tests', '/work', true, true)], 'write to /work/tests'],
    ['BUILD has no mount for tests', 'build', [mount('work', '/work', true)], 'write to /work/tests'],
    ['TEST gets to write source', 'test-writing', [mount('base', '/work', true), mount('tests', '/work', true, true)], 'write to /work'],
    ['SCOUT gets to write', 'scout', [mount('base', '/work', true)], 'write to /work'],
    ['REVIEW gets to write', 'review', [mount('base', '/base', false), mount('head', '/head', true)], 'write to /head'],
    ['PLAN gets a volume to write to', 'plan', [mount('work', '/work', true)], 'write to /work'],
  ])('%s', async (_, kind, mounts, fires) => {
    const { holes } = await bench.probe(kind, { policies: changed(kind, { mounts }) });
    expect(linesOf(holes)).toEqual(['mounts']);
    expect(holes.map((hole) => hole.try)).toContain(fires);
  });

  it('the profile allows everything', async () => {
    const { holes } = await bench.probe('build', { seccomp: '{"defaultAction":"SCMP_ACT_ALLOW"}' });
    expect(linesOf(holes)).toEqual(['seccomp']);
    expect(holes.map((hole) => hole.try)).toContain('io_uring_setup');
  });

  it('the user is root', async () => {
    const { holes } = await bench.probe('plan', { policies: changed('plan', { user: '0:0' }) });
    expect(linesOf(holes)).toEqual(['user']);
  });
});

describe('a probe that does not work proves nothing', () => {
  it.each([
    ['says nothing', 'exit 0;'],
    ['says that all is refused', 'print "[" . join(",", ("\\"EPERM\\"") x (@ARGV - 1)) . "]"'],
    ['answers too little', 'print "[\\"ok\\"]"'],
    ['prints no end', 'print "x" x 4096 while 1'],
    ['dies', 'die "no"'],
  ])('one that %s', async (_, program) => {
    const { holes } = await bench.probe('scout', { program });
    expect(holes.filter((hole) => hole.class === 'control')).not.toEqual([]);
  });
});

describe('a run of the line', () => {
  it('is refused a policy that opens what every jail has closed', async () => {
    const ran = await go(honest, { 'scout.yaml': 'network: bridge\nmounts: []\n' });
    expect(ran).toMatchObject({ exitCode: 2, result: { code: 'policy_invalid' }, folder: null });
  });

  it('ends as soon as a hole is found, while a model thinks, without a PR, and leaves nothing', async () => {
    const ran = await go(
      { ...honest, PLAN: ['hang'] },
      {
        'build.yaml':
          'mounts:\n  - {volume: work, path: /work, write: true}\n  - {volume: tests, path: /work, write: true, at_tests: true}\n',
      },
    );
    expect(ran).toMatchObject({ exitCode: 1, untouched: true, result: { outcome: 'failed', code: 'jail_open', branch: null, jail: null } });
    expect(ran.result?.reason).toMatch(/^build: write to \/work\/tests: the kernel answered ok, and must EROFS \(policy: mounts\)/);
    expect(ran.probes.map(({ kind, ok }) => [kind, ok])).toEqual([
      ['plan', true],
      ['scout', true],
      ['build', false],
    ]);
    expect(left(ran.result?.run ?? '')).toEqual([]);
  });

  it('tells in trace, PR, result and closing line that every probe held', async () => {
    const ran = await go(honest, {});
    expect(ran).toMatchObject({ exitCode: 0, untouched: true, result: { outcome: 'pr', jail: '10 of 10 probes held' } });
    expect(ran.stderr).toContain('jail: 10 of 10 probes held');
    expect(ran.probes.map(({ kind, ok }) => [kind, ok])).toEqual(CONTAINER_KINDS.map((kind) => [kind, true]));
    const pr = readFileSync(join(ran.folder ?? '', 'pr.md'), 'utf8');
    expect(pr).toContain('- jail: 10 of 10 probes held');
    expect(pr).toMatch(/\| build \| \d+ \| \d+ \|/);
    const proof = jailProofSchema.parse(JSON.parse(readFileSync(join(ran.folder ?? '', 'evidence/jail.json'), 'utf8')));
    expect(proof.probes).toHaveLength(10);
    expect(left(ran.result?.run ?? '')).toEqual([]);
  });
});

/** The real program on a small target, with these files of its policies written over. */
async function go(script: Script, policies: Record<string, string>) {
  const changed = mkdtempSync(join(tmpdir(), 'jail-policies-'));
  cpSync(join(import.meta.dirname, '../../policies'), changed, { recursive: true });
  for (const [name, text] of Object.entries(policies)) writeFileSync(join(changed, name), text);
  const model = await scriptedModel(script);
  const target = smallTarget();
  const before = fingerprint(target);
  try {
    const ended = await factory(['-C', target, ...model.flags, '--', REQUEST], { OLLAMA_HOST: model.host, FACTORY_POLICIES: changed });
    const trace = ended.folder === null ? '' : readFileSync(join(ended.folder, 'trace.jsonl'), 'utf8');
    const events = trace
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { type: string; data: { kind: string; ok: boolean } });
    return {
      ...ended,
      untouched: fingerprint(target) === before,
      probes: events.filter(({ type }) => type === 'probe').map(({ data }) => data),
    };
  } finally {
    model.close();
    rmSync(changed, { recursive: true });
  }
}

function linesOf(holes: readonly JailHole[]): string[] {
  return [...new Set(holes.map(({ line }) => line))].sort();
}

function openNetwork(request: Request): void {
  request.NetworkDisabled = false;
  request.HostConfig.NetworkMode = 'bridge';
}

function withoutOption(request: Request, start: string): void {
  request.HostConfig.SecurityOpt = (request.HostConfig.SecurityOpt ?? []).filter((option: string) => !option.startsWith(start));
}

function unconfined(request: Request): void {
  withoutOption(request, 'seccomp=');
  request.HostConfig.SecurityOpt = [...(request.HostConfig.SecurityOpt ?? []), 'seccomp=unconfined'];
}

function withoutMemory(request: Request): void {
  delete request.HostConfig.Memory;
  delete request.HostConfig.MemorySwap;
}

function writable(request: Request, target: string): void {
  for (const mount of request.HostConfig.Mounts ?? []) if (mount.Target === target) mount.ReadOnly = false;
}

function withoutMount(request: Request, target: string): void {
  request.HostConfig.Mounts = (request.HostConfig.Mounts ?? []).filter((mount) => mount.Target !== target);
}

function tmpfs(request: Request, path: string, from: string | RegExp, to: string): void {
  const all = request.HostConfig.Tmpfs as Record<string, string>;
  request.HostConfig.Tmpfs = { ...all, [path]: (all[path] ?? '').replace(from, to) };
}

function bind(request: Request, what: string): void {
  request.HostConfig.Binds = [what];
}

function addDevice(request: Request): void {
  request.HostConfig.Devices = [{ PathOnHost: '/dev/kmsg', PathInContainer: '/dev/kmsg', CgroupPermissions: 'r' }];
}
