import type { ArchiveEntry } from '../../../domain/archive.ts';
import type { ContainerSpec, VolumeSpec } from '../../../domain/container.ts';
import { Failure } from '../../../domain/failure.ts';
import type { Json } from '../../../domain/json.ts';
import type { Engine, EngineInfo, LabelFilter } from '../../../ports/engine.ts';
import { type Behaviour, type FakeContainer, runContainer } from './container.ts';
import { type ContainerFiles, mountFiles } from './files.ts';
import { createStore, FileError, type Store } from './store.ts';

export type { Behaviour } from './container.ts';

/** One thing that was asked of the engine, in order. `name` is the volume's or the container's, or '' where it is neither. */
export interface JournalEntry {
  readonly call:
    | 'createVolume'
    | 'removeVolume'
    | 'start'
    | 'write'
    | 'closeInput'
    | 'kill'
    | 'remove'
    | 'upload'
    | 'download'
    | 'sweep'
    | 'list';
  readonly name: string;
  /** The spec of a start; what was written; the path and the paths of an upload … */
  readonly what?: unknown;
}

export interface FakeEngineOptions {
  /** What a container does, chosen by its spec (kind, command, image …). null or left out: it sleeps until it is ended, as a holder does. */
  readonly behave?: (spec: ContainerSpec) => Behaviour | null;
  /** Asked before each such call; what it returns is thrown. A failing `start` leaves nothing behind. */
  readonly failOn?: {
    readonly createVolume?: (spec: VolumeSpec) => Failure | null;
    readonly start?: (spec: ContainerSpec) => Failure | null;
    readonly upload?: (path: string, container: ContainerSpec) => Failure | null;
    readonly download?: (path: string, container: ContainerSpec) => Failure | null;
    readonly removeVolume?: (name: string) => Failure | null;
    /** True: the engine goes away as soon as this container has started. */
    readonly lost?: (spec: ContainerSpec) => boolean;
  };
  readonly info?: Partial<EngineInfo>;
}

export interface FakeEngine extends Engine {
  readonly journal: readonly JournalEntry[];
  /** Names of the containers and volumes that exist now; empty when nothing was left behind. */
  left(): string[];
  /** Names of the containers that run now. */
  running(): string[];
  /** What a running container, by its name, sees: to look at volumes from a test. */
  files(containerName: string): ContainerFiles;
  /** The engine goes away: what runs ends with engine_lost, and so does every call until `comeBack`. */
  lose(): void;
  /** It answers again. What ran has stopped, so volumes are empty, but containers and volumes are there until they are removed. */
  comeBack(): void;
}

/**
 * An engine in memory, for tests of whatever stands on `Engine`. It keeps the duties of the port (`tests/contract/engine.ts` holds it to
 * them beside the real one): volumes have quotas and are empty when no running container mounts them, read-only mounts refuse, nested
 * mounts nest, wall clock and output cap kill, a volume in use cannot be removed.
 *
 *     const engine = fakeEngine({
 *       behave: (spec) =>
 *         spec.kind === 'validate'
 *           ? async (_, io) => {
 *               io.print(io.files.readText('/w/app/main.py') ?? '');
 *               io.files.write('/out/ruff.json', '[]');
 *               return 0; // or { code: 137, oomKilled: true }
 *             }
 *           : null, // sleeps until it is ended
 *     });
 *
 * An agent reads `for await (const line of io.lines)` and answers with `io.print('{…}\n')`. At the end of a test:
 * `expect(engine.left()).toEqual([])`; what was asked meanwhile stands in `engine.journal`.
 */
