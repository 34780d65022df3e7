import type Dockerode from 'dockerode';
import { packEntries } from '../../adapters/engine/docker/pack.ts';
import { removeContainer } from '../../adapters/engine/docker/remove.ts';
import { treeToEntries } from '../../domain/archive.ts';
import type { FileTree } from '../../domain/tree.ts';

/** What a runner without any defence believes: the exit code of the usual tools. */
export interface NaiveRun {
  readonly green: boolean;
  readonly exitCode: number;
  /** What pytest said last of how many passed; null where it said nothing. */
  readonly passed: string | null;
}

/** The target's own configuration, in the target's folder, everything trusted. */
const COMMAND = 'python -m pytest -q && ruff check . && ruff format --check . && mypy .';
const MOST_OUTPUT = 200_000;

/**
 * Changes in a plain container, with the target's dependencies and the same tools, and without a network: what most people would run. One
 * after the other, each in a folder of its own; as on any CI machine mypy keeps its cache between them. Leaves nothing on the engine.
 */
export async function naiveRuns(
  docker: Dockerode,
  options: { readonly image: string; readonly run: string; readonly trees: readonly FileTree[]; readonly signal: AbortSignal },
): Promise<NaiveRun[]> {
  const container = await docker.createContainer({
    name: `factory-${options.run}-1-naive`,
    Image: options.image,
    Cmd: ['sleep', '1800'],
    Env: ['MYPY_CACHE_DIR=/tmp/mypy'],
    Labels: { 'factory.run': options.run },
    HostConfig: { NetworkMode: 'none', Init: true },
  });
  try {
    await container.start();
    const ended: NaiveRun[] = [];
    for (const [i, tree] of options.trees.entries()) {
      options.signal.throwIfAborted();
      ended.push(await naiveRun(container, `change-${i + 1}`, tree));
    }
    return ended;
  } finally {
    await removeContainer(docker, container.id);
  }
}

async function naiveRun(container: Dockerode.Container, place: string, tree: FileTree): Promise<NaiveRun> {
  const owner = { uid: 10001, gid: 10001 };
  await container.putArchive(packEntries(treeToEntries(tree, [], place), owner), { path: '/tmp' });
  const exec = await container.exec({ Cmd: ['sh', '-c', COMMAND], WorkingDir: `/tmp/${place}`, AttachStdout: true, AttachStderr: true });
  let said = '';
  for await (const chunk of await exec.start({})) said = `${said}${chunk}`.slice(-MOST_OUTPUT);
  const { ExitCode: exitCode } = await exec.inspect();
  return { green: exitCode === 0, exitCode: exitCode ?? -1, passed: /(\d+ passed)/.exec(said)?.[1] ?? null };
}
