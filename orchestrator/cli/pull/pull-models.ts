import { setTimeout as sleep } from 'node:timers/promises';
import { pullModel } from '../../adapters/provider/ollama/pull.ts';
import { listModels } from '../../adapters/provider/ollama/show.ts';
import { Failure } from '../../domain/failure.ts';
import { oneLine } from '../../domain/untrusted.ts';
import type { ModelServer, ModelServers } from '../../ports/model-server.ts';
import type { Console } from '../console.ts';
import { shellWord } from '../look.ts';
import { pullBar } from './bar.ts';
import { serverName } from './names.ts';

/** How long a server may take to say what it has; one that was just started, to say anything. In milliseconds. */
const ANSWER_MS = 5_000;
const START_MS = 60_000;
const PAUSE_MS = 250;

export interface ModelsWanted {
  /** Names of Ollama's models. */
  readonly models: readonly string[];
  /** Where a server may answer already. */
  readonly host: string;
  /** The server's image, where none answers. */
  readonly image: string;
  readonly limitS: number;
  /** The engine, where the command line names one. */
  readonly dockerHost: string | undefined;
}

export interface PullWorld {
  /** The engine, found when it is first needed. */
  readonly engine: () => Promise<{ readonly servers: ModelServers; readonly endpoint: string }>;
  readonly console: Pick<Console, 'err' | 'tty' | 'columns'>;
  readonly signal: AbortSignal;
}

export interface PulledModels {
  /** Where the models are asked. */
  readonly host: string;
  /** How what was started is stopped and removed, a line each; empty where a server answered already. */
  readonly closing: readonly string[];
}

/**
 * Have every model where it can be asked: at the server that answers already, else at one that is started in a container. Only what is missing is
 * pulled. After a failure nothing is left that was begun here, but for the part of a model that had come: the next pull goes on from there. Errors:
 * model_pull_failed, disk, engine_unreachable and its like, and the signal's reason.
 */
export async function pullModels(wanted: ModelsWanted, world: PullWorld): Promise<PulledModels> {
  const say = (text: string) => world.console.err(`    ${oneLine(text, 400)}\n`);
  if (wanted.models.length === 0) {
    say('no stage asks Ollama: nothing to pull');
    return { host: wanted.host, closing: [] };
  }
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Failure('model_pull_failed', `not done within ${wanted.limitS} s (pull_timeout_s in factory.yaml)`)),
    wanted.limitS * 1000,
  );
  const signal = AbortSignal.any([world.signal, late.signal]);
  try {
    const there = await answering(wanted.host, signal);
    if (there === null) return await inContainer(wanted, { ...world, signal }, say);
    await pullMissing(wanted.host, wanted.models, { ...world, signal }, say);
    return { host: wanted.host, closing: [] };
  } finally {
    clearTimeout(timer);
  }
}

/** The names of a server's models; null where none answers. */
async function answering(host: string, signal: AbortSignal): Promise<readonly string[] | null> {
  signal.throwIfAborted();
  try {
    return (await listModels(host, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]))).map(({ name }) => name);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure && error.code === 'model_unavailable') return null;
    throw error;
  }
}

async function inContainer(wanted: ModelsWanted, world: PullWorld, say: (text: string) => void): Promise<PulledModels> {
  const { servers, endpoint } = await world.engine();
  assertReachable(endpoint);
  const name = serverName(wanted.image);
  say(`no Ollama answers at ${wanted.host}: the one of the container ${name} on ${endpoint} is used`);
  const server = (await servers.find(name)) ?? (await made(name, wanted.image, servers, world));
  let came = false;
  try {
    await begun(name, server, servers, world.signal);
    if (server.image !== wanted.image) say(`${name} was made from ${server.image}, not ${wanted.image}: remove it for the other one`);
    await pullMissing(server.address, wanted.models, world, say, () => (came = true));
  } catch (error) {
    await undo(name, server, servers, came, say).catch((fault: unknown) => say(`not removed: ${String(fault)}`));
    throw error;
  }
  return { host: server.address, closing: closingOf(name, server, wanted) };
}

/** A port on the loopback of another machine is nobody's here. */
function assertReachable(endpoint: string): void {
  const address = endpoint.replace(/^tcp:/, 'http:');
  if (/^(unix|npipe):/.test(address)) return;
  if (URL.canParse(address) && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(address).hostname)) return;
  throw new Failure(
    'model_pull_failed',
    `the engine at ${endpoint} is not on this machine, and a model server is only ever reached on its own machine’s loopback: start Ollama there and name it with OLLAMA_HOST`,
  );
}

async function made(name: string, image: string, servers: ModelServers, { console, signal }: PullWorld): Promise<ModelServer> {
  if (!(await servers.hasImage(image)))
    await withBar(console, `image ${image}`, (onProgress) => servers.pullImage(image, signal, onProgress));
  signal.throwIfAborted();
  return servers.start(name, image);
}

/** Wait until a server that was just started answers. */
async function begun(name: string, { address }: ModelServer, servers: ModelServers, signal: AbortSignal): Promise<void> {
  const until = Date.now() + START_MS;
  while ((await answering(address, signal)) === null) {
    const ended = await servers.ended(name);
    if (ended !== null) throw new Failure('model_pull_failed', `the model server does not run: ${ended}`);
    if (Date.now() > until)
      throw new Failure('model_pull_failed', `the model server runs but gave no answer at ${address} within ${START_MS / 1000} s`);
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function pullMissing(
  host: string,
  models: readonly string[],
  { console, signal }: PullWorld,
  say: (text: string) => void,
  onBytes: () => void = () => {},
): Promise<void> {
  const there = (await answering(host, signal)) ?? [];
  const missing = models.filter((model) => !there.includes(model) && !there.includes(`${model}:latest`));
  if (missing.length === 0) say(`Ollama at ${host} has ${models.join(', ')}: nothing to pull`);
  else say(`Ollama at ${host} lacks ${missing.join(', ')}`);
  for (const model of missing)
    await withBar(console, model, (onProgress) =>
      pullModel(host, model, {
        signal,
        onProgress: (pulling) => {
          if (pulling.doneBytes > 0) onBytes();
          onProgress(pulling);
        },
      }),
    );
}

async function withBar(
  console: PullWorld['console'],
  what: string,
  work: (onProgress: Parameters<ModelServers['pullImage']>[2]) => Promise<void>,
): Promise<void> {
  const bar = pullBar(console, what);
  try {
    await work(bar.show);
    bar.end('done');
  } catch (error) {
    bar.end('failed');
    throw error;
  }
}

async function undo(name: string, server: ModelServer, servers: ModelServers, came: boolean, say: (text: string) => void): Promise<void> {
  if (!server.madeContainer) return;
  await servers.removeContainer(name);
  if (server.madeVolume && !came) await servers.removeVolume(name);
  else if (came) say(`what has come is kept in the volume ${name}, for the next --pull; \`factory clean --models\` removes it`);
}

function closingOf(name: string, { address }: ModelServer, { dockerHost, image }: ModelsWanted): string[] {
  const docker = dockerHost === undefined ? 'docker' : `docker -H ${shellWord(dockerHost)}`;
  return [
    `Ollama still runs in the container ${name}, at ${address}; --pull finds it again, OLLAMA_HOST=${address} does too`,
    `  stop it:              ${docker} stop ${name}`,
    `  remove it, models too: ${docker} rm -f ${name} && ${docker} volume rm ${name}   (or: factory clean --models)`,
    `  remove its image:     ${docker} rmi ${shellWord(image)}`,
  ];
}
