import { Buffer } from 'node:buffer';
import type Dockerode from 'dockerode';
import { Failure } from '../../../domain/failure.ts';
import { pullFailure } from '../../../domain/pulling.ts';
import { oneLine } from '../../../domain/untrusted.ts';
import type { ModelServer, ModelServers } from '../../../ports/model-server.ts';
import { ask, engineFailure, isConflict, isMissing } from './errors.ts';
import { demultiplexer } from './frames.ts';
import { pullImage } from './pull-image.ts';
import { removeContainer, removeVolume } from './remove.ts';

/** Where Ollama listens inside its container, and where it keeps its models. */
const PORT = '11434/tcp';
const MODELS = '/root/.ollama';
const LAST_LINES = 10;

/**
 * Ollama in a container of a Docker engine. It is reached on this machine's loopback alone, has no mount but the volume of its models, no
 * capability and no way to gain one. It carries no run's label: what removes a run's leftovers does not find it.
 */
export function dockerModelServers(docker: Dockerode): ModelServers {
  const inspected = (name: string) => ask(`look at container ${name}`, there(docker.getContainer(name).inspect()));

  async function found(name: string): Promise<ModelServer | null> {
    const container = await inspected(name);
    if (container === null) return null;
    if (container.Config.Labels?.['factory.models.name'] !== name)
      throw new Failure('model_pull_failed', `there is a container ${name} that the factory did not make: rename or remove it`);
    if (!container.State.Running) await ask(`start container ${name}`, docker.getContainer(name).start());
    const address = addressOf(container.State.Running ? container : await inspected(name));
    if (address === null) throw new Failure('engine_failed', `container ${name} was started but has no port: see \`docker logs ${name}\``);
    return { address, image: container.Config.Image, madeContainer: false, madeVolume: false };
  }

  async function start(name: string, image: string): Promise<ModelServer> {
    const madeVolume = (await ask(`look at volume ${name}`, there(docker.getVolume(name).inspect()))) === null;
    try {
      await ask(`create volume ${name}`, docker.createVolume({ Name: name, Labels: labelsOf(name) }));
      await ask(`create container ${name}`, docker.createContainer(toCreateOptions(name, image)));
    } catch (error) {
      // Another run was quicker by a moment: it is that one's.
      const other = isConflict((error as { cause?: unknown }).cause) ? await found(name) : null;
      if (other !== null) return other;
      if (madeVolume) await removeVolume(docker, name);
      throw worded(error);
    }
    try {
      const server = await found(name);
      if (server === null) throw new Failure('engine_failed', `container ${name} is gone again`);
      return { ...server, madeContainer: true, madeVolume };
    } catch (error) {
      await removeContainer(docker, name);
      if (madeVolume) await removeVolume(docker, name);
      throw worded(error);
    }
  }

  return {
    find: found,
    hasImage: async (image) => (await ask(`look for image ${image}`, there(docker.getImage(image).inspect()))) !== null,
    pullImage: (image, signal, onProgress) => pullImage(docker, image, signal, onProgress),
    start,
    async ended(name) {
      const container = await inspected(name);
      if (container?.State.Running) return null;
      if (container === null) return 'its container is gone';
      const { ExitCode, OOMKilled } = container.State;
      return `it ended with exit code ${ExitCode}${OOMKilled ? ', out of memory' : ''}${await lastWords(docker, name)}`;
    },
    removeContainer: (name) => removeContainer(docker, name),
    removeVolume: (name) => removeVolume(docker, name),
  };
}

function toCreateOptions(name: string, image: string): Dockerode.ContainerCreateOptions {
  return {
    name,
    Image: image,
    Labels: labelsOf(name),
    ExposedPorts: { [PORT]: {} },
    HostConfig: {
      // Any free port, for this machine alone: the server asks nobody for a password.
      PortBindings: { [PORT]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
      Mounts: [{ Type: 'volume', Source: name, Target: MODELS, ReadOnly: false }],
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Init: true,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '1' } },
    },
  };
}

function labelsOf(name: string): Record<string, string> {
  return { 'factory.models': '1', 'factory.models.name': name };
}

function addressOf(container: Dockerode.ContainerInspectInfo | null): string | null {
  const port = container?.NetworkSettings.Ports[PORT]?.find(({ HostIp }) => HostIp === '127.0.0.1')?.HostPort;
  return port === undefined || !/^[0-9]{1,5}$/.test(port) ? null : `http://127.0.0.1:${port}`;
}

/** What was asked for; null where it is not there. */
function there<T>(call: Promise<T>): Promise<T | null> {
  return call.catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
}

/** A full disk is told as one. */
function worded(error: unknown): Failure {
  const failure = engineFailure('start the model server', error);
  const told = pullFailure('start the model server', failure.detail, error);
  return told.code === 'disk' ? told : failure;
}

async function lastWords(docker: Dockerode, name: string): Promise<string> {
  const logs = await ask(`read the log of ${name}`, docker.getContainer(name).logs({ stdout: true, stderr: true, tail: LAST_LINES }));
  const words: Uint8Array[] = [];
  demultiplexer((_, bytes) => words.push(bytes)).take(logs as unknown as Uint8Array);
  const text = Buffer.concat(words).toString('utf8').trim();
  return text === '' ? '' : `: ${oneLine(text, 1_000)}`;
}
