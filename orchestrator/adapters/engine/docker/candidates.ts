import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A place where an engine may answer, and where its TLS files lie, if it has any. */
export interface Candidate {
  /** As a person writes it: `unix:///var/run/docker.sock`, `tcp://build-host:2376`. */
  readonly endpoint: string;
  /** Folder with ca.pem, cert.pem and key.pem; null for a plain connection. */
  readonly tls: string | null;
  /** Who named it, for the message when nothing answers. */
  readonly source: string;
}

/**
 * Where to look for an engine, best first. What a person named (`host`, DOCKER_HOST, DOCKER_CONTEXT) is the only candidate: work must not
 * land on another machine because the named one is off. Else the context that docker itself would use, then the usual sockets.
 */
export function candidates(host: string | null, env: NodeJS.ProcessEnv): Candidate[] {
  if (host !== null) return [{ endpoint: host, tls: tlsFolder(host, env), source: '--docker-host' }];
  if (filled(env.DOCKER_HOST)) return [{ endpoint: env.DOCKER_HOST, tls: tlsFolder(env.DOCKER_HOST, env), source: 'DOCKER_HOST' }];
  if (filled(env.DOCKER_CONTEXT) && env.DOCKER_CONTEXT !== 'default') {
    const named = contextCandidate(env.DOCKER_CONTEXT, 'DOCKER_CONTEXT', env);
    return [named ?? { endpoint: `context ${env.DOCKER_CONTEXT}`, tls: null, source: 'DOCKER_CONTEXT' }];
  }
  const current = currentContext(env);
  const fromContext = current === null ? null : contextCandidate(current, `docker context ${current}`, env);
  const sockets = usualSockets(env).map((path) => ({ endpoint: `unix://${path}`, tls: null, source: 'usual place' }));
  return distinct(fromContext === null ? sockets : [fromContext, ...sockets]);
}

function usualSockets(env: NodeJS.ProcessEnv): string[] {
  const home = filled(env.HOME) ? env.HOME : null;
  const runtime = filled(env.XDG_RUNTIME_DIR) ? env.XDG_RUNTIME_DIR : null;
  return [
    '/var/run/docker.sock',
    home && join(home, '.docker/run/docker.sock'),
    home && join(home, '.docker/desktop/docker.sock'),
    home && join(home, '.colima/default/docker.sock'),
    home && join(home, '.colima/docker.sock'),
    home && join(home, '.orbstack/run/docker.sock'),
    home && join(home, '.rd/docker.sock'),
    runtime && join(runtime, 'docker.sock'),
    runtime && join(runtime, 'podman/podman.sock'),
    '/run/podman/podman.sock',
  ].filter((path) => path !== null);
}

function currentContext(env: NodeJS.ProcessEnv): string | null {
  const config = readJson(join(configFolder(env), 'config.json'));
  const name = field(config, 'currentContext');
  return typeof name === 'string' && name !== '' && name !== 'default' ? name : null;
}

function contextCandidate(name: string, source: string, env: NodeJS.ProcessEnv): Candidate | null {
  const contexts = join(configFolder(env), 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const endpoint = field(field(field(readJson(join(contexts, 'meta', id, 'meta.json')), 'Endpoints'), 'docker'), 'Host');
  if (typeof endpoint !== 'string' || endpoint === '') return null;
  const tls = join(contexts, 'tls', id, 'docker');
  return { endpoint, tls: readable(join(tls, 'ca.pem')) ? tls : null, source };
}

/** docker's own rule: TLS when DOCKER_TLS_VERIFY is set or the port is 2376, with the files of DOCKER_CERT_PATH. */
function tlsFolder(endpoint: string, env: NodeJS.ProcessEnv): string | null {
  const wanted = filled(env.DOCKER_TLS_VERIFY) || /^tcp:\/\/.*:2376\b/.test(endpoint);
  return wanted && /^(tcp|https):/.test(endpoint) ? (env.DOCKER_CERT_PATH ?? configFolder(env)) : null;
}

function configFolder(env: NodeJS.ProcessEnv): string {
  return filled(env.DOCKER_CONFIG) ? env.DOCKER_CONFIG : join(env.HOME ?? '/', '.docker');
}

function distinct(all: readonly Candidate[]): Candidate[] {
  return all.filter((one, at) => all.findIndex((other) => other.endpoint === one.endpoint) === at);
}

function filled(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** Docker's own files may be absent, unreadable or half written; then they name no engine, and the search goes on. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function readable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
