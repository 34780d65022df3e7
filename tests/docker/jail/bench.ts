import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import { connect } from '../../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../../orchestrator/adapters/engine/docker/docker.ts';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import type { ContainerSpec } from '../../../orchestrator/domain/container.ts';
import type { Policies } from '../../../orchestrator/domain/policy.ts';
import { CONTAINER_KINDS, type ContainerKind } from '../../../orchestrator/domain/stage.ts';
import { diffTrees, type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';
import { compileContainer } from '../../../orchestrator/pipeline/compile.ts';
import { type CellsOptions, openCells } from '../../../orchestrator/pipeline/jail/cells.ts';
import { type Outcome, runProbe } from '../../../orchestrator/pipeline/jail/probe.ts';
import { openWorkspace, type Volume, type Workspace } from '../../../orchestrator/pipeline/workspace.ts';
import type { Engine, Exit } from '../../../orchestrator/ports/engine.ts';
import { imageFor } from '../stage-images.ts';

/** A create request, open for a change. */
export type Request = Omit<Dockerode.ContainerCreateOptions, 'HostConfig'> & { HostConfig: Dockerode.HostConfig };

export interface Cell {
  readonly kind: ContainerKind;
  /** What a volume of the kind may hold. */
  readonly quota: { readonly bytes: number; readonly files: number };
  /** What each volume of the kind was made from. */
  readonly volumes: ReadonlyMap<string, { readonly volume: Volume; readonly tree: FileTree }>;
  spec(options: { command: readonly string[]; image: string; wallClockMs?: number }): ContainerSpec;
}

export interface Bench {
  readonly engine: Engine;
  readonly docker: Dockerode;
  readonly run: string;
  readonly images: { readonly python: string };
  readonly policies: Policies;
  readonly seccomp: string;
  /** An engine whose create requests are changed on their way. */
  mutated(change: (request: Request) => void): Engine;
  /** The volumes of a kind, made once. */
  cell(kind: ContainerKind): Promise<Cell>;
  /** Run the probe of a kind, as a run of the line does, in volumes of its own; `changed` are the paths that differ in them afterwards. */
  probe(kind: ContainerKind, changes?: ProbeChanges): Promise<Outcome & { readonly changed: readonly string[] }>;
  close(): Promise<void>;
}

export interface ProbeChanges extends Partial<Pick<CellsOptions, 'policies' | 'seccomp' | 'sentinel' | 'program'>> {
  /** The engine that starts the probe. */
  readonly engine?: Engine;
  /** The engine that makes its volumes. */
  readonly volumes?: Engine;
}

export interface Ended {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

const TESTS = 'tests';

/** Everything the jail's tests need of the real engine. */
export async function openBench(): Promise<Bench> {
  const { docker, endpoint } = await connect({ env: process.env });
  const engine = dockerEngine(docker, endpoint);
  const { policies, seccomp } = loadPolicies(join(import.meta.dirname, '../../../policies'));
  const run = `jail-${randomBytes(4).toString('hex')}`;
  let seq = 0;
  const nextSeq = () => {
    seq += 1;
    return seq;
  };
  const entries = await Promise.all(CONTAINER_KINDS.map(async (kind) => [kind, { reference: await imageFor(kind) }] as const));
  const images = Object.fromEntries(entries) as CellsOptions['images'];
  const common = { policies, seccomp, run, nextSeq, holderImage: images.holder.reference };
  const workspace = openWorkspace({ ...common, engine });
  const cells = new Map<ContainerKind, Promise<Cell>>();

  async function makeCell(kind: ContainerKind): Promise<Cell> {
    const volumes = await makeVolumes(workspace, kind, policies[kind].mounts);
    const bound = Object.fromEntries([...volumes].map(([name, { volume }]) => [name, volume.name]));
    return {
      kind,
      quota: { bytes: policies[kind].volume.size_mb * 1024 * 1024, files: policies[kind].volume.files },
      volumes,
      spec: ({ command, image, wallClockMs }) => ({
        ...compileContainer({
          ...{ kind, policy: policies[kind], seccompText: seccomp, image, command, volumes: bound, testsFolder: TESTS },
          ...{ run, seq: nextSeq(), attempt: 1, stage: 'jail', stdin: false, workdir: '/' },
        }),
        ...(wallClockMs === undefined ? {} : { wallClockMs }),
      }),
    };
  }

  async function probe(kind: ContainerKind, { engine: starts = engine, volumes = engine, ...changes }: ProbeChanges = {}) {
    const made: { volume: Volume; tree: FileTree }[] = [];
    const own = openWorkspace({ ...common, engine: volumes });
    const noting: Workspace = {
      ...own,
      async volume(request) {
        const volume = await own.volume(request);
        made.push({ volume, tree: request.tree ?? new Map() });
        return volume;
      },
    };
    const asked = { sentinel: `sk-sentinel-${run}`, program: program('probe.pl'), testsFolder: TESTS, ...common, ...changes };
    try {
      const outcome = await runProbe(starts, await openCells({ ...asked, images, workspace: noting }).cell(kind), NEVER);
      const left = await Promise.all(made.map(async ({ volume, tree }) => diffTrees(tree, await volume.export({ base: tree }))));
      return { ...outcome, changed: left.flatMap((changes) => changes.map(({ path }) => path)) };
    } finally {
      await own.dispose();
    }
  }

  return {
    engine,
    docker,
    run,
    images: { python: images['test-running'].reference },
    policies,
    seccomp,
    probe,
    mutated: (change) => dockerEngine(withRequests(docker, change), endpoint),
    cell(kind) {
      const made = cells.get(kind) ?? makeCell(kind);
      cells.set(kind, made);
      return made;
    },
    async close() {
      await workspace.dispose();
      await engine.sweep({ 'factory.run': run });
    },
  };
}

/** Run a container to its end and take all it printed. */
export async function runToEnd(engine: Engine, spec: ContainerSpec): Promise<Ended> {
  const started = Date.now();
  const container = await engine.start(spec);
  try {
    const [stdout, stderr, exit] = await Promise.all([text(container.stdout), text(container.stderr), container.exit]);
    return { exit, stdout, stderr, ms: Date.now() - started };
  } finally {
    await container.remove();
  }
}

/** The last line that was printed, as JSON. */
export function lastJson<T>({ stdout, stderr, exit }: Ended): T {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as T;
  } catch (error) {
    throw new Error(`no JSON came out (exit ${JSON.stringify(exit)}): ${stdout.slice(-500)} ${stderr.slice(-2000)}`, { cause: error });
  }
}

export function program(name: 'probe.pl' | 'hog.py' | 'honest.py'): string {
  return readFileSync(join(import.meta.dirname, name === 'probe.pl' ? '../../../images/probe' : '.', name), 'utf8');
}

const NEVER = new AbortController().signal;
const SOURCE: FileTree = new Map([['app/main.py', textFile('answer = 42\n')]]);
const TESTS_TREE: FileTree = new Map([['test_main.py', textFile('"""Tests."""\n')]]);

async function makeVolumes(
  workspace: Workspace,
  kind: ContainerKind,
  mounts: readonly { readonly volume: string }[],
): Promise<Cell['volumes']> {
  const made = mounts.map(async ({ volume: name }) => {
    const tree: FileTree = name === 'tests' ? TESTS_TREE : name === 'out' ? new Map() : SOURCE;
    const folders = name === 'base' || name === 'work' ? [TESTS] : [];
    const volume = await workspace.volume({ purpose: name, tree, folders, sizeFrom: kind });
    return [name, { volume, tree }] as const;
  });
  return new Map(await Promise.all(made));
}

function withRequests(docker: Dockerode, change: (request: Request) => void): Dockerode {
  const changed = Object.create(docker) as Dockerode;
  changed.createContainer = ((options: Dockerode.ContainerCreateOptions & { readonly _body?: Request }) => {
    // Where the adapter says otherwise what it asks for, no change would reach the engine.
    if (options._body === undefined) throw new Error('the create request is not where it was: the test proves nothing');
    change(options._body);
    return docker.createContainer(options);
  }) as Dockerode['createContainer'];
  return changed;
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
