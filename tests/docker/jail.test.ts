import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerSpec } from '../../orchestrator/domain/container.ts';
import type { Json } from '../../orchestrator/domain/json.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../orchestrator/domain/stage.ts';
import { diffTrees } from '../../orchestrator/domain/tree.ts';
import type { Engine } from '../../orchestrator/ports/engine.ts';
import { type Bench, type Cell, type Ended, lastJson, openBench, probeArgument, program, type Request, runToEnd } from './jail/bench.ts';
import { lineOf, openings, type Said } from './jail/rows.ts';

const AGENTS = ['plan', 'scout', 'build', 'test-writing', 'review'] as const satisfies readonly ContainerKind[];
const MEGABYTE = 1024 * 1024;

/** Lies in the environment and on the disk of the host, where no container may find it. */
const SENTINEL = `sk-sentinel-${randomBytes(12).toString('hex')}`;
const PLANTED = join(tmpdir(), `jail-${SENTINEL}`);
let bench: Bench;

beforeAll(async () => {
  process.env.FACTORY_PLANTED_API_KEY = SENTINEL;
  writeFileSync(PLANTED, SENTINEL);
  bench = await openBench();
});

afterAll(async () => {
  rmSync(PLANTED, { force: true });
  delete process.env.FACTORY_PLANTED_API_KEY;
  await bench?.close();
  if (bench !== undefined) expect(await bench.engine.list({ 'factory.run': bench.run })).toEqual([]);
});

describe.each(CONTAINER_KINDS)('the jail of %s', (kind) => {
  it('is the create request that was agreed on (J16)', async () => {
    const cell = await bench.cell(kind);
    const spec = cell.spec({ command: ['/program'], image: 'an-image' });
    expect(settled(bench.engine.describe(spec), bench.run)).toMatchSnapshot();
  });

  it('holds against everything that is tried inside it, and lets honest work be (J01 to J06)', async () => {
    const cell = await bench.cell(kind);
    const { spec, said } = await probe(bench.engine, cell, 'python');
    expect(openings(said, spec, bench.engine.describe(spec), 'python')).toEqual([]);
    for (const { volume, tree } of cell.volumes.values()) expect(diffTrees(tree, await volume.export({ base: tree }))).toEqual([]);
  });

  it('stops forks at its limit, and work goes on afterwards (J07)', async () => {
    const cell = await bench.cell(kind);
    const { spec, ended } = await hog(bench.engine, cell, 'forks', 10_000);
    const said = lastJson<{ made: number; stopped: string; after: string }>(ended);
    const beside = `the create request says HostConfig.PidsLimit: ${line(spec, 'HostConfig.PidsLimit')}; the kernel said ${JSON.stringify(said)}`;
    expect(said, beside).toMatchObject({ stopped: 'EAGAIN', after: 'ok' });
    expect(said.made, beside).toBeLessThan(spec.pids);
  });

  it('lets a quarter of its memory be used, and ends at its memory limit as out of memory, whatever the memory is called (J08)', async () => {
    const cell = await bench.cell(kind);
    const { spec, ended } = await hog(bench.engine, cell, 'memory', twiceTheMemory, memoryBacked);
    const beside = `the create request says HostConfig.Memory: ${line(spec, 'HostConfig.Memory')}; printed: ${ended.stdout}`;
    expect(ended.stdout, beside).toContain('honest');
    expect(ended.exit, beside).toMatchObject({ oomKilled: true, killedFor: null });
    expect(ended.stdout, beside).not.toContain('held');
  });

  it('has no more disk than its policy gives (J10)', async () => {
    const cell = await bench.cell(kind);
    const { spec, ended } = await hog(bench.engine, cell, 'disk', 25_000, writablePaths);
    // Writes nothing itself, so it has less memory than the volume that it keeps.
    if (kind === 'holder') return expect(ended.exit).toMatchObject({ oomKilled: true });
    const limits = sizes(spec, cell);
    const said = lastJson<Record<string, { bytes: number; stopped: string; files: number; small: string; after: string }>>(ended);
    expect(Object.keys(said).sort()).toEqual([...limits.keys()].sort());
    for (const [path, limit] of limits) {
      const beside = `${path}: the create request says ${line(spec, 'HostConfig.Tmpfs')} ${line(spec, 'HostConfig.Mounts')}; the kernel said ${JSON.stringify(said[path])}`;
      expect(said[path], beside).toMatchObject({ stopped: 'ENOSPC', after: 'ok' });
      expect(said[path]?.bytes, beside).toBeLessThanOrEqual(limit.bytes);
      if (limit.files !== null) expect(said[path], beside).toMatchObject({ small: 'ENOSPC' });
    }
  });
});