export function fakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const journal: JournalEntry[] = [];
  const volumes = new Map<string, { readonly spec: VolumeSpec; readonly store: Store }>();
  const containers = new Map<string, FakeContainer>();
  const failOn = options.failOn ?? {};
  let started = 0;
  let lost = false;

  function note(call: JournalEntry['call'], name: string, what?: unknown): void {
    journal.push(what === undefined ? { call, name } : { call, name, what });
  }

  function reach(failure: Failure | null | undefined): void {
    if (lost) throw gone();
    if (failure) throw failure;
  }

  function storeOf(name: string): Store {
    const volume = volumes.get(name);
    if (volume === undefined) throw refused(`no such volume: ${name}`);
    return volume.store;
  }

  /** What a tmpfs-backed volume does when its last holder ends. */
  function emptyUnheld(): void {
    const held = new Set(
      [...containers.values()].filter(({ alive }) => alive()).flatMap(({ spec }) => spec.mounts.map((mount) => mount.volume)),
    );
    for (const [name, { store }] of volumes) if (!held.has(name)) store.clear();
  }

  function mounted(spec: ContainerSpec): ContainerFiles {
    try {
      return refusedAs('start', () => mountFiles(spec, storeOf));
    } catch (error) {
      emptyUnheld();
      throw error;
    }
  }

  function runningOne(id: string): FakeContainer {
    const container = [...containers.values()].find((one) => one.id === id);
    if (container === undefined) throw refused(`no such container: ${id}`);
    if (!container.alive()) throw refused(`container ${container.spec.name} is not running`);
    return container;
  }

  function lose(): void {
    lost = true;
    for (const container of containers.values()) container.lose(gone());
  }

  function dropContainer(name: string): void {
    const container = containers.get(name);
    containers.delete(name);
    void container?.remove();
  }

  function named(labels: LabelFilter): { containers: string[]; volumes: string[] } {
    const carries = (have: Readonly<Record<string, string>>) =>
      Object.entries(labels).every(([key, value]) => key in have && (value === null || have[key] === value));
    return {
      containers: [...containers.values()].filter(({ spec }) => carries(spec.labels)).map(({ spec }) => spec.name),
      volumes: [...volumes.values()].filter(({ spec }) => carries(spec.labels)).map(({ spec }) => spec.name),
    };
  }

  function journaled(container: FakeContainer): FakeContainer {
    const { name } = container.spec;
    return {
      ...container,
      async write(text) {
        note('write', name, text);
        await container.write(text);
      },
      closeInput() {
        note('closeInput', name);
        container.closeInput();
      },
      async kill() {
        note('kill', name);
        await container.kill();
      },
      async remove() {
        note('remove', name);
        reach(null);
        if (containers.get(name)?.id === container.id) dropContainer(name);
      },
    };
  }

  return {
    journal,
    left: () => [...containers.keys(), ...volumes.keys()].sort(),
    running: () => [...containers.values()].filter(({ alive }) => alive()).map(({ spec }) => spec.name),
    files(name) {
      const container = containers.get(name);
      if (container === undefined) throw new Error(`no container ${name}; there are: ${[...containers.keys()].join(', ')}`);
      return container.files;
    },
    lose,
    comeBack() {
      lost = false;
    },

    async info() {
      if (lost) throw new Failure('engine_unreachable', 'the fake engine is lost');
      return { kind: 'fake', version: '1', architecture: 'amd64', runtimes: ['runc'], endpoint: 'memory', ...options.info };
    },
    describe: (spec) => JSON.parse(JSON.stringify(spec)) as Json,
    async createVolume(spec) {
      note('createVolume', spec.name, spec);
      reach(failOn.createVolume?.(spec));
      if (volumes.has(spec.name)) return;
      volumes.set(spec.name, { spec, store: createStore({ bytes: spec.sizeBytes, files: spec.files }) });
    },
    async removeVolume(name) {
      note('removeVolume', name);
      reach(failOn.removeVolume?.(name));
      const user = [...containers.values()].find(({ spec }) => spec.mounts.some((mount) => mount.volume === name));
      if (user !== undefined) throw refused(`volume ${name} is in use by ${user.spec.name}`);
      volumes.delete(name);
    },
    async start(spec) {
      note('start', spec.name, spec);
      reach(failOn.start?.(spec));
      if (containers.has(spec.name)) throw refused(`the name ${spec.name} is in use`);
      started += 1;
      const container = runContainer({
        id: `fake-${started}`,
        spec,
        files: mounted(spec),
        behaviour: options.behave?.(spec) ?? ((_, io) => io.forever()),
        loseEngine: lose,
        onEnd: emptyUnheld,
      });
      containers.set(spec.name, container);
      if (failOn.lost?.(spec)) setImmediate(lose);
      return journaled(container);
    },
    async upload(id, path, entries) {
      const all = [...entries];
      reach(null);
      const container = runningOne(id);
      note('upload', container.spec.name, { path, entries: all.map((entry) => entry.path) });
      reach(failOn.upload?.(path, container.spec));
      if (container.files.entries(path) === null) throw refused(`could not find ${path} in ${container.spec.name}`);
      refusedAs('upload', () => {
        for (const entry of all) container.files.put(`${path}/${entry.path}`.replace(/\/$/, ''), entry);
      });
    },
    async *download(id, path, caps) {
      reach(null);
      const container = runningOne(id);
      note('download', container.spec.name, path);
      reach(failOn.download?.(path, container.spec));
      const entries = container.files.entries(path);
      if (entries === null) throw refused(`could not find ${path} in ${container.spec.name}`);
      yield* capped(entries, caps);
    },
    async sweep(labels) {
      note('sweep', '', labels);
      reach(null);
      if (Object.keys(labels).length === 0) throw new Failure('bug', 'a sweep without labels would remove everything');
      const found = named(labels);
      for (const name of found.containers) dropContainer(name);
      for (const name of found.volumes) volumes.delete(name);
      return found.containers.length + found.volumes.length;
    },
    async list(labels) {
      note('list', '', labels);
      reach(null);
      const found = named(labels);
      return [...found.containers, ...found.volumes].sort();
    },
  };
}

function* capped(entries: readonly ArchiveEntry[], caps: { readonly bytes: number; readonly entries: number }): Iterable<ArchiveEntry> {
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    bytes += entry.content.length;
    if (bytes > caps.bytes) throw new Failure('export_too_large', `more than ${caps.bytes} bytes`);
    if (index >= caps.entries) throw new Failure('export_too_large', `more than ${caps.entries} files and folders`);
    yield entry;
  }
}

function refusedAs<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof FileError ? refused(`${what}: ${error.message}`) : error;
  }
}

function refused(words: string): Failure {
  return new Failure('engine_failed', words);
}

function gone(): Failure {
  return new Failure('engine_lost', 'the fake engine is lost');
}
