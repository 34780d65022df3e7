import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Dockerode from 'dockerode';
import type { ContainerSpec } from '../../../domain/container.ts';
import { Failure } from '../../../domain/failure.ts';
import type { RunningContainer } from '../../../ports/engine.ts';
import { toCreateOptions } from './convert.ts';
import { dial } from './dial.ts';
import { ask, engineFailure } from './errors.ts';
import { removeContainer } from './remove.ts';
import { supervise } from './supervise.ts';

/** Create, attach, start. Errors: engine_failed, engine_lost; nothing of a failed start is left behind. */
export async function startContainer(docker: Dockerode, spec: ContainerSpec): Promise<RunningContainer> {
  await assertVolumes(docker, spec);
  const container = await ask(`create container ${spec.name}`, createContainer(docker, spec));
  const opened: Readable[] = [];
  try {
    const output = await attach(container, { stdout: true, stderr: true });
    opened.push(output);
    const input = spec.stdin ? await attach(container, { stdin: true }) : null;
    if (input !== null) opened.push(input);
    const exit = await exitAnswer(docker, container.id);
    opened.push(exit);
    await ask(`start container ${spec.name}`, container.start());
    return supervise({ docker, container, spec, output, input, exitCode: readExit(container.id, exit) });
  } catch (error) {
    for (const stream of opened) stream.destroy();
    throw await removeContainer(docker, container.id).then(
      () => error,
      (left: unknown) => withLeftover(error, left),
    );
  }
}

/**
 * Left to itself the library puts everything into the address too, the seccomp profile with it: 50 kB, more than many a proxy between here
 * and an engine elsewhere takes. Only the name belongs there.
 */
function createContainer(docker: Dockerode, spec: ContainerSpec): Promise<Dockerode.Container> {
  const options = toCreateOptions(spec);
  return docker.createContainer({ _query: { name: spec.name }, _body: options } as Dockerode.ContainerCreateOptions);
}

/** An engine makes a volume that it does not know, without quota or labels; here that is an error. */
async function assertVolumes(docker: Dockerode, spec: ContainerSpec): Promise<void> {
  const names = [...new Set(spec.mounts.map(({ volume }) => volume))];
  await Promise.all(names.map((name) => ask(`start container ${spec.name} with volume ${name}`, docker.getVolume(name).inspect())));
}

/**
 * Input and output have a connection each. On a shared one, a write that comes too late for a container that has just ended would destroy
 * the socket with the container's last words still in it.
 */
async function attach(container: Dockerode.Container, ends: { stdin?: true; stdout?: true; stderr?: true }): Promise<Duplex> {
  // Without `hijack` the library ends both directions when one is ended.
  const socket = await ask(`attach to container ${container.id}`, container.attach({ stream: true, hijack: true, ...ends }));
  return watched(socket as unknown as Duplex);
}

/**
 * Ask for the exit ahead of the start. Resolves once the engine has taken note of the question, which it says by sending headers: a
 * question that the start overtakes could miss a quick container's exit and never be answered.
 */
async function exitAnswer(docker: Dockerode, id: string): Promise<IncomingMessage> {
  const statusCodes = { 200: true, 400: 'bad parameter', 404: 'no such container', 500: 'server error' };
  const request = { path: `/containers/${id}/wait?`, method: 'POST', isStream: true, options: { condition: 'next-exit' }, statusCodes };
  return watched((await ask(`wait for container ${id}`, dial(docker, request))) as IncomingMessage);
}

async function readExit(id: string, answer: IncomingMessage): Promise<number> {
  try {
    const { StatusCode: code } = JSON.parse(await text(answer)) as { StatusCode?: unknown };
    if (typeof code !== 'number') throw new Error('no exit code');
    return code;
  } catch (error) {
    throw new Failure('engine_lost', `wait for container ${id}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A connection may break while nobody reads from it; whoever reads next is told, and until then it must not end the process. */
function watched<T extends Readable>(stream: T): T {
  return stream.on('error', () => {});
}

function withLeftover(error: unknown, left: unknown): Failure {
  const first = engineFailure('start', error);
  return new Failure(first.code, `${first.detail}; nor could it be removed: ${engineFailure('remove', left).detail}`, { cause: error });
}