describe.each(AGENTS)('the jail of %s as its own program sees it', (kind) => {
  it('holds against Node, and lets honest work be', async () => {
    const cell = await bench.cell(kind);
    const { spec, said } = await probe(bench.engine, cell, 'node');
    expect(openings(said, spec, bench.engine.describe(spec), 'node')).toEqual([]);
  });
});

describe('the seccomp profile', () => {
  it('is in nobody’s way: what honest Python programs ask of a kernel works (twin of J04)', async () => {
    const cell = await bench.cell('test-running');
    const spec = cell.spec({ command: ['python3', '-c', program('honest.py')], image: bench.images.python });
    expect(lastJson(await runToEnd(bench.engine, spec))).toHaveLength(6);
  });
});

describe('a container that will not end (J13)', () => {
  it.each(['build', 'test-running'] as const)('is gone within its grace time, with all it started, in the jail of %s', async (kind) => {
    const cell = await bench.cell(kind);
    const marker = 40_000 + randomBytes(2).readUInt16BE();
    const spec = cell.spec({
      command: ['python3', '-c', program('hog.py'), 'stay', String(marker)],
      image: bench.images.python,
      wallClockMs: 2000,
    });
    const container = await bench.engine.start(spec);
    try {
      const seen = await until(() => daemons(marker), 1800);
      const started = Date.now();
      const exit = await container.exit;
      expect(exit.killedFor).toBe('wall_clock');
      expect(Date.now() - started).toBeLessThan(2000 + spec.graceMs + 4000);
      // Seen from outside only where the engine shares this host's process table.
      if (await sharesProcesses()) expect(seen, 'the daemon was never there: the test proves nothing').toBeGreaterThan(0);
      expect(await until(async () => (daemons(marker) === 0 ? 1 : 0), 2000)).toBe(1);
    } finally {
      await container.remove();
    }
    expect(await bench.engine.list({ 'factory.run': bench.run, 'factory.seq': spec.labels['factory.seq'] ?? '' })).toEqual([]);
  });

  it('is told from one that ends by itself (twin)', async () => {
    const cell = await bench.cell('test-running');
    const { ended } = await hog(bench.engine, cell, 'leave', 7);
    expect(ended.exit).toEqual({ code: 7, oomKilled: false, killedFor: null });
  });
});

