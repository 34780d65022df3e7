import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../orchestrator/adapters/engine/docker/docker.ts';
import type { ContainerSpec } from '../../orchestrator/domain/container.ts';
import type { Engine } from '../../orchestrator/ports/engine.ts';
import { engineContract } from '../contract/engine.ts';
import { testImage } from './image.ts';

const MEGABYTE = 1024 * 1024;
const labels = { 'factory.run': `engine-docker-${randomBytes(4).toString('hex')}` };

async function open(): Promise<{ engine: Engine; image: string; endpoint: string }> {
  const { docker, endpoint } = await connect({ env: process.env });
  return { engine: dockerEngine(docker, endpoint), image: await testImage(), endpoint };
}

function pythonSpec(image: string, program: string, over: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    name: `factory-${labels['factory.run']}-${randomBytes(3).toString('hex')}`,
    kind: 'card',
    image,
    command: ['python3', '-c', program],
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
    tmpfs: [],
    mounts: [],
    stdin: false,
    wallClockMs: 60_000,
    graceMs: 500,
    lineBytes: MEGABYTE,
    outputBytes: 16 * MEGABYTE,
    ...over,
  };
}

afterAll(async () => {
  const { engine } = await open();
  await engine.sweep(labels);
});

describe('a real engine', () => {
  engineContract(open);

  it('whose container floods its output costs no more memory than the cap', async () => {
    const { engine, image } = await open();
    const flood = 'import os\nwhile True: os.write(1, b"x" * 65536)';
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 10);
    const container = await engine.start(pythonSpec(image, flood, { outputBytes: 16 * MEGABYTE }));
    expect((await container.exit).killedFor).toBe('output');
    clearInterval(watch);
    await container.remove();
    expect((peak - before) / MEGABYTE).toBeLessThan(16 + 64);
  });

  it('reports the memory limit also where it hit a child and not the program itself', async () => {
    const { engine, image } = await open();
    const parent =
      'import subprocess, sys\nsys.exit(5 if subprocess.run([sys.executable, "-c", "b\'x\' * (256 << 20)"]).returncode else 0)';
    const container = await engine.start(pythonSpec(image, parent));
    expect(await container.exit).toEqual({ code: 5, oomKilled: true, killedFor: null });
    await container.remove();
  });

  it('that goes away in the middle of a run is engine_lost everywhere, and nothing hangs', async () => {
    const { engine: direct, image, endpoint } = await open();
    const proxy = await openProxy(endpoint);
    const { docker } = await connect({ host: `unix://${proxy.path}`, env: {} });
    const engine = dockerEngine(docker, proxy.path);
    const program = 'import sys, time\nprint("up", flush=True)\ntime.sleep(60)';
    const container = await engine.start(pythonSpec(image, program, { stdin: true }));
    const reader = container.stdout[Symbol.asyncIterator]();
    expect((await reader.next()).done).toBe(false);

    await proxy.cut();
    await expect(container.exit).rejects.toMatchObject({ code: 'engine_lost' });
    await expect(reader.next()).rejects.toMatchObject({ code: 'engine_lost' });
    await container.write('nobody there\n');
    await expect(container.remove()).rejects.toMatchObject({ code: 'engine_lost' });
    await expect(engine.list(labels)).rejects.toMatchObject({ code: 'engine_lost' });

    expect(await direct.sweep(labels)).toBe(1);
  });
});

/** The same engine behind a socket that can be cut. */
async function openProxy(endpoint: string): Promise<{ path: string; cut(): Promise<void> }> {
  const path = join(tmpdir(), `engine-${randomBytes(4).toString('hex')}.sock`);
  const sockets = new Set<Socket>();
  const far = () => {
    if (endpoint.startsWith('unix://')) return dial(endpoint.slice('unix://'.length));
    const { hostname, port } = new URL(endpoint);
    return dial(Number(port), hostname);
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const other = far();
    for (const socket of [near, other]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(other).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    async cut() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(path, { force: true });
    },
  };
}
