import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { Failure } from '../../../domain/failure.ts';
import { type Candidate, candidates } from './candidates.ts';
import { dial } from './dial.ts';
import { engineWords } from './errors.ts';

/** How long one place may take to say that it lives, in milliseconds. */
const PING_MS = 3_000;

/**
 * Find an engine that answers: what a person named and nothing else, or else the first of docker's current context and the usual sockets.
 * `endpoint` is where it was found, for a person. Throws `engine_unreachable` with every place that was tried and what it said.
 */
export async function connect(options: {
  readonly host?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly pingMs?: number;
}): Promise<{ docker: Dockerode; endpoint: string }> {
  const tried: string[] = [];
  for (const candidate of candidates(options.host || null, options.env)) {
    try {
      const docker = client(candidate);
      await ping(docker, options.pingMs ?? PING_MS);
      return { docker, endpoint: candidate.endpoint };
    } catch (error) {
      tried.push(`${candidate.endpoint} (${candidate.source}): ${engineWords(error)}`);
    }
  }
  throw new Failure('engine_unreachable', `tried ${tried.join('; ')}`);
}

function client(candidate: Candidate): Dockerode {
  const { endpoint } = candidate;
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(endpoint);
  // `host` and `protocol` are always given: the library would fill them in from the environment of this process.
  if (socket?.[1] !== undefined) return new Dockerode({ socketPath: socket[1], host: undefined, protocol: 'http' });
  if (endpoint.startsWith('ssh://')) {
    throw new Error(
      'ssh is not supported; forward the socket with `ssh -L /tmp/docker.sock:/var/run/docker.sock` and name it with unix://',
    );
  }
  if (endpoint.startsWith('context ')) throw new Error('there is no such docker context');
  if (!/^(tcp|http|https):\/\//.test(endpoint)) throw new Error('not an address of an engine (unix://, tcp://, http://, https://)');
  const url = new URL(endpoint.replace(/^tcp:/, 'http:'));
  const secure = candidate.tls !== null || url.protocol === 'https:';
  return new Dockerode({
    socketPath: undefined,
    host: url.hostname,
    port: url.port || (secure ? 2376 : 2375),
    protocol: secure ? 'https' : 'http',
    ...(candidate.tls === null ? {} : certificates(candidate.tls)),
  });
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
