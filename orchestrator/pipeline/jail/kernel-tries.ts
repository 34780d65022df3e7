import type { PolicyLine } from '../../domain/jail.ts';
import { one, type Try } from './try.ts';

/** What no policy can allow: the network, more rights, and the calls that the seccomp profile refuses. Numbers are amd64's and arm64's. */
export function kernelTries(): Try[] {
  return [...network(), ...rights(), ...syscalls()];
}

function network(): Try[] {
  const unreachable = (words: readonly string[]) => one('network', 'network', words.join(' '), words, 'ENETUNREACH');
  return [
    unreachable(['connect', '1.1.1.1', '443']),
    unreachable(['connect', '169.254.169.254', '80']),
    unreachable(['connect', '172.17.0.1', '22']),
    unreachable(['datagram', '8.8.8.8', '53']),
    // Where the kernel has no IPv6 in this namespace it says so otherwise.
    one(
      'network',
      'network',
      'connect to 2606:4700:4700::1111 443',
      ['connect', '2606:4700:4700::1111', '443'],
      /^(ENETUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT)$/,
    ),
    one('network', 'network', 'connect to ::1 443', ['connect', '::1', '443'], /^(ENETUNREACH|ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT)$/),
    one('network', 'network', 'resolve example.com', ['resolve', 'example.com'], 'unknown'),
    one('network', 'network', 'interfaces but lo', ['nics'], 'none'),
    one('network', 'network', 'routes but lo', ['routes'], 'none'),
    one('network', 'network', 'sockets of neighbours', ['neighbours'], 'none'),
  ];
}

const NAMESPACES = {
  mount: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  user: 0x10000000,
  pid: 0x20000000,
  net: 0x40000000,
};

function rights(): Try[] {
  const status = (field: string, line: PolicyLine, must: string) => one('rights', line, field, ['status', field], must);
  const refused = (name: string, ...words: string[]) => one('rights', 'seccomp', name, ['call', ...words], 'EPERM');
  return [
    ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => status(set, 'capabilities', '0000000000000000')),
    status('NoNewPrivs', 'no_new_privileges', '1'),
    status('Seccomp', 'seccomp', '2'),
    ...Object.entries(NAMESPACES).flatMap(([name, flag]) => [
      refused(`unshare the ${name} namespace`, '272/97', String(flag)),
      one('rights', 'seccomp', `clone with a ${name} namespace`, ['clone', String(flag)], 'EPERM'),
    ]),
    refused('mount', '165/40', '@tmpfs', '@/dev/shm', '@tmpfs', '0', '0'),
    refused('make the root writable', '165/40', '0', '@/', '0', '4128', '0'),
    refused('umount', '166/39', '@/proc', '2'),
    refused('setns', '308/268', '0', '0'),
    refused('chroot', '161/51', '@/dev/shm'),
    refused('pivot_root', '155/41', '@/dev/shm', '@/dev/shm'),
    refused('make a block device', '259/33', '-100', '@/dev/shm/.probe-disk', '24996', '2048'),
    one('rights', 'capabilities', 'write to /proc/sys', ['overwrite', '/proc/sys/kernel/core_pattern'], /^(EROFS|EACCES|EPERM)$/),
  ];
}

const CALLS: Readonly<Record<string, readonly string[]>> = {
  io_uring_setup: ['425/425', '8', '0'],
  io_uring_enter: ['426/426', '-1', '0', '0', '0', '0', '0'],
  io_uring_register: ['427/427', '-1', '0', '0', '0'],
  ptrace: ['101/117', '0', '0', '0', '0'],
  process_vm_readv: ['310/270', '1', '0', '0', '0', '0', '0'],
  process_vm_writev: ['311/271', '1', '0', '0', '0', '0', '0'],
  bpf: ['321/280', '0', '0', '0'],
  userfaultfd: ['323/282', '1'],
  keyctl: ['250/219', '0', '-3', '0'],
  add_key: ['248/217', '0', '0', '0', '0', '0'],
  request_key: ['249/218', '0', '0', '0', '0'],
  perf_event_open: ['298/241', '0', '0', '0', '0', '0'],
  open_by_handle_at: ['304/265', '0', '0', '0'],
  kexec_load: ['246/104', '0', '0', '0', '0'],
  init_module: ['175/105', '0', '0', '0'],
  finit_module: ['313/273', '-1', '0', '0'],
  pidfd_getfd: ['438/438', '-1', '0', '0'],
  fsopen: ['430/430', '0', '0'],
};

/** AF_VSOCK once more with a bit that the kernel does not look at and a list of what is forbidden would not either. */
const FAMILIES = { AF_NETLINK: 16, AF_PACKET: 17, AF_ALG: 38, AF_VSOCK: 40, 'AF_VSOCK in disguise': 2 ** 32 + 40, AF_KEY: 15 };

/** EDOM is an answer that only the project's own profile gives (docs/adr/0002-seccomp-profile.md). */
function syscalls(): Try[] {
  const call = (name: string, words: readonly string[], must: string) => one('syscalls', 'seccomp', name, words, must);
  return [
    ...Object.entries(CALLS).map(([name, words]) => call(name, ['call', ...words], 'EDOM')),
    ...Object.entries(FAMILIES).map(([name, family]) =>
      call(`a socket of ${name}`, ['call', '41/198', String(family), family === 17 ? '3' : '1', '0'], 'EDOM'),
    ),
    call('clone3', ['call', '435/435', '0', '0'], 'ENOSYS'),
    call('a call of 32-bit x86', ['i386'], 'SIGSYS'),
    call('a call of x32', ['x32'], 'SIGSYS'),
  ];
}
