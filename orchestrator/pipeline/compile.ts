import type { ContainerSpec } from '../domain/container.ts';
import { Failure } from '../domain/failure.ts';
import type { Policy, PolicyMount } from '../domain/policy.ts';
import type { ContainerKind } from '../domain/stage.ts';

/** Volume names by what the policy calls them. */
export type VolumeBindings = Readonly<Partial<Record<PolicyMount['volume'], string>>>;

export interface CompileInput {
  readonly kind: ContainerKind;
  readonly policy: Policy;
  /** The profile that `policy.seccomp` names, as JSON text. */
  readonly seccompText: string;
  /** Image reference by content hash. */
  readonly image: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute path inside the container; the first mount's path when left out, `/` without a mount. */
  readonly workdir?: string;
  readonly volumes: VolumeBindings;
  /** The target's test folder, relative to the target, or null: then no mount separates the duties. */
  readonly testsFolder: string | null;
  readonly run: string;
  /** Number of the container in its run. */
  readonly seq: number;
  readonly attempt: number;
  /** Stage for the label; `baseline` and the like for what serves none. */
  readonly stage: string;
  readonly stdin: boolean;
}

const MEGABYTE = 1024 * 1024;

/**
 * What a container will be, decided from its kind's policy before anything starts; pure. Every limit comes from the policy, every name
 * from the caller. A volume without a mount, or a mount without a volume, is a mistake of ours: `Failure` bug.
 */
export function compileContainer(input: CompileInput): ContainerSpec {
  const { kind, policy } = input;
  const mounts = compileMounts(input);
  return {
    name: `factory-${checkedRun(input.run)}-${input.seq}-${kind}`,
    kind,
    image: input.image,
    command: [...input.command],
    env: { ...input.env },
    workdir: input.workdir ?? mounts[0]?.path ?? '/',
    user: policy.user,
    labels: runLabels(input),
    network: policy.network,
    readOnlyRoot: policy.read_only_root,
    dropCapabilities: ['ALL'],
    noNewPrivileges: policy.no_new_privileges,
    seccomp: input.seccompText,
    runtime: policy.runtime,
    pids: policy.pids,
    memoryBytes: policy.memory_mb * MEGABYTE,
    cpus: policy.cpus,
    openFiles: policy.open_files,
    shmBytes: policy.shm_mb * MEGABYTE,
    tmpfs: policy.tmpfs.map(({ path, size_mb, exec }) => ({ path, sizeBytes: size_mb * MEGABYTE, exec })),
    mounts,
    stdin: input.stdin,
    wallClockMs: policy.wall_clock_s * 1000,
    graceMs: policy.grace_s * 1000,
    lineBytes: policy.output.line_kb * 1024,
    outputBytes: policy.output.total_mb * MEGABYTE,
  };
}

/** The labels that everything made for one container carries. */
export function runLabels(made: Pick<CompileInput, 'run' | 'stage' | 'kind' | 'attempt' | 'seq'>): Record<string, string> {
  return {
    'factory.run': made.run,
    'factory.stage': made.stage,
    'factory.kind': made.kind,
    'factory.attempt': String(made.attempt),
    'factory.seq': String(made.seq),
  };
}

function compileMounts({ kind, policy, volumes, testsFolder }: CompileInput): ContainerSpec['mounts'] {
  const named = policy.mounts.filter((mount) => !(mount.at_tests && testsFolder === null));
  for (const [volume, bound] of Object.entries(volumes)) {
    if (bound !== undefined && !named.some((mount) => mount.volume === volume)) {
      throw new Failure('bug', `the policy of ${kind} names no mount for the volume ${volume}`);
    }
  }
  return named.map((mount) => {
    const volume = volumes[mount.volume];
    if (volume === undefined) throw new Failure('bug', `${kind} mounts ${mount.volume} at ${mount.path}, but no volume is bound to it`);
    const path = mount.at_tests && testsFolder !== null ? `${mount.path}/${checkedFolder(testsFolder)}` : mount.path;
    return { volume, path, write: mount.write };
  });
}

function checkedRun(run: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(run)) throw new Failure('bug', `the run's name ${JSON.stringify(run)} cannot name a container`);
  return run;
}

/** A mount path is handed to the engine as it is: `..` in it would mount over something else. */
function checkedFolder(folder: string): string {
  const segments = folder.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new Failure('bug', `the test folder ${JSON.stringify(folder)} is not a plain relative path`);
  }
  return folder;
}
