import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { Failure } from '../../../domain/failure.ts';
import { type Candidate, candidates } from './candidates.ts';
import { dial } from './dial.ts';
import { isForbidden, socketWords } from './errors.ts';
import { type System, thisSystem } from './system.ts';
import { whatToDo } from './what-to-do.ts';

/** How long one place may take to say that it lives, in milliseconds. */
const PING_MS = 3_000;

/**
 * Find an engine that answers: what a person named and nothing else, or else the first of docker's current context and the usual places.
 * `endpoint` is where it was found, for a person. Throws `engine_forbidden` when one is there that this user may not talk to, else
 * `engine_unreachable`: both with every place that was tried and what it said, one a line, and what to do on this system.
 */
export async function connect(options: {
  readonly host?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly pingMs?: number;
  readonly system?: System;
}): Promise<{ docker: Dockerode; endpoint: string }> {
  const system = options.system ?? thisSystem();
  const places = candidates(options.host || null, options.env, system);
  const tried: { place: Candidate; error: unknown }[] = [];
  for (const place of places) {
    try {
      const docker = client(place);
      await ping(docker, options.pingMs ?? PING_MS);
      return { docker, endpoint: place.endpoint };
    } catch (error) {
      tried.push({ place, error });
    }
  }
  const forbidden = tried.some(({ error }) => isForbidden(error));
  const lines = tried.map(({ place, error }) => `${place.endpoint} (${place.source}): ${socketWords(error)}`);
  const advice = whatToDo(
    forbidden ? 'forbidden' : 'unreachable',
    places.every(({ named }) => named),
    system,
  );
  throw new Failure(
    forbidden ? 'engine_forbidden' : 'engine_unreachable',
    ['tried', ...lines.map((line) => `  ${line}`), advice].join('\n'),
  );
}

function client(candidate: Candidate): Dockerode {
  const { endpoint } = candidate;
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(endpoint);
  if (socket?.[1] !== undefined) return dockerode({ socketPath: socket[1], host: undefined, protocol: 'http' });
  if (endpoint.startsWith('ssh://')) {
    throw new Error(
      'ssh is not supported; forward the socket with `ssh -L /tmp/docker.sock:/var/run/docker.sock` and name it with unix://',
    );
  }
  if (endpoint.startsWith('context ')) throw new Error('there is no such docker context');
  const address = /^[\w.-]+:\d+$/.test(endpoint) ? `tcp://${endpoint}` : endpoint;
  if (!/^(tcp|http|https):\/\//.test(address)) throw new Error('not an address of an engine (unix://, tcp://, http://, https://)');
  const url = new URL(address.replace(/^tcp:/, 'http:'));
  const secure = candidate.tls !== null || url.protocol === 'https:';
  return dockerode({
    socketPath: undefined,
    host: url.hostname,
    port: url.port || (secure ? 2376 : 2375),
    protocol: secure ? 'https' : 'http',
    ...(candidate.tls === null ? {} : certificates(candidate.tls)),
  });
}

/** The library reads DOCKER_HOST and its like from this process's environment, and dies of nonsense in it, although it was told everything. */
function dockerode(options: Dockerode.DockerOptions): Dockerode {
  const ambient = process.env.DOCKER_HOST;
  delete process.env.DOCKER_HOST;
  try {
    return new Dockerode(options);
  } finally {
    if (ambient !== undefined) process.env.DOCKER_HOST = ambient;
  }
}

function certificates(folder: string): { ca: Buffer; cert: Buffer; key: Buffer } {
  const read = (name: string) => readFileSync(join(folder, name));
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

async function ping(docker: Dockerode, ms: number): Promise<void> {
  const abortSignal = AbortSignal.timeout(ms);
  try {
    await dial(docker, { path: '/_ping', method: 'GET', abortSignal, statusCodes: { 200: true, 500: 'server error' } });
  } catch (error) {
    throw abortSignal.aborted ? new Error(`no answer within ${ms / 1000} s`, { cause: error }) : error;
  }
}