describe('a line of the create request that is gone is noticed (J19)', () => {
  const mutations: readonly [string, ContainerKind, (request: Request) => void, RegExp][] = [
    ['CapDrop', 'build', (request) => delete request.HostConfig.CapDrop, /jail_open: status CapBnd/],
    ['the seccomp profile', 'build', (request) => withoutOption(request, 'seccomp='), /jail_open: J04 ptrace/],
    [
      'the seccomp profile, for namespaces',
      'validate',
      (request) => addOption(request, 'seccomp=unconfined'),
      /jail_open: J03 unshare NEWUSER/,
    ],
    ['no-new-privileges', 'build', (request) => withoutOption(request, 'no-new-privileges'), /jail_open: status NoNewPrivs/],
    ['ReadonlyRootfs', 'test-running', (request) => delete request.HostConfig.ReadonlyRootfs, /jail_open: J05 write to \/var\/tmp/],
    ['ReadonlyRootfs, on the disk', 'build', (request) => delete request.HostConfig.ReadonlyRootfs, /jail_open: J10 writable mounts/],
    ['the network', 'test-running', openNetwork, /jail_open: J01 interfaces/],
    ['the user', 'build', asRoot, /jail_open: status Uid/],
    ['PidsLimit', 'scout', (request) => delete request.HostConfig.PidsLimit, /jail_open: limit pids/],
    ['Memory', 'scout', withoutMemory, /jail_open: limit memory/],
    ['NanoCpus', 'scout', (request) => delete request.HostConfig.NanoCpus, /jail_open: limit cpus/],
    ['Ulimits', 'scout', (request) => delete request.HostConfig.Ulimits, /jail_open: limit open files/],
    ['ShmSize', 'scout', (request) => delete request.HostConfig.ShmSize, /jail_open: size \/dev\/shm/],
    ['the size of a tmpfs', 'scout', (request) => (request.HostConfig.Tmpfs = { '/tmp': 'mode=1777' }), /jail_open: size \/tmp/],
    ['ReadOnly of a tree', 'scout', (request) => writable(request, '/work'), /jail_open: J06 write to \/work/],
    ['ReadOnly of the tests', 'build', (request) => writable(request, '/work/tests'), /jail_open: J06 write to \/work\/tests/],
    ['the mount of the tests', 'build', (request) => withoutMount(request, '/work/tests'), /jail_open: .*\/work\/tests/],
    ['a wall to the engine', 'build', bindSocket, /jail_open: J02 sockets of an engine/],
    ['a key in the environment', 'build', (request) => (request.Env = [`KEY=${SENTINEL}`]), /jail_open: J02 the host's planted key/],
  ];

  it.each(mutations)('%s, in the jail of %s', async (_, kind, change, fires) => {
    const cell = await bench.cell(kind);
    const { spec, said } = await probe(bench.mutated(change), cell, 'python');
    expect(openings(said, spec, bench.engine.describe(spec), 'python').join('\n')).toMatch(fires);
  });

  it('PidsLimit, by the forks themselves', async () => {
    const cell = await bench.cell('scout');
    const { ended } = await hog(
      bench.mutated((request) => delete request.HostConfig.PidsLimit),
      cell,
      'forks',
      60,
    );
    expect(lastJson(ended)).toMatchObject({ made: 60, stopped: 'none' });
  });

  it('Memory, by the memory itself', async () => {
    const cell = await bench.cell('scout');
    const open = bench.mutated(withoutMemory);
    const { ended } = await hog(open, cell, 'memory', twiceTheMemory, memoryBacked);
    expect(ended.exit).toMatchObject({ code: 0, oomKilled: false });
    expect(ended.stdout).toContain('held');
  });
});

async function probe(engine: Engine, cell: Cell, language: 'python' | 'node'): Promise<{ spec: ContainerSpec; said: Said }> {
  const image = language === 'python' ? bench.images.python : await bench.images.of(cell.kind);
  const command =
    language === 'python' ? ['python3', '-c', program('probe.py')] : ['node', '--input-type=module', '-e', program('probe.mjs'), '--'];
  const bare = cell.spec({ command, image });
  const control = [...cell.volumes.values()].some(({ tree }) => tree.size > 0) ? bench.control : null;
  const spec = { ...bare, command: [...command, probeArgument(bare, SENTINEL, control)] };
  return { spec, said: lastJson<Said>(await runToEnd(engine, spec)) };
}

type From<T> = (spec: ContainerSpec, cell: Cell) => T;

async function hog(
  engine: Engine,
  cell: Cell,
  what: string,
  figure: number | From<number>,
  paths: From<Iterable<string>> = () => [],
): Promise<{ spec: ContainerSpec; ended: Ended }> {
  const bare = cell.spec({ command: [], image: bench.images.python });
  const amount = typeof figure === 'number' ? figure : figure(bare, cell);
  const command = ['python3', '-c', program('hog.py'), what, String(amount), ...paths(bare, cell)];
  const spec = { ...bare, command };
  return { spec, ended: await runToEnd(engine, spec) };
}

const twiceTheMemory: From<number> = ({ memoryBytes }) => (2 * memoryBytes) / MEGABYTE;

/** What goes with the container. A volume stays, and what is written there would be found by the next. */
const memoryBacked: From<string[]> = ({ tmpfs }) => [...tmpfs.map(({ path }) => path), '/dev/shm'];

const writablePaths: From<string[]> = (spec, cell) => [...sizes(spec, cell).keys()];

/** Where a container can write, and how much. */
function sizes(spec: ContainerSpec, cell: Cell): Map<string, Quota> {
  const volumes = spec.mounts.filter(({ write }) => write).map(({ path }): [string, Quota] => [path, cell.quota]);
  const tmpfs = spec.tmpfs.map(({ path, sizeBytes }): [string, Quota] => [path, { bytes: sizeBytes, files: null }]);
  return new Map([...volumes, ...tmpfs, ['/dev/shm', { bytes: spec.shmBytes, files: null }]]);
}

interface Quota {
  readonly bytes: number;
  readonly files: number | null;
}

function line(spec: ContainerSpec, path: string): string {
  return lineOf(bench.engine.describe(spec), path);
}

/** A create request without what differs from run to run. The profile is a file of its own. */
function settled(request: Json, run: string): Json {
  const text = JSON.stringify(request, (_, value) =>
    typeof value === 'string' && value.startsWith('seccomp=') ? 'seccomp=policies/seccomp.json' : value,
  );
  return JSON.parse(
    text
      .replaceAll(run, 'RUN')
      .replace(/RUN-\d+/g, 'RUN-N')
      .replace(/"factory\.seq":"\d+"/, '"factory.seq":"N"'),
  );
}

function withoutOption(request: Request, start: string): void {
  request.HostConfig.SecurityOpt = (request.HostConfig.SecurityOpt ?? []).filter((option: string) => !option.startsWith(start));
}

function addOption(request: Request, option: string): void {
  withoutOption(request, option.slice(0, option.indexOf('=')));
  request.HostConfig.SecurityOpt = [...(request.HostConfig.SecurityOpt ?? []), option];
}

function withoutMemory(request: Request): void {
  delete request.HostConfig.Memory;
  delete request.HostConfig.MemorySwap;
}

function asRoot(request: Request): void {
  request.User = '0:0';
}

function openNetwork(request: Request): void {
  request.NetworkDisabled = false;
  request.HostConfig.NetworkMode = 'bridge';
}

function writable(request: Request, target: string): void {
  for (const mount of request.HostConfig.Mounts ?? []) if (mount.Target === target) mount.ReadOnly = false;
}

function withoutMount(request: Request, target: string): void {
  request.HostConfig.Mounts = (request.HostConfig.Mounts ?? []).filter((mount) => mount.Target !== target);
}

function bindSocket(request: Request): void {
  request.HostConfig.Binds = ['/var/run/docker.sock:/run/engine.sock'];
}

/** Processes of this host with the marker among their arguments. */
function daemons(marker: number): number {
  return readdirSync('/proc').filter((id) => /^\d+$/.test(id) && argumentsOf(id).includes(`sleep\0${marker}\0`)).length;
}

function argumentsOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    // Ended meanwhile.
    return '';
  }
}

async function until(count: () => number | Promise<number>, ms: number): Promise<number> {
  const end = Date.now() + ms;
  for (;;) {
    const now = await count();
    if (now > 0 || Date.now() > end) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function sharesProcesses(): Promise<boolean> {
  const { Name } = await bench.docker.info();
  return Name === readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();
}
