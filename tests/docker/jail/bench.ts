import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import { connect } from '../../../orchestrator/adapters/engine/docker/connect.ts';
import { dockerEngine } from '../../../orchestrator/adapters/engine/docker/docker.ts';
import { loadPolicies } from '../../../orchestrator/cli/policies.ts';
import type { ContainerSpec } from '../../../orchestrator/domain/container.ts';
import type { ContainerKind } from '../../../orchestrator/domain/stage.ts';
import { type FileTree, textFile } from '../../../orchestrator/domain/tree.ts';
import { compileContainer } from '../../../orchestrator/pipeline/compile.ts';
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
  /** A marker that lies in every tree of the bench. */
  readonly control: string;
  readonly images: { readonly python: string; of(kind: ContainerKind): Promise<string> };
  /** An engine whose create requests are changed on their way. */
  mutated(change: (request: Request) => void): Engine;
  /** The volumes of a kind, made once. */
  cell(kind: ContainerKind): Promise<Cell>;
  close(): Promise<void>;
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
  const control = `control-${randomBytes(8).toString('hex')}`;
  const trees = treesWith(control);
  let seq = 0;
  const nextSeq = () => {
    seq += 1;
    return seq;
  };
  const workspace = openWorkspace({ engine, holderImage: await imageFor('holder'), policies, seccomp, run, nextSeq });
  const cells = new Map<ContainerKind, Promise<Cell>>();

  async function makeCell(kind: ContainerKind): Promise<Cell> {
    const volumes = await makeVolumes(workspace, kind, policies[kind].mounts, trees);
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

  return {
    engine,
    docker,
    run,
    control,
    images: { python: await imageFor('test-running'), of: imageFor },
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

/** What the probes are told. Needles go in reversed, so that they do not find their own argument. */
export function probeArgument(spec: ContainerSpec, sentinel: string, control: string | null): string {
  const reverse = (needle: string) => [...needle].reverse().join('');
  const nested = spec.mounts.find(({ path }) => path.endsWith(`/${TESTS}`))?.path ?? null;
  return JSON.stringify({
    mounts: spec.mounts.map(({ path, write }) => ({ path, write })),
    tmpfs: spec.tmpfs.map(({ path }) => path),
    nested,
    sentinel: reverse(sentinel),
    control: control === null || spec.mounts.length === 0 ? null : reverse(control),
  });
}

export function program(name: 'probe.py' | 'probe.mjs' | 'hog.py' | 'honest.py'): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

function treesWith(control: string): { source: FileTree; tests: FileTree } {
  return {
    source: new Map([
      ['README.md', textFile(`${control}\n`)],
      ['app/main.py', textFile('answer = 42\n')],
    ]),
    tests: new Map([['test_main.py', textFile(`"""${control}"""\n`)]]),
  };
}

async function makeVolumes(
  workspace: Workspace,
  kind: ContainerKind,
  mounts: readonly { readonly volume: string }[],
  trees: { source: FileTree; tests: FileTree },
): Promise<Cell['volumes']> {
  const made = mounts.map(async ({ volume: name }) => {
    const tree: FileTree = name === 'tests' ? trees.tests : name === 'out' ? new Map() : trees.source;
    const folders = name === 'base' || name === 'work' ? [TESTS] : [];
    const volume = await workspace.volume({ purpose: name, tree, folders, sizeFrom: kind });
    return [name, { volume, tree }] as const;
  });
  return new Map(await Promise.all(made));
}

function withRequests(docker: Dockerode, change: (request: Request) => void): Dockerode {
  const changed = Object.create(docker) as Dockerode;
  changed.createContainer = ((request: Request) => {
    change(request);
    return docker.createContainer(request);
  }) as Dockerode['createContainer'];
  return changed;
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
