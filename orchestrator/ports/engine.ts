import type { ArchiveCaps, ArchiveEntry } from '../domain/archive.ts';
import type { ContainerSpec, VolumeSpec } from '../domain/container.ts';
import type { Json } from '../domain/json.ts';

/** How a container ended, as the engine tells it. */
export interface Exit {
  readonly code: number;
  readonly oomKilled: boolean;
  /** Set when the host ended it: its wall clock or its output cap was passed, or `kill` was called. */
  readonly killedFor: 'wall_clock' | 'output' | 'request' | null;
}

/**
 * A started container. Duties: `stdout` and `stderr` yield all bytes that were printed before the exit and then end, also when nobody
 * has read them yet; past `outputBytes` in total the container is killed and both end. `exit` settles exactly once and never rejects
 * for a container that merely failed. `remove` may be called at any time, more than once, and leaves nothing behind.
 */
export interface RunningContainer {
  readonly id: string;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  readonly exit: Promise<Exit>;
  /** Write to stdin; resolves when the engine took it. Writing to an ended container is ignored. */
  write(text: string): Promise<void>;
  closeInput(): void;
  kill(): Promise<void>;
  remove(): Promise<void>;
}

export interface EngineInfo {
  readonly kind: string;
  readonly version: string;
  /** `amd64`, `arm64`. */
  readonly architecture: string;
  readonly runtimes: readonly string[];
  /** Where it was found, for a person: `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** What else it tells about itself; an adapter leaves out what its engine does not say. */
  readonly about?: EngineAbout;
}

export interface EngineAbout {
  /** Used where a policy names none. */
  readonly defaultRuntime?: string;
  /** Whether it can apply a seccomp profile. */
  readonly seccomp?: boolean;
  readonly rootless?: boolean;
  /** `1` or `2`. */
  readonly cgroupVersion?: string;
  /** Limits of a policy that this engine cannot enforce: `memory`, `pids`, `cpu`, `swap`. */
  readonly unenforced?: readonly string[];
  readonly storageDriver?: string;
  /** Folder on the engine's machine that holds images and volumes. */
  readonly storageFolder?: string;
  readonly hostname?: string;
  readonly cpus?: number;
  readonly memoryBytes?: number;
}

/** Labels that something must carry; null: whatever the value. */
export type LabelFilter = Readonly<Record<string, string | null>>;

/** What the line asks of a container engine. Errors are `Failure`s: engine_unreachable, engine_lost, engine_failed. */
export interface Engine {
  info(): Promise<EngineInfo>;
  /** The create request exactly as `start` would send it; pure. */
  describe(spec: ContainerSpec): Json;
  createVolume(spec: VolumeSpec): Promise<void>;
  /** Removing what is not there is no error. */
  removeVolume(name: string): Promise<void>;
  /** Create, attach and start. Nothing of a failed start is left behind. */
  start(spec: ContainerSpec): Promise<RunningContainer>;
  /** Unpack entries into a folder of a *running* container (tmpfs-backed volumes live only then). */
  upload(containerId: string, path: string, entries: Iterable<ArchiveEntry>): Promise<void>;
  /**
   * What lies in a folder of a running container, paths relative to that folder, unjudged (symlinks, devices and odd names included: see
   * `entriesToTree`). Throws `export_too_large` before it buffers more than the caps, `export_truncated` when the archive's end is missing.
   */
  download(containerId: string, path: string, caps: ArchiveCaps): AsyncIterable<ArchiveEntry>;
  /** Remove every container and volume that carries all these labels; returns how many there were. */
  sweep(labels: LabelFilter): Promise<number>;
  /** Names of the containers and volumes that carry all these labels. */
  list(labels: LabelFilter): Promise<string[]>;
}
