import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type Dockerode from 'dockerode';
import { removeContainer } from '../../adapters/engine/docker/remove.ts';
import { Failure } from '../../domain/failure.ts';

/** The commands that the target's README names, in its order. */
export const BARE = ['ruff check .', 'ruff format --check .', 'mypy .', 'pytest --cov=app'] as const;
export type BareCommand = (typeof BARE)[number];

export interface BareRun {
  readonly command: BareCommand;
  /** Milliseconds of the command alone, by the container's own clock. */
  readonly ms: number;
  /** The same once more in the same place, where the tool has kept what it learnt (mypy's cache). */
  readonly againMs: number;
  /** The first with the container around it: from its creation to its end, the second time apart. */
  readonly withContainerMs: number;
  readonly exitCode: number;
}

const MOST_ARCHIVE = 64_000_000;

/** A folder of a commit as a tar, its files under `tree/`. */
export function archiveOf(repository: string, treeish: string): Buffer {
  return execFileSync('git', ['-C', repository, 'archive', '--format=tar', '--prefix=tree/', treeish], { maxBuffer: MOST_ARCHIVE });
}

/**
 * Each command in a plain container of its own, without a policy: the target's own configuration, empty caches, as in a fresh checkout. `archive`
 * as `archiveOf` gives it. Leaves nothing on the engine.
 */
export async function bareRuns(docker: Dockerode, image: string, archive: Buffer): Promise<BareRun[]> {
  const runs: BareRun[] = [];
  for (const command of BARE) runs.push(await bareRun(docker, image, archive, command));
  return runs;
}

async function bareRun(docker: Dockerode, image: string, archive: Buffer, command: BareCommand): Promise<BareRun> {
  const began = Date.now();
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: ['/bin/sh', '-c'],
    Cmd: [timed(command)],
    WorkingDir: '/tmp',
    Env: ['HOME=/tmp'],
    Labels: { 'factory.run': `bench-${randomBytes(4).toString('hex')}` },
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    await container.putArchive(archive, { path: '/tmp' });
    const ended = container.wait({ condition: 'next-exit' });
    await container.start();
    await ended;
    const lived = Date.now() - began;
    const log = (await container.logs({ stdout: true, stderr: true, tail: 20 })).toString('utf8');
    const [, ms, againMs, exitCode] = /took (\d{1,9}) then (\d{1,9}) ended (\d{1,3})/.exec(log) ?? [];
    if (ms === undefined || againMs === undefined || exitCode === undefined)
      throw new Failure('engine_failed', `${command} could not be measured: ${log.slice(-300)}`);
    return { command, ms: Number(ms), againMs: Number(againMs), withContainerMs: lived - Number(againMs), exitCode: Number(exitCode) };
  } finally {
    await removeContainer(docker, container.id);
  }
}

/** Twice in a copy of its own, which the container's user may write to; the copying is counted with the container. */
function timed(command: string): string {
  const now = 'date +%s%N';
  const run = `${command} > /dev/null 2>&1`;
  return [
    `cp -r /tmp/tree /tmp/own && cd /tmp/own && a=$(${now}); ${run}; code=$?; b=$(${now}); ${run}; c=$(${now})`,
    'echo "took $(( (b - a) / 1000000 )) then $(( (c - b) / 1000000 )) ended $code"',
  ].join('; ');
}
