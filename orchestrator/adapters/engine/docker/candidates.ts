import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type System, thisSystem } from './system.ts';
import { usualPlaces } from './usual-places.ts';

/** A place where an engine may answer, and where its TLS files lie, if it has any. */
export interface Candidate {
  /** As a person writes it: `unix:///var/run/docker.sock`, `tcp://build-host:2376`. */
  readonly endpoint: string;
  /** Folder with ca.pem, cert.pem and key.pem; null for a plain connection. */
  readonly tls: string | null;
  /** Who named it, or whose usual place it is, for the message when nothing answers. */
  readonly source: string;
  /** Whether a person named it for this run: then it is the only one. */
  readonly named: boolean;
}

/**
 * Where to look for an engine, best first. What a person named (`host`, DOCKER_HOST, DOCKER_CONTEXT) is the only candidate: work must not
 * land on another machine because the named one is off. Else the context that docker itself would use, then the usual places.
 */
export function candidates(host: string | null, env: NodeJS.ProcessEnv, system: System = thisSystem()): Candidate[] {
  if (host !== null) return [{ endpoint: host, tls: tlsFolder(host, env), source: '--docker-host', named: true }];
  if (filled(env.DOCKER_HOST))
    return [{ endpoint: env.DOCKER_HOST, tls: tlsFolder(env.DOCKER_HOST, env), source: 'DOCKER_HOST', named: true }];
  const usual = usualPlaces(env, system).map((place) => ({ ...place, tls: null, named: false }));
  if (env.DOCKER_CONTEXT === 'default') return usual.slice(0, 1).map((place) => ({ ...place, source: 'DOCKER_CONTEXT', named: true }));
  if (filled(env.DOCKER_CONTEXT)) return [{ ...contextPlace(env.DOCKER_CONTEXT, env), source: 'DOCKER_CONTEXT', named: true }];
  const current = currentContext(env);
  if (current === null) return distinct(usual);
  return distinct([{ ...contextPlace(current, env), source: `docker context ${current}`, named: false }, ...usual]);
}

function currentContext(env: NodeJS.ProcessEnv): string | null {
  const name = field(readJson(join(configFolder(env), 'config.json')), 'currentContext');
  return typeof name === 'string' && name !== '' && name !== 'default' ? name : null;
}

/** Where a context points to. One that does not exist is a place too, which says so when it is tried. */
function contextPlace(name: string, env: NodeJS.ProcessEnv): Pick<Candidate, 'endpoint' | 'tls'> {
  const contexts = join(configFolder(env), 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const endpoint = field(field(field(readJson(join(contexts, 'meta', id, 'meta.json')), 'Endpoints'), 'docker'), 'Host');
  if (typeof endpoint !== 'string' || endpoint === '') return { endpoint: `context ${name}`, tls: null };
  const tls = join(contexts, 'tls', id, 'docker');
  return { endpoint, tls: readable(join(tls, 'ca.pem')) ? tls : null };
}

/** docker's own rule: TLS when DOCKER_TLS_VERIFY is set or the port is 2376, with the files of DOCKER_CERT_PATH. */
function tlsFolder(endpoint: string, env: NodeJS.ProcessEnv): string | null {
  const wanted = filled(env.DOCKER_TLS_VERIFY) || /^tcp:\/\/.*:2376\b/.test(endpoint);
  if (!wanted || !/^(tcp|https):/.test(endpoint)) return null;
  return filled(env.DOCKER_CERT_PATH) ? env.DOCKER_CERT_PATH : configFolder(env);
}

function configFolder(env: NodeJS.ProcessEnv): string {
  return filled(env.DOCKER_CONFIG) ? env.DOCKER_CONFIG : join(env.HOME ?? env.USERPROFILE ?? '/', '.docker');
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
