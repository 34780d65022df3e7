import type { PolicyLine } from '../../domain/jail.ts';
import type { Policy } from '../../domain/policy.ts';
import { kernelTries } from './kernel-tries.ts';
import { one, type Try } from './try.ts';

/** A mount as the probe's container has it. */
export interface ProbedMount {
  readonly path: string;
  /** By the policy, and not more than the floor lets it. */
  readonly write: boolean;
  /** Quota of a volume that is written to. */
  readonly bytes: number;
  readonly files: number;
}

export interface Probing {
  readonly policy: Policy;
  readonly mounts: readonly ProbedMount[];
  /** Paths inside a writable mount that must not be written to: see `mayNotWrite`. */
  readonly apart: readonly string[];
  /** The mount that lies in another one, if one does. */
  readonly nested: string | null;
  /** Lies in the environment and on the disk of the host. */
  readonly sentinel: string;
  /** Lies in `marker.txt` of every volume and among the probe's arguments. */
  readonly marker: string;
}

const MEGABYTE = 1024 * 1024;
const OK = 'ok';
const NONE = 'none';

/** All that is tried in a container of this policy. Pure. */
export function triesOf(probing: Probing): Try[] {
  const { policy } = probing;
  return [
    ...controls(probing),
    ...rootTries(),
    ...probing.mounts.flatMap(mountTries),
    ...separation(probing),
    ...policy.tmpfs.flatMap(({ path, size_mb, exec }) => memoryTries(path, size_mb, exec, 'tmpfs')),
    ...memoryTries('/dev/shm', policy.shm_mb, false, 'shm_mb'),
    one('host', 'mounts', 'what is writable', ['writable', 'but', ...ENGINES_MOUNTS], listed(writablePaths(probing))),
    one('write', 'read_only_root', 'what of the engine’s own mounts is writable', ['writable', 'of', ...ENGINES_MOUNTS], NONE),
    one('host', 'mounts', 'what is mounted beside', ['mounts', ...ENGINES_MOUNTS, ...mounted(probing)], NONE),
    ...hostTries(probing),
    ...userTries(policy.user),
    ...limitTries(policy),
    ...kernelTries(),
  ];
}

/** What must work: a probe to which nothing works proves nothing. */
function controls({ mounts, policy, marker }: Probing): Try[] {
  const control = (line: PolicyLine, name: string, ...words: string[]) => one('control', line, name, words, OK);
  const places = ['/proc/[0-9]+/cmdline', ...mounts.map(({ path }) => `${path}/marker.txt`)].sort();
  const inOrder = places.map((place) => place.replaceAll('.', '\\.')).join('( .*)? ');
  return [
    one(
      'control',
      'mounts',
      'a marker among the arguments and in each mount is found',
      ['search', reversed(marker)],
      new RegExp(`${inOrder}( |$)`),
    ),
    ...mounts.map(({ path }) => control('mounts', `read ${path}`, 'read', `${path}/marker.txt`, reversed(marker))),
    ...mounts.filter(({ write }) => write).map(({ path }) => control('mounts', `write to ${path}`, 'write', path)),
    ...policy.tmpfs.map(({ path }) => control('tmpfs', `write to ${path}`, 'write', path)),
    ...policy.tmpfs.filter(({ exec }) => exec).map(({ path }) => control('tmpfs', `start a program in ${path}`, 'execute', path)),
    control('shm_mb', 'write to /dev/shm', 'write', '/dev/shm'),
    control('network', 'connect to itself', 'loopback'),
    control('seccomp', 'make a pipe', 'pipe', '/dev/shm'),
    control('seccomp', 'getpid', 'call', '39/172'),
    control('seccomp', 'a socket of AF_UNIX', 'call', '41/198', '1', '1', '0'),
  ];
}

/** A needle goes in reversed, or the search would find its own argument. */
function reversed(text: string): string {
  return [...text].reverse().join('');
}

const ALWAYS_THERE = ['/', '/usr', '/usr/bin', '/etc', '/var/tmp'];
const PERHAPS_THERE = ['/run', '/home', '/opt', '/opt/venv', '/opt/venv/bin', '/opt/gate', '/agent', '/srv'];

