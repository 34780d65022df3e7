import type { ContainerKind } from './stage.ts';

/**
 * What a container will be, as a plain value: compiled from a policy before anything starts, printed, snapshot-tested, and translated
 * for an engine by that engine's adapter alone.
 */
export interface ContainerSpec {
  readonly name: string;
  readonly kind: ContainerKind;
  /** Image reference by content hash. */
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: 'none';
  readonly readOnlyRoot: boolean;
  readonly dropCapabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  /** The seccomp profile itself, as JSON text. */
  readonly seccomp: string;
  readonly runtime: string | null;
  readonly pids: number;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly openFiles: number;
  readonly shmBytes: number;
  readonly tmpfs: readonly { readonly path: string; readonly sizeBytes: number; readonly exec: boolean }[];
  readonly mounts: readonly { readonly volume: string; readonly path: string; readonly write: boolean }[];
  /** Whether stdin is attached: agents talk over it, tools get none. */
  readonly stdin: boolean;
  readonly wallClockMs: number;
  readonly graceMs: number;
  readonly lineBytes: number;
  readonly outputBytes: number;
}

/** A tmpfs-backed volume with a quota; empty again as soon as no container mounts it. */
export interface VolumeSpec {
  readonly name: string;
  readonly sizeBytes: number;
  readonly files: number;
  readonly uid: number;
  readonly gid: number;
  readonly labels: Readonly<Record<string, string>>;
}
