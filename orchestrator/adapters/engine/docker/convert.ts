import type Dockerode from 'dockerode';
import type { ContainerSpec, VolumeSpec } from '../../../domain/container.ts';

/**
 * The engine's create request for a container. Pure; the one place where the meaning of a `ContainerSpec` becomes an engine's settings.
 * All that decides the jail is said outright, defaults too, so that a snapshot shows it and a changed default of an engine cannot open it.
 */
export function toCreateOptions(spec: ContainerSpec): Dockerode.ContainerCreateOptions {
  const [program, ...args] = spec.command;
  return {
    name: spec.name,
    Image: spec.image,
    // As the entrypoint, so that nothing an image says is put before or behind it.
    ...(program === undefined ? {} : { Entrypoint: [program], Cmd: args }),
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: spec.workdir,
    User: spec.user,
    Labels: { ...spec.labels },
    // The same in every container: a host's name tells nothing, and a prompt that quotes it stays deterministic.
    Hostname: 'factory',
    NetworkDisabled: true,
    Tty: false,
    AttachStdin: spec.stdin,
    OpenStdin: spec.stdin,
    StdinOnce: spec.stdin,
    AttachStdout: true,
    AttachStderr: true,
    Healthcheck: { Test: ['NONE'] },
    StopTimeout: Math.ceil(spec.graceMs / 1000),
    HostConfig: toHostConfig(spec),
  };
}

function toHostConfig(spec: ContainerSpec): Dockerode.HostConfig {
  return {
    NetworkMode: spec.network,
    IpcMode: 'private',
    Privileged: false,
    ReadonlyRootfs: spec.readOnlyRoot,
    CapDrop: [...spec.dropCapabilities],
    SecurityOpt: [...(spec.noNewPrivileges ? ['no-new-privileges'] : []), `seccomp=${spec.seccomp}`],
    ...(spec.runtime === null ? {} : { Runtime: spec.runtime }),
    PidsLimit: spec.pids,
    Memory: spec.memoryBytes,
    MemorySwap: spec.memoryBytes,
    NanoCpus: Math.round(spec.cpus * 1e9),
    Ulimits: [
      { Name: 'nofile', Soft: spec.openFiles, Hard: spec.openFiles },
      { Name: 'core', Soft: 0, Hard: 0 },
    ],
    ShmSize: spec.shmBytes,
    Tmpfs: Object.fromEntries(spec.tmpfs.map((tmpfs) => [tmpfs.path, tmpfsOptions(tmpfs)])),
    Mounts: outerFirst(spec.mounts).map(toMount),
    // Reaps orphans and passes signals on, so that a stop is quick also where the program ignores being pid 1.
    Init: true,
    // Removed by hand: an engine that removes by itself takes the knowledge of an out-of-memory kill with it.
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    // The attached stream is the log; the engine's own would copy all that is printed to its disk.
    LogConfig: { Type: 'none', Config: {} },
  };
}

function tmpfsOptions({ sizeBytes, exec }: ContainerSpec['tmpfs'][number]): string {
  return ['rw', 'nosuid', 'nodev', ...(exec ? ['exec'] : ['noexec']), 'mode=1777', `size=${sizeBytes}`].join(',');
}

/** A nested mount comes after the one it lies in; otherwise the outer one would hide it. */
function outerFirst(mounts: ContainerSpec['mounts']): ContainerSpec['mounts'] {
  const depth = (path: string) => path.split('/').filter(Boolean).length;
  return mounts.toSorted((a, b) => depth(a.path) - depth(b.path));
}

function toMount({ volume, path, write }: ContainerSpec['mounts'][number]): Dockerode.MountSettings {
  return {
    Type: 'volume',
    Source: volume,
    Target: path,
    ReadOnly: !write,
    // Nothing of the image's own folder may be copied into the volume.
    VolumeOptions: { NoCopy: true } as NonNullable<Dockerode.MountSettings['VolumeOptions']>,
  };
}

/** The engine's create request for a volume: a tmpfs, since a plain one has no quota. Gone as soon as no container mounts it. */
export function toVolumeOptions(spec: VolumeSpec): Dockerode.VolumeCreateOptions {
  return {
    Name: spec.name,
    Driver: 'local',
    DriverOpts: {
      type: 'tmpfs',
      device: 'tmpfs',
      o: `size=${spec.sizeBytes},nr_inodes=${spec.files},uid=${spec.uid},gid=${spec.gid},mode=0755,nosuid,nodev`,
    },
    Labels: { ...spec.labels },
  };
}
