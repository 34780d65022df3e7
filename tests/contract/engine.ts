import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ArchiveCaps, ArchiveEntry } from '../../orchestrator/domain/archive.ts';
import type { ContainerSpec, VolumeSpec } from '../../orchestrator/domain/container.ts';
import type { Engine, RunningContainer } from '../../orchestrator/ports/engine.ts';
import { PROGRAM, type Step } from './engine-steps.ts';

/**
 * The duties of `Engine`, asked of every implementation by the same tests. Containers run lists of `Step`s: the real engine by way of
 * `PROGRAM`, so its image needs python3; the fake by its own interpreter.
 */
export function engineContract(open: () => Promise<{ readonly engine: Engine; readonly image: string }>): void {
  let engine: Engine;
  let image: string;
  const run = `contract-${randomBytes(4).toString('hex')}`;
  const labels = { 'factory.run': run };
  let made = 0;

  beforeAll(async () => {
    ({ engine, image } = await open());
  });
  afterEach(async () => {
    await engine.sweep(labels);
    expect(await engine.list(labels)).toEqual([]);
  });

  const name = (what: string) => {
    made += 1;
    return `factory-${run}-${made}-${what}`;
  };
  const spec = (steps: readonly Step[], over: Partial<ContainerSpec> = {}): ContainerSpec => ({
    name: name('container'),
    kind: 'card',
    image,
    command: ['python3', '-c', PROGRAM, JSON.stringify(steps)],
    env: {},
    workdir: '/',
    user: '10001:10001',
    labels,
    network: 'none',
    readOnlyRoot: true,
    dropCapabilities: ['ALL'],
    noNewPrivileges: true,
    seccomp: '{"defaultAction":"SCMP_ACT_ALLOW"}',
    runtime: null,
    pids: 32,
    memoryBytes: 64 * MEGABYTE,
    cpus: 1,
    openFiles: 64,
    shmBytes: MEGABYTE,
    tmpfs: [{ path: '/tmp', sizeBytes: MEGABYTE, exec: false }],
    mounts: [],
    stdin: false,
    wallClockMs: 60_000,
    graceMs: 500,
    lineBytes: MEGABYTE,
    outputBytes: 16 * MEGABYTE,
    ...over,
  });
  const volume = async (over: Partial<VolumeSpec> = {}): Promise<string> => {
    const one = { name: name('volume'), sizeBytes: 4 * MEGABYTE, files: 200, uid: 10001, gid: 10001, labels, ...over };
    await engine.createVolume(one);
    return one.name;
  };
  const holder = (...volumes: readonly string[]) =>
    engine.start(spec([{ sleep: 60_000 }], { mounts: volumes.map((one, at) => ({ volume: one, path: `/v${at}`, write: true })) }));
  const outcome = async (steps: readonly Step[], over: Partial<ContainerSpec> = {}) => {
    const container = await engine.start(spec(steps, over));
    const [stdout, stderr, exit] = await Promise.all([text(container.stdout), text(container.stderr), container.exit]);
    await container.remove();
    return { stdout, stderr, exit };
  };
  const entries = (container: RunningContainer, path: string, caps: ArchiveCaps = { bytes: MEGABYTE, entries: 100 }) =>
    collect(engine.download(container.id, path, caps));

  describe('a container', () => {
    it('tells its exit code, and keeps its two outputs apart', async () => {
      const { stdout, stderr, exit } = await outcome([{ print: 'out' }, { printError: 'err' }, { exit: 3 }]);
      expect({ stdout, stderr }).toEqual({ stdout: 'out', stderr: 'err' });
      expect(exit).toEqual({ code: 3, oomKilled: false, killedFor: null });
    });

    it('yields all that it printed also when it is read only long after the end', async () => {
      const container = await engine.start(spec([{ flood: 3 * MEGABYTE }, { print: 'end' }]));
      expect((await container.exit).code).toBe(0);
      await pause(50);
      const stdout = await text(container.stdout);
      expect(stdout.length).toBe(3 * MEGABYTE + 3);
      expect(stdout.endsWith('xend')).toBe(true);
      expect(await text(container.stderr)).toBe('');
    });

    it('sees the lines that are written to it, whole and in order, and the end of its input', async () => {
      const container = await engine.start(spec([{ echo: true }, { print: 'eof' }, { exit: 7 }], { stdin: true }));
      await container.write('one\ntw');
      await container.write('o\n');
      await container.write('{"é":"✓"}\n');
      container.closeInput();
      expect(await text(container.stdout)).toBe('one\ntwo\n{"é":"✓"}\neof');
      expect((await container.exit).code).toBe(7);
    });

    it('takes and answers many lines one after the other', async () => {
      const container = await engine.start(spec([{ echo: true }], { stdin: true }));
      const answers = lines(container.stdout);
      for (let turn = 0; turn < 50; turn += 1) {
        await container.write(`turn ${turn} ${'.'.repeat(2000)}\n`);
        expect((await answers.next()).value).toBe(`turn ${turn} ${'.'.repeat(2000)}`);
      }
      container.closeInput();
      expect((await container.exit).code).toBe(0);
    });

    it('without stdin is at the end of its input from the start', async () => {
      expect(await outcome([{ echo: true }, { print: 'eof' }])).toMatchObject({ stdout: 'eof', exit: { code: 0 } });
    });

    it('ignores what is written to it after its end', async () => {
      const container = await engine.start(spec([{ print: 'x' }], { stdin: true }));
      await container.exit;
      await container.write('too late\n');
      container.closeInput();
      expect(await text(container.stdout)).toBe('x');
    });

    it('is ended on request, and says so', async () => {
      const container = await engine.start(spec([{ print: 'up' }, { sleep: 60_000 }]));
      await first(container.stdout);
      await container.kill();
      const exit = await container.exit;
      expect(exit.killedFor).toBe('request');
      expect(exit.code).not.toBe(0);
    });

    it('that ignores SIGTERM is gone soon after its grace time', async () => {
      const container = await engine.start(spec([{ ignoreStop: true }, { print: 'deaf' }, { sleep: 60_000 }], { graceMs: 200 }));
      await first(container.stdout);
      await container.kill();
      expect(await container.exit).toMatchObject({ code: 137, killedFor: 'request' });
    });

    it('is ended when its wall clock runs out', async () => {
      const { exit } = await outcome([{ sleep: 60_000 }], { wallClockMs: 400 });
      expect(exit.killedFor).toBe('wall_clock');
    });

    it('is ended past its output cap, and yields no more than the cap', async () => {
      const { stdout, stderr, exit } = await outcome([{ printError: 'first' }, { flood: 64 * MEGABYTE }], { outputBytes: 200_000 });
      expect(exit.killedFor).toBe('output');
      expect(stdout.length + stderr.length).toBe(200_000);
    });

    it('that prints exactly its cap is left alone', async () => {
      const { stdout, exit } = await outcome([{ flood: 200_000 }], { outputBytes: 200_000 });
      expect(stdout.length).toBe(200_000);
      expect(exit).toEqual({ code: 0, oomKilled: false, killedFor: null });
    });

    it('that takes more memory than it may is reported as such', async () => {
      const { exit } = await outcome([{ take: 256 * MEGABYTE }], { memoryBytes: 48 * MEGABYTE });
      expect(exit.oomKilled).toBe(true);
      expect(exit.code).not.toBe(0);
      expect(exit.killedFor).toBeNull();
    });

    it('can be removed while it runs and again after that', async () => {
      const container = await engine.start(spec([{ sleep: 60_000 }]));
      await Promise.all([container.remove(), container.remove()]);
      await container.remove();
      expect((await container.exit).killedFor).toBe('request');
      expect(await engine.list(labels)).toEqual([]);
    });

    it('cannot write outside its mounts, but to its tmpfs', async () => {
      const { stdout, stderr, exit } = await outcome([
        { write: '/tmp/ok', content: 'ok' },
        { read: '/tmp/ok' },
        { write: '/etc/x', content: '' },
      ]);
      expect(stdout).toBe('ok');
      expect(stderr).toContain('Read-only file system');
      expect(exit.code).toBe(1);
    });
  });

  describe('a failed start', () => {
    it('of a container whose name is taken is an error and leaves the other alone', async () => {
      const other = await engine.start(spec([{ sleep: 60_000 }], { name: name('taken') }));
      const taken = (await engine.list(labels))[0] ?? '';
      await expect(engine.start(spec([], { name: taken }))).rejects.toMatchObject({ code: 'engine_failed' });
      expect(await engine.list(labels)).toEqual([taken]);
      await other.remove();
    });

    it('with a volume that nobody made leaves neither container nor volume behind', async () => {
      const missing = name('missing');
      const start = engine.start(spec([], { mounts: [{ volume: missing, path: '/w', write: true }] }));
      await expect(start).rejects.toMatchObject({ code: 'engine_failed', detail: expect.stringContaining(missing) });
      expect(await engine.list(labels)).toEqual([]);
    });

    it('for want of a mount point leaves no container behind', async () => {
      const [outer, inner] = [await volume(), await volume()];
      const mounts = [
        { volume: outer, path: '/w', write: false },
        { volume: inner, path: '/w/tests', write: true },
      ];
      await expect(engine.start(spec([], { mounts }))).rejects.toMatchObject({ code: 'engine_failed' });
      expect(await engine.list(labels)).toEqual([outer, inner].sort());
    });
  });

  describe('a volume', () => {
    it('keeps its content while a container holds it, and only so long', async () => {
      const one = await volume();
      const held = await holder(one);
      await engine.upload(held.id, '/v0', [file('a.txt', 'kept')]);
      const mounts = [{ volume: one, path: '/w', write: true }];
      expect((await outcome([{ read: '/w/a.txt' }, { write: '/w/b.txt', content: 'new' }], { mounts })).stdout).toBe('kept');
      expect((await outcome([{ read: '/w/b.txt' }], { mounts })).stdout).toBe('new');
      await held.remove();
      const after = await outcome([{ read: '/w/a.txt' }], { mounts });
      expect(after.stderr).toContain('No such file or directory');
    });

    it('is shared by the containers that have it mounted at one time', async () => {
      const one = await volume();
      const held = await holder(one);
      await outcome([{ write: '/out/report.xml', content: '<x/>' }], { mounts: [{ volume: one, path: '/out', write: true }] });
      expect(await entries(held, '/v0')).toMatchObject([{ path: 'report.xml', type: 'file' }]);
    });

    it('mounted read-only refuses every change', async () => {
      const one = await volume();
      const held = await holder(one);
      await engine.upload(held.id, '/v0', [file('a.txt', 'a')]);
      const mounts = [{ volume: one, path: '/w', write: false }];
      for (const step of [{ write: '/w/a.txt', content: 'b' }, { write: '/w/new', content: 'b' }, { remove: '/w/a.txt' }]) {
        expect((await outcome([step], { mounts })).stderr).toContain('Read-only file system');
      }
      expect(await entries(held, '/v0')).toEqual([file('a.txt', 'a')]);
    });

    it.each([
      { duty: 'tests read-only in a source that can be written', outer: true },
      { duty: 'tests that can be written in a read-only source', outer: false },
    ])('can be nested in another: $duty', async ({ outer }) => {
      const [source, tests] = [await volume(), await volume()];
      const held = await holder(source, tests);
      await engine.upload(held.id, '/v0', [file('app.py', 'app'), folder('tests')]);
      await engine.upload(held.id, '/v1', [file('test_app.py', 'test')]);
      // The inner one first: the order of the list must not matter.
      const mounts = [
        { volume: tests, path: '/w/tests', write: !outer },
        { volume: source, path: '/w', write: outer },
      ];
      const [open, shut] = outer ? ['/w/app.py', '/w/tests/test_app.py'] : ['/w/tests/test_app.py', '/w/app.py'];
      const allowed = await outcome([{ read: shut }, { write: open, content: 'mine' }, { read: open }], { mounts });
      expect(allowed.stdout).toMatch(/mine$/);
      expect((await outcome([{ write: shut, content: 'mine' }], { mounts })).stderr).toContain('Read-only file system');
      expect((await outcome([{ remove: shut }], { mounts })).stderr).toContain('Read-only file system');
      expect((await outcome([{ remove: '/w/tests' }], { mounts })).exit.code).toBe(1);
      expect((await outcome([{ read: shut }], { mounts })).stdout).not.toBe('mine');
    });

    it('takes no more bytes and no more files than its quota', async () => {
      const one = await volume({ sizeBytes: MEGABYTE, files: 20 });
      const held = await holder(one);
      const mounts = [{ volume: one, path: '/w', write: true }];
      const big = await outcome([{ write: '/w/big', fill: 2 * MEGABYTE }], { mounts });
      expect(big.stderr).toContain('No space left on device');
      await outcome([{ remove: '/w/big' }], { mounts });
      const many = await outcome(
        Array.from({ length: 30 }, (_, at) => ({ write: `/w/${at}`, content: '' })),
        { mounts },
      );
      expect(many.stderr).toContain('No space left on device');
      expect((await entries(held, '/v0')).length).toBe(19);
    });

    it('that a container still has cannot be removed; one that is gone can be removed again', async () => {
      const one = await volume();
      const held = await holder(one);
      await expect(engine.removeVolume(one)).rejects.toMatchObject({ code: 'engine_failed' });
      await held.remove();
      await engine.removeVolume(one);
      await engine.removeVolume(one);
      expect(await engine.list(labels)).toEqual([]);
    });
  });

  describe('files', () => {
    it('come out as they went in: bytes, modes, links, empty folders, long and foreign names', async () => {
      const held = await holder(await volume());
      const long = `${'deep/'.repeat(20)}${'n'.repeat(150)}.txt`;
      const sent = [
        folder('empty'),
        file('plain.txt', 'text\n'),
        file('run.sh', '#!/bin/sh\n', 0o755),
        file('nothing', ''),
        { ...file('zeros', ''), content: new Uint8Array(4096) },
        { ...file('binary', ''), content: new Uint8Array(randomBytes(70_001)) },
        file('größe ✓.txt', 'ü'),
        file(long, 'long'),
        { path: 'link', type: 'symlink', mode: 0o777, content: new Uint8Array(), link: 'plain.txt' } as const,
      ];
      await engine.upload(held.id, '/v0', sent);
      const back = await entries(held, '/v0');
      const parents = long.split('/').flatMap((_, at, all) => (at === 0 ? [] : [folder(all.slice(0, at).join('/'))]));
      expect(sorted(back)).toEqual(sorted([...sent, ...parents]));
    });

    it('that went in belong to the container’s user, their folders too', async () => {
      const one = await volume();
      const held = await holder(one);
      await engine.upload(held.id, '/v0', [file('a/b/c.txt', 'old')]);
      const mounts = [{ volume: one, path: '/w', write: true }];
      const steps = [
        { write: '/w/a/b/c.txt', content: 'new' },
        { write: '/w/a/new.txt', content: 'new' },
        { write: '/w/top.txt', content: 'new' },
      ];
      expect(await outcome([...steps, { remove: '/w/a/b/c.txt' }], { mounts })).toMatchObject({ stderr: '', exit: { code: 0 } });
    });

    it('can be taken out of a folder of a volume', async () => {
      const held = await holder(await volume());
      await engine.upload(held.id, '/v0', [file('app/tests/test_a.py', 'a'), file('app/b.py', 'b')]);
      expect((await entries(held, '/v0/app/tests')).map(({ path }) => path)).toEqual(['test_a.py']);
      expect((await entries(held, '/v0/app')).map(({ path }) => path).sort()).toEqual(['b.py', 'tests', 'tests/test_a.py']);
    });

    it('come out up to the caps, and not past them', async () => {
      const held = await holder(await volume());
      await engine.upload(held.id, '/v0', [file('a', 'x'.repeat(600)), file('b', 'x'.repeat(400)), folder('c')]);
      expect(await entries(held, '/v0', { bytes: 1000, entries: 3 })).toHaveLength(3);
      await expect(entries(held, '/v0', { bytes: 999, entries: 3 })).rejects.toMatchObject({ code: 'export_too_large' });
      await expect(entries(held, '/v0', { bytes: 1000, entries: 2 })).rejects.toMatchObject({ code: 'export_too_large' });
    });

    it('cannot be moved through a container that has ended', async () => {
      const one = await volume();
      const container = await engine.start(spec([], { mounts: [{ volume: one, path: '/w', write: true }] }));
      await container.exit;
      await expect(engine.upload(container.id, '/w', [file('a', 'a')])).rejects.toMatchObject({ code: 'engine_failed' });
      await expect(entries(container, '/w')).rejects.toMatchObject({ code: 'engine_failed' });
    });

    it('do not go into a read-only mount, a missing folder or a full volume', async () => {
      const one = await volume();
      const held = await holder(one);
      const reader = await engine.start(spec([{ sleep: 60_000 }], { mounts: [{ volume: one, path: '/w', write: false }] }));
      const refused = { code: 'engine_failed' };
      await expect(engine.upload(reader.id, '/w', [file('a', 'a')])).rejects.toMatchObject(refused);
      await expect(engine.upload(held.id, '/v0/none', [file('a', 'a')])).rejects.toMatchObject(refused);
      await expect(entries(held, '/v0/none')).rejects.toMatchObject(refused);
      const big = { ...file('big', ''), content: new Uint8Array(6 * MEGABYTE) };
      await expect(engine.upload(held.id, '/v0', [big])).rejects.toMatchObject({
        ...refused,
        detail: expect.stringMatching(/no space left/i),
      });
    });
  });

  describe('labels', () => {
    it('decide what a sweep removes: that, running or not, and nothing else', async () => {
      const mine = { ...labels, 'factory.part': 'mine' };
      const theirs = { ...labels, 'factory.part': 'theirs' };
      const kept = await volume({ labels: theirs });
      const keeper = spec([{ sleep: 60_000 }], { labels: theirs, mounts: [{ volume: kept, path: '/v', write: true }] });
      await engine.start(keeper);
      const swept = await volume({ labels: mine });
      const running = spec([{ sleep: 60_000 }], { labels: mine, mounts: [{ volume: swept, path: '/v', write: true }] });
      await engine.start(running);
      const ended = spec([], { labels: mine });
      await (await engine.start(ended)).exit;

      expect(await engine.list(mine)).toEqual([swept, running.name, ended.name].sort());
      expect(await engine.sweep(mine)).toBe(3);
      expect(await engine.list(mine)).toEqual([]);
      expect(await engine.sweep(mine)).toBe(0);
      expect(await engine.list(labels)).toEqual([kept, keeper.name].sort());
    });

    it('must be named for a sweep', async () => {
      const one = await volume();
      await expect(engine.sweep({})).rejects.toMatchObject({ code: 'bug' });
      expect(await engine.list(labels)).toEqual([one]);
    });
  });

  it('says what it is and where it was found', async () => {
    const info = await engine.info();
    expect(info.architecture).toMatch(/^(amd64|arm64)$/);
    expect(info.version).toMatch(/^\d/);
    expect(info.runtimes.length).toBeGreaterThan(0);
    expect(info.endpoint).not.toBe('');
  });

  it('describes a container as plain data without starting it', async () => {
    const one = spec([], { mounts: [{ volume: 'some-volume', path: '/w', write: false }] });
    const described = engine.describe(one);
    expect(JSON.parse(JSON.stringify(described))).toEqual(described);
    expect(JSON.stringify(described)).toContain('some-volume');
    expect(await engine.list(labels)).toEqual([]);
  });
}

const MEGABYTE = 1024 * 1024;

function file(path: string, content: string, mode = 0o644): ArchiveEntry {
  return { path, type: 'file', mode, content: new TextEncoder().encode(content), link: '' };
}

function folder(path: string): ArchiveEntry {
  return { path, type: 'directory', mode: 0o755, content: new Uint8Array(), link: '' };
}

function sorted(entries: readonly ArchiveEntry[]): unknown[] {
  return entries
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((entry) => ({ ...entry, content: Buffer.from(entry.content).toString('hex') }));
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await collect(stream)).toString('utf8');
}

async function first(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream) return;
}

async function* lines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let partial = '';
  for await (const chunk of stream) {
    const parts = (partial + Buffer.from(chunk).toString('utf8')).split('\n');
    partial = parts.pop() ?? '';
    yield* parts;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
