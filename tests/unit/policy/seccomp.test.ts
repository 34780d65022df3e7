import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly { readonly index: number; readonly value: number; readonly op: string; readonly valueTwo?: number }[];
}

const profile = JSON.parse(readFileSync(join(import.meta.dirname, '../../../policies/seccomp.json'), 'utf8'));
const rules: readonly Rule[] = profile.syscalls;
const EPERM = 1;
const EDOM = 33;
const ENOSYS = 38;

const rulesOf = (name: string) => rules.filter(({ names }) => names.includes(name));

/** What the profile does with a call, as libseccomp reads the rules: an argument is compared with all its 64 bits. */
function verdict(name: string, ...args: number[]): 'allowed' | number {
  const matching = rulesOf(name).filter((rule) => (rule.args ?? []).every((arg) => holds(arg, BigInt(args[arg.index] ?? 0))));
  const answers = new Set(
    matching.map(({ action, errnoRet }) => (action === 'SCMP_ACT_ALLOW' ? ('allowed' as const) : (errnoRet ?? EPERM))),
  );
  if (answers.size > 1) throw new Error(`two rules disagree about ${name}(${args.join(', ')})`);
  return [...answers][0] ?? profile.defaultErrnoRet;
}

function holds({ value, op, valueTwo }: { value: number; op: string; valueTwo?: number }, argument: bigint): boolean {
  const bound = BigInt(value);
  if (op === 'SCMP_CMP_EQ') return argument === bound;
  if (op === 'SCMP_CMP_NE') return argument !== bound;
  if (op === 'SCMP_CMP_LT') return argument < bound;
  if (op === 'SCMP_CMP_GT') return argument > bound;
  if (op === 'SCMP_CMP_MASKED_EQ') return (argument & bound) === BigInt(valueTwo ?? 0);
  throw new Error(`unknown comparison ${op}`);
}

describe('the seccomp profile', () => {
  it('refuses what it does not list', () => {
    expect(profile).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: ENOSYS });
    expect(new Set(rules.map(({ action }) => action))).toEqual(new Set(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']));
  });

  it('is for both architectures and takes no call of their 32-bit ones', () => {
    expect(profile.archMap).toEqual([
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: [] },
    ]);
  });

  it.each([
    ...['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'ptrace', 'process_vm_readv', 'process_vm_writev', 'bpf', 'userfaultfd'],
    ...['keyctl', 'add_key', 'request_key', 'perf_event_open', 'kexec_load', 'kexec_file_load', 'init_module', 'finit_module'],
    ...['delete_module', 'open_by_handle_at', 'pidfd_getfd', 'fsopen', 'fsmount', 'move_mount', 'mount_setattr'],
  ])('refuses %s with the errno of its own', (name) => {
    expect(verdict(name)).toBe(EDOM);
  });

  it.each(['unshare', 'setns', 'mount', 'umount2', 'pivot_root', 'chroot'])('refuses %s as the kernel would', (name) => {
    expect(verdict(name)).toBe(EPERM);
  });

  it.each([0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])('refuses clone with the flag %i', (flag) => {
    expect(verdict('clone', flag)).toBe(EPERM);
    expect(verdict('clone', flag + 17)).toBe(EPERM);
  });

  it('lets threads and processes be made by clone, and sends libc there from clone3', () => {
    expect(verdict('clone', 17)).toBe('allowed');
    expect(verdict('clone', 0x3d0f00)).toBe('allowed');
    expect(verdict('clone3')).toBe(ENOSYS);
  });

  it('opens sockets of three families only, whatever stands in the upper half of the number', () => {
    const families = Array.from({ length: 64 }, (_, family) => family);
    expect(families.filter((family) => verdict('socket', family) === 'allowed')).toEqual([1, 2, 10]);
    expect(families.filter((family) => verdict('socket', family) === EDOM)).toHaveLength(61);
    expect(verdict('socket', 2 ** 32 + 40)).toBe(EDOM);
    expect(verdict('socketpair', 40)).toBe(EDOM);
  });

  it('makes pipes but no devices', () => {
    expect(verdict('mknodat', 0, 0, 0o010644)).toBe('allowed');
    expect(verdict('mknodat', 0, 0, 0o020644)).toBe(EPERM);
    expect(verdict('mknodat', 0, 0, 0o060644)).toBe(EPERM);
  });

  it('has what a program starts with on either architecture', () => {
    const start = [
      'execve',
      'mmap',
      'brk',
      'openat',
      'newfstatat',
      'fstat',
      'read',
      'write',
      'futex',
      'rseq',
      'set_tid_address',
      'exit_group',
    ];
    for (const name of start) expect(verdict(name), name).toBe('allowed');
  });

  it('says one thing of every call', () => {
    const twice = new Set(rules.flatMap(({ names }) => names).filter((name) => rulesOf(name).length > 1));
    for (const name of twice) {
      expect(
        rulesOf(name).every(({ args }) => args !== undefined),
        name,
      ).toBe(true);
    }
  });
});
