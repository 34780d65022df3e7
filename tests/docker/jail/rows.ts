import type { ContainerSpec } from '../../../orchestrator/domain/container.ts';
import type { Json } from '../../../orchestrator/domain/json.ts';

/** What a probe said: attempt -> the kernel's answer. */
export type Said = Readonly<Record<string, string>>;

/** One attempt, or a family of them, and what must have come of it. */
export interface Row {
  readonly attempts: RegExp;
  /** The answer, or what it must match, from what the container was asked to be. */
  readonly must: string | RegExp | ((spec: ContainerSpec, attempt: string) => string | RegExp);
  /** The line of the create request that this attempt tests. */
  readonly line: string;
  /** How many attempts of the family there must be at least; 0 for those that depend on the kind's mounts. */
  readonly least?: number;
  /** Whether an agent can make the attempt from Node. */
  readonly node?: number;
}

const NO_CAPABILITY = '0000000000000000';

/** Cases J01 to J06 and J10 of the jail, each with its harmless twin, and the limits as the kernel has them on file. */
export const ROWS: readonly Row[] = [
  { attempts: /^J01 (connect (1|169|172)|datagram|connect \[2606)/, must: 'ENETUNREACH', line: 'NetworkDisabled', least: 5, node: 2 },
  {
    attempts: /^J01 connect \[::1\]/,
    must: /^(ENETUNREACH|ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT)$/,
    line: 'NetworkDisabled',
    least: 1,
    node: 1,
  },
  { attempts: /^J01 resolve/, must: /^(gaierror|EAI_.*|EAGAIN|ENOENT)$/, line: 'NetworkDisabled', least: 1 },
  { attempts: /^J01 interfaces/, must: 'lo', line: 'NetworkDisabled', least: 1, node: 1 },
  { attempts: /^twin J01/, must: 'ok', line: 'NetworkDisabled', least: 1, node: 1 },
  { attempts: /^J02/, must: /^(nowhere|none)$/, line: 'HostConfig.Mounts', least: 3, node: 1 },
  { attempts: /^twin J02/, must: /^(?!nowhere)/, line: 'HostConfig.Mounts' },
  { attempts: /^J03 (unshare|clone)/, must: 'EPERM', line: 'HostConfig.SecurityOpt', least: 14 },
  { attempts: /^J03 (mount|remount|umount|setns|chroot|pivot|make)/, must: 'EPERM', line: 'HostConfig.SecurityOpt', least: 7 },
  { attempts: /^J03 set[ug]id/, must: 'EPERM', line: 'User', least: 2 },
  { attempts: /^J03 write \/proc/, must: /^(EROFS|EACCES|EPERM)$/, line: 'HostConfig.Privileged', least: 1 },
  { attempts: /^twin J03/, must: 'ok', line: 'HostConfig.SecurityOpt', least: 3, node: 1 },
  { attempts: /^J04 clone3/, must: 'ENOSYS', line: 'HostConfig.SecurityOpt', least: 1 },
  { attempts: /^J04 a call of/, must: 'SIGSYS', line: 'HostConfig.SecurityOpt', least: 2 },
  { attempts: /^J04 (?!clone3|a call of)/, must: 'EDOM', line: 'HostConfig.SecurityOpt', least: 24 },
  { attempts: /^twin J04/, must: 'ok', line: 'HostConfig.SecurityOpt', least: 4, node: 2 },
  { attempts: /^J05/, must: 'EROFS', line: 'HostConfig.ReadonlyRootfs', least: 8, node: 5 },
  { attempts: /^twin J05/, must: 'ok', line: 'HostConfig.Tmpfs' },
  { attempts: /^J06 (move|remove the)/, must: /^(EBUSY|EROFS)$/, line: 'HostConfig.Mounts' },
  { attempts: /^J06 link/, must: /^(EXDEV|EROFS|EPERM)$/, line: 'HostConfig.Mounts' },
  { attempts: /^J06 (?!move|remove the|link)/, must: 'EROFS', line: 'HostConfig.Mounts' },
  { attempts: /^twin J06/, must: 'ok', line: 'HostConfig.Mounts' },
  { attempts: /^J10 writable mounts/, must: 'none', line: 'HostConfig.ReadonlyRootfs', least: 1 },
  { attempts: /^status Cap/, must: NO_CAPABILITY, line: 'HostConfig.CapDrop', least: 5, node: 2 },
  { attempts: /^status NoNewPrivs/, must: '1', line: 'HostConfig.SecurityOpt', least: 1, node: 1 },
  { attempts: /^status Seccomp/, must: '2', line: 'HostConfig.SecurityOpt', least: 1, node: 1 },
  { attempts: /^status Uid/, must: '10001 10001 10001 10001', line: 'User', least: 1, node: 1 },
  { attempts: /^status Gid/, must: '10001 10001 10001 10001', line: 'User', least: 1 },
  { attempts: /^status Groups/, must: /^(10001)?$/, line: 'User', least: 1 },
  { attempts: /^limit pids/, must: (spec) => String(spec.pids), line: 'HostConfig.PidsLimit', least: 1 },
  { attempts: /^limit memory$/, must: (spec) => String(spec.memoryBytes), line: 'HostConfig.Memory', least: 1 },
  // Control groups of version 2 count swap apart, and an engine without swap accounting has no such file.
  {
    attempts: /^limit memory and swap/,
    must: (spec) => new RegExp(`^(${spec.memoryBytes}|0|absent)$`),
    line: 'HostConfig.MemorySwap',
    least: 1,
  },
  { attempts: /^limit cpus/, must: (spec) => new RegExp(`^${spec.cpus}(\\.0)?$`), line: 'HostConfig.NanoCpus', least: 1 },
  { attempts: /^limit open files/, must: (spec) => String(spec.openFiles), line: 'HostConfig.Ulimits', least: 1 },
  { attempts: /^limit core/, must: '0', line: 'HostConfig.Ulimits', least: 1 },
  { attempts: /^size \/dev\/shm/, must: (spec) => String(spec.shmBytes), line: 'HostConfig.ShmSize', least: 1 },
  { attempts: /^size (?!\/dev\/shm)/, must: (spec, attempt) => sizeOf(spec, attempt.slice(5)), line: 'HostConfig.Tmpfs' },
  { attempts: /^twin memory/, must: 'ok', line: 'HostConfig.Memory', node: 1 },
];

/** Attempts that ended otherwise than they must, each beside the line of the create request; empty where the jail held. */
export function openings(said: Said, spec: ContainerSpec, request: Json, probe: 'python' | 'node'): string[] {
  const judged = ROWS.flatMap((row) => {
    const answers = Object.entries(said).filter(([attempt]) => row.attempts.test(attempt));
    const least = (probe === 'node' ? row.node : row.least) ?? 0;
    const missing = answers.length < least ? [`${row.attempts}: only ${answers.length} of ${least} attempts were made`] : [];
    const open = answers
      .filter(([attempt, answer]) => !holds(typeof row.must === 'function' ? row.must(spec, attempt) : row.must, answer))
      .map(
        ([attempt, answer]) =>
          `jail_open: ${attempt}: the kernel said ${answer}; the create request says ${row.line}: ${lineOf(request, row.line)}`,
      );
    return [...missing, ...open];
  });
  const unjudged = Object.keys(said).filter((attempt) => !ROWS.some((row) => row.attempts.test(attempt)));
  return [...judged, ...unjudged.map((attempt) => `nobody judges the attempt ${attempt}`)];
}

/** One line of a create request, for a message. */
export function lineOf(request: Json, path: string): string {
  const value = path.split('.').reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), request);
  return (
    JSON.stringify(value, (_, part) =>
      typeof part === 'string' && part.startsWith('seccomp=') ? `seccomp=… (${part.length} characters)` : part,
    ) ?? 'absent'
  );
}

function holds(must: string | RegExp, answer: string): boolean {
  return typeof must === 'string' ? must === answer : must.test(answer);
}

function sizeOf(spec: ContainerSpec, path: string): string | RegExp {
  const tmpfs = spec.tmpfs.find((one) => one.path === path);
  return tmpfs === undefined ? /^[0-9]+$/ : String(tmpfs.sizeBytes);
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
