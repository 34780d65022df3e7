import { type ArchiveCaps, type ArchiveEntry, entriesToTree, treeToEntries } from '../domain/archive.ts';
import type { ContainerSpec, VolumeSpec } from '../domain/container.ts';
import { Failure } from '../domain/failure.ts';
import type { Policies, Policy } from '../domain/policy.ts';
import type { ContainerKind } from '../domain/stage.ts';
import type { FileTree } from '../domain/tree.ts';
import type { Engine, RunningContainer } from '../ports/engine.ts';
import { compileContainer, runLabels } from './compile.ts';

export interface WorkspaceOptions {
  readonly engine: Engine;
  /** Image of the holder, by content hash. */
  readonly holderImage: string;
  readonly policies: Policies;
  /** The seccomp profile, as JSON text. */
  readonly seccomp: string;
  readonly run: string;
  /** The number of the next container of the run. */
  readonly nextSeq: () => number;
  /** Told of each holder before it starts, and of the volume it is to keep. */
  readonly onContainer?: (spec: ContainerSpec, volume: VolumeSpec) => void;
}

export interface VolumeRequest {
  /** What it is for, `[a-z-]`: becomes part of its name. */
  readonly purpose: string;
  readonly tree?: FileTree;
  /** Folders that must exist also when empty: mount points. */
  readonly folders?: readonly string[];
  /** Whose policy says how large it is. */
  readonly sizeFrom: ContainerKind;
}

export interface VolumeExport {
  /** What was seeded: see `entriesToTree`. */
  readonly base: FileTree;
  /** A folder of the volume, without slashes at its ends; the whole of it when left out. */
  readonly folder?: string;
  /** Less than the volume's own size, where less is enough. */
  readonly caps?: Partial<ArchiveCaps>;
}

/** A volume that lives as long as its own holder. */
export interface Volume {
  readonly name: string;
  /**
   * Take its files out, judged. Errors: those of `entriesToTree` and of `Engine.download`; engine_lost when the holder is gone.
   */
  export(rules: VolumeExport): Promise<FileTree>;
  /**
   * Throws engine_lost when the holder is gone: whoever mounts the volume then sees an empty folder, so what a tool said of it is
   * worth nothing. Ask after each container that had it mounted.
   */
  assertHeld(): void;
  /** Remove holder and volume; may be called again. */
  dispose(): Promise<void>;
}

/** The volumes of a run. Any of them can be made again from the base commit and patches. */
export interface Workspace {
  /** A new volume with this content. Nothing of a failed one is left behind. Errors: resource_disk when the content does not fit. */
  volume(request: VolumeRequest): Promise<Volume>;
  /** Remove all that is left, what is being made included; no volume can be made afterwards. All is tried; then the first error is thrown. May be called again. */
  dispose(): Promise<void>;
}

const MEGABYTE = 1024 * 1024;
const PAGE = 4096;

export function openWorkspace(options: WorkspaceOptions): Workspace {
  const making = new Set<Promise<Volume>>();
  const live = new Set<Volume>();
  let closed = false;
  return {
    async volume(request) {
      if (closed) throw new Failure('bug', `a ${request.purpose} volume was asked of a workspace that is gone`);
      const made = makeVolume(options, request, (gone) => live.delete(gone));
      making.add(made);
      try {
        const volume = await made;
        live.add(volume);
        return volume;
      } finally {
        making.delete(made);
      }
    },
    async dispose() {
      closed = true;
      // One that is being made now would otherwise outlive its workspace.
      await Promise.allSettled(making);
      await allOf([...live].map((volume) => () => volume.dispose()));
    },
  };
}

async function makeVolume(options: WorkspaceOptions, request: VolumeRequest, onGone: (volume: Volume) => void): Promise<Volume> {
  const { engine } = options;
  const seq = options.nextSeq();
  const spec = volumeSpec(options, request, seq);
  const entries = treeToEntries(request.tree ?? new Map(), request.folders ?? []);
  refuseTooLarge(spec, entries, request);
  const holder = holderSpec(options, spec.name, seq);
  options.onContainer?.(holder, spec);
  const held = await startHeld(engine, spec, holder, entries);
  const volume: Volume = {
    name: spec.name,
    assertHeld: held.assertAlive,
    async export({ base, folder, caps }) {
      held.assertAlive();
      const all = { bytes: spec.sizeBytes, entries: spec.files, ...caps };
      const path = folder === undefined ? HELD_AT : `${HELD_AT}/${folder}`;
      const tree = await held.orLost(entriesToTree(engine.download(held.container.id, path, all), { base, caps: all }));
      held.assertAlive();
      return tree;
    },
    async dispose() {
      await remove(engine, held.container, spec.name);
      onGone(volume);
    },
  };
  return volume;
}

const HELD_AT = '/v';

