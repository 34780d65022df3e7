import { posix } from 'node:path';
import type { System } from './system.ts';

const { join } = posix;

/** Where an engine puts its socket when nobody told it otherwise, and what that engine is called. */
interface Place {
  readonly endpoint: string;
  readonly source: string;
}

/** The places to look in when nobody named an engine, the one that docker itself takes first. Pure: none of them need exist. */
export function usualPlaces(env: NodeJS.ProcessEnv, system: System): Place[] {
  if (system.platform === 'win32') return PIPES.map(([name, source]) => ({ endpoint: `npipe:////./pipe/${name}`, source }));
  const home = env.HOME || null;
  const inHome = home === null ? [] : homeSockets(home, env);
  const sockets = system.platform === 'darwin' ? [...inHome, ...macSockets(home, env)] : [...linuxSockets(env, system), ...inHome];
  return [[join(system.run, 'docker.sock'), 'the usual place'] as const, ...sockets].map(([path, source]) => ({
    endpoint: `unix://${path}`,
    source,
  }));
}

type Named = readonly [path: string, source: string];

const PIPES: readonly Named[] = [
  ['docker_engine', 'Docker'],
  ['dockerDesktopLinuxEngine', 'Docker Desktop'],
  ['podman-machine-default', 'Podman'],
];

function homeSockets(home: string, env: NodeJS.ProcessEnv): Named[] {
  const colima = [env.COLIMA_HOME || null, join(home, '.colima'), join(env.XDG_CONFIG_HOME || join(home, '.config'), 'colima')];
  return [
    // Docker Desktop on macOS, and rootless Docker where there is no runtime folder.
    [join(home, '.docker/run/docker.sock'), 'Docker Desktop'],
    [join(home, '.docker/desktop/docker.sock'), 'Docker Desktop'],
    ...colima.flatMap((folder): Named[] => (folder === null ? [] : [[join(folder, 'default/docker.sock'), 'Colima']])),
    [join(home, '.orbstack/run/docker.sock'), 'OrbStack'],
    [join(home, '.rd/docker.sock'), 'Rancher Desktop'],
  ];
}

function linuxSockets(env: NodeJS.ProcessEnv, { uid, run }: System): Named[] {
  // A shell that was not logged in to (su, cron) lacks the variable; the folder is there all the same.
  const runtime = env.XDG_RUNTIME_DIR || (uid === null ? null : join(run, 'user', String(uid)));
  const own: Named[] =
    runtime === null
      ? []
      : [
          [join(runtime, 'docker.sock'), 'rootless Docker'],
          [join(runtime, 'podman/podman.sock'), 'rootless Podman'],
        ];
  return [...own, [join(run, 'podman/podman.sock'), 'Podman']];
}

function macSockets(home: string | null, env: NodeJS.ProcessEnv): Named[] {
  return [
    [join(env.TMPDIR || '/tmp', 'podman/podman-machine-default-api.sock'), 'Podman'],
    ...(home === null ? [] : [[join(home, '.local/share/containers/podman/machine/podman.sock'), 'Podman'] as const]),
  ];
}