function rootTries(): Try[] {
  const write = (path: string, must: string | RegExp) => one('write', 'read_only_root', `write to ${path}`, ['write', path], must);
  return [
    ...ALWAYS_THERE.map((path) => write(path, 'EROFS')),
    ...PERHAPS_THERE.map((path) => write(path, /^(EROFS|ENOENT)$/)),
    one('write', 'read_only_root', 'write to installed packages', ['packages'], /^(EROFS|none)$/),
    one('write', 'read_only_root', 'change the mode of /usr/bin/perl', ['mode', '/usr/bin/perl'], 'EROFS'),
    one('write', 'read_only_root', 'setuid programs', ['setuid', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/venv/bin'], NONE),
  ];
}

function mountTries({ path, write, bytes, files }: ProbedMount): Try[] {
  if (write)
    return [
      one('limits', 'volume', `size of ${path}`, ['size', path], String(bytes)),
      one('limits', 'volume', `files in ${path}`, ['files', path], String(files)),
      one('rights', 'mounts', `flags of ${path}`, ['flags', path], NO_DEVICES),
    ];
  const denied = (name: string, verb: string) => one('write', 'mounts', `${name} ${path}`, [verb, `${path}/marker.txt`], 'EROFS');
  return [
    one('write', 'mounts', `write to ${path}`, ['write', path], 'EROFS'),
    denied('overwrite a file in', 'overwrite'),
    denied('change a mode in', 'mode'),
    denied('remove a file in', 'remove'),
  ];
}

const NO_DEVICES = /^(?=.*\bnosuid\b)(?=.*\bnodev\b)/;

/** What keeps one writer out of the other's half, also where no mount of the policy lies there. */
function separation({ apart, mounts, nested }: Probing): Try[] {
  const unmounted = apart.filter((path) => !mounts.some((mount) => mount.path === path && !mount.write));
  const around = nested === null ? null : nested.slice(0, nested.lastIndexOf('/'));
  return [
    ...unmounted.map((path) => one('write', 'mounts', `write to ${path}`, ['write', path], 'EROFS')),
    ...(nested === null || around === null
      ? []
      : [
          one('write', 'mounts', `move ${nested} away`, ['move', nested, `${nested}-moved`], /^(EBUSY|EROFS)$/),
          one('write', 'mounts', `remove ${nested}`, ['rmdir', nested], /^(EBUSY|EROFS)$/),
          one(
            'write',
            'mounts',
            `link out of ${nested}`,
            ['link', `${nested}/marker.txt`, `${around}/.probe-link`],
            /^(EXDEV|EROFS|EPERM)$/,
          ),
        ]),
  ];
}

function memoryTries(path: string, megabytes: number, exec: boolean, line: 'tmpfs' | 'shm_mb'): Try[] {
  return [
    ...(exec ? [] : [one('execute', line, `start a program in ${path}`, ['execute', path], 'EACCES')]),
    one('limits', line, `size of ${path}`, ['size', path], String(megabytes * MEGABYTE)),
    one('rights', line, `flags of ${path}`, ['flags', path], NO_DEVICES),
  ];
}

function mounted({ policy, mounts }: Probing): string[] {
  return [...mounts.map(({ path }) => path), ...policy.tmpfs.map(({ path }) => path)];
}

function writablePaths({ policy, mounts }: Probing): string[] {
  return ['/dev/shm', ...mounts.filter(({ write }) => write).map(({ path }) => path), ...policy.tmpfs.map(({ path }) => path)];
}

/** As the probe lists names. */
function listed(names: readonly string[]): string {
  return [...new Set(names)].sort().join(' ');
}

/** What engines themselves mount: names for a host that has no network, and the program that reaps orphans. */
const ENGINES_MOUNTS = [
  '/',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/sbin/docker-init',
  '/usr/sbin/docker-init',
  '/run/podman-init',
  '/run/.containerenv',
];
const ORDINARY_VARIABLES = ['HOME', 'HOSTNAME', 'PATH', 'LANG', 'TERM', 'container'];
const ORDINARY_DEVICES = 'null zero full random urandom tty console ptmx pts shm mqueue fd stdin stdout stderr core'.split(' ');
const SOCKETS = ['/run/docker.sock', '/var/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock'];

function hostTries({ sentinel }: Probing): Try[] {
  return [
    one('host', 'environment', 'the planted key', ['search', reversed(sentinel)], NONE),
    one('host', 'environment', 'variables that are not ordinary', ['variables', ...ORDINARY_VARIABLES], NONE),
    one('host', 'environment', 'processes of others', ['processes'], NONE),
    one('host', 'mounts', 'devices that are not ordinary', ['devices', ...ORDINARY_DEVICES], NONE),
    one('host', 'mounts', 'sockets in what is mounted', ['sockets'], NONE),
    ...SOCKETS.map((path) => one('host', 'mounts', `find ${path}`, ['exists', path], 'ENOENT')),
  ];
}

function userTries(user: string): Try[] {
  const [uid = '', gid = ''] = user.split(':');
  return [
    one('rights', 'user', 'uid', ['status', 'Uid'], fourTimes(uid)),
    one('rights', 'user', 'gid', ['status', 'Gid'], fourTimes(gid)),
    one('rights', 'user', 'groups', ['status', 'Groups'], new RegExp(`^(${gid})?$`)),
    one('rights', 'user', 'become user 0', ['call', '105/146', '0'], 'EPERM'),
    one('rights', 'user', 'become group 0', ['call', '106/144', '0'], 'EPERM'),
  ];
}

/** Real, effective, saved and file-system id; that of root never fits, whatever a policy says. */
function fourTimes(id: string): string {
  return id === '0' ? 'anybody but root' : Array(4).fill(id).join(' ');
}

function limitTries({ pids, memory_mb, cpus, open_files }: Policy): Try[] {
  const bytes = memory_mb * MEGABYTE;
  return [
    one('limits', 'pids', 'processes', ['limit', 'pids'], String(pids)),
    one('limits', 'memory_mb', 'memory', ['limit', 'memory'], String(bytes)),
    // Control groups of version 2 count swap apart, and an engine without swap accounting has no such file.
    one('limits', 'memory_mb', 'memory and swap', ['limit', 'swap'], new RegExp(`^(${bytes}|0|absent)$`)),
    one('limits', 'cpus', 'processors', ['limit', 'cpus'], String(cpus)),
    one('limits', 'open_files', 'open files', ['ulimit', 'Max open files'], String(open_files)),
    one('limits', 'open_files', 'core dumps', ['ulimit', 'Max core file size'], '0'),
  ];
}