interface Held {
  readonly container: RunningContainer;
  readonly assertAlive: () => void;
  /** The same promise; when it fails because the holder is gone, that is the error. */
  orLost<T>(work: Promise<T>): Promise<T>;
}

async function startHeld(engine: Engine, volume: VolumeSpec, holder: ContainerSpec, entries: readonly ArchiveEntry[]): Promise<Held> {
  let container: RunningContainer | null = null;
  try {
    await engine.createVolume(volume);
    container = await engine.start(holder);
    const held = watch(container, volume.name);
    if (entries.length > 0) await held.orLost(engine.upload(container.id, HELD_AT, entries));
    held.assertAlive();
    return held;
  } catch (error) {
    throw await remove(engine, container, volume.name).then(
      () => error,
      (left: unknown) => withLeftover(error, left, volume.name),
    );
  }
}

/** The first error stays the one to tell; that something is left over is said beside it. */
function withLeftover(error: unknown, left: unknown, volume: string): unknown {
  if (!(error instanceof Failure)) return error;
  return new Failure(error.code, `${error.detail}; ${volume} or its holder could not be removed either`, { cause: left });
}

function watch(container: RunningContainer, volume: string): Held {
  let end: string | null = null;
  const ended = container.exit.then(
    (exit) => {
      end = `exit code ${exit.code}`;
    },
    (error: unknown) => {
      end = String(error);
    },
  );
  const lost = (how: string, cause?: unknown) => new Failure('engine_lost', `the holder of ${volume} is gone (${how})`, { cause });
  return {
    container,
    assertAlive: () => {
      if (end !== null) throw lost(end);
    },
    async orLost(work) {
      try {
        return await work;
      } catch (error) {
        // An engine that just lost the holder may say so a moment after it refused the work.
        if (error instanceof Failure && error.code === 'engine_failed') await Promise.race([ended, pause(200)]);
        if (end !== null) throw lost(end, error);
        throw error;
      }
    },
  };
}

async function remove(engine: Engine, container: RunningContainer | null, volume: string): Promise<void> {
  await allInTurn([async () => container?.remove(), () => engine.removeVolume(volume)]);
}

function volumeSpec({ policies, run }: WorkspaceOptions, { purpose, sizeFrom }: VolumeRequest, seq: number): VolumeSpec {
  if (!/^[a-z][a-z-]{0,30}$/.test(purpose)) throw new Failure('bug', `${JSON.stringify(purpose)} cannot name a volume`);
  const { volume, user } = policies[sizeFrom];
  const [uid, gid] = userIds(user);
  return {
    name: `factory-${run}-${seq}-${purpose}`,
    sizeBytes: volume.size_mb * MEGABYTE,
    files: volume.files,
    uid,
    gid,
    labels: { ...holderLabels(run, seq), 'factory.purpose': purpose },
  };
}

function holderSpec({ policies, seccomp, holderImage, run }: WorkspaceOptions, held: string, seq: number): ContainerSpec {
  return compileContainer({
    kind: 'holder',
    policy: policies.holder,
    seccompText: seccomp,
    image: holderImage,
    command: ['sleep', 'infinity'],
    workdir: '/',
    volumes: { held },
    testsFolder: null,
    run,
    seq,
    attempt: 1,
    stage: 'workspace',
    stdin: false,
  });
}

function holderLabels(run: string, seq: number): Record<string, string> {
  return runLabels({ run, seq, kind: 'holder', attempt: 1, stage: 'workspace' });
}

function userIds(user: Policy['user']): [number, number] {
  const [uid, gid] = user.split(':').map(Number);
  if (uid === undefined || gid === undefined) throw new Failure('bug', `the user ${user} is not uid:gid`);
  return [uid, gid];
}

/** Said before the engine says it less clearly. A tmpfs counts whole pages, and every name as a file. */
function refuseTooLarge(volume: VolumeSpec, entries: readonly ArchiveEntry[], { purpose, sizeFrom }: VolumeRequest): void {
  const bytes = entries.reduce((sum, { content }) => sum + Math.ceil(content.length / PAGE) * PAGE, 0);
  const policy = `policies/${sizeFrom}.yaml`;
  if (bytes > volume.sizeBytes) {
    throw new Failure(
      'resource_disk',
      `the ${purpose} volume needs ${bytes} bytes and ${policy} gives it ${volume.sizeBytes} (volume.size_mb)`,
    );
  }
  if (entries.length + 1 > volume.files) {
    throw new Failure(
      'resource_disk',
      `the ${purpose} volume needs ${entries.length + 1} files and ${policy} gives it ${volume.files} (volume.files)`,
    );
  }
}

/** Do all at once and wait for all; then throw the first error there was. */
async function allOf(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failed = (await Promise.allSettled(works.map((work) => work()))).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Do one after the other, the later ones also when an earlier one fails; then throw the first error there was. */
async function allInTurn(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const work of works) await work().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
