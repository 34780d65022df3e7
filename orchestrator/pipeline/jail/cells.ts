import { randomBytes } from 'node:crypto';
import type { ContainerSpec, VolumeSpec } from '../../domain/container.ts';
import type { Policies, PolicyMount } from '../../domain/policy.ts';
import type { ContainerKind } from '../../domain/stage.ts';
import { textFile } from '../../domain/tree.ts';
import { compileContainer } from '../compile.ts';
import type { ContainersOptions } from '../containers.ts';
import type { Volume, Workspace } from '../workspace.ts';
import { mayNotWrite, mayWrite } from './floor.ts';
import { triesOf } from './tries.ts';
import type { Try } from './try.ts';

/** A container of a kind as a probe needs it: with volumes that nobody else uses. */
export interface Cell {
  readonly kind: ContainerKind;
  readonly spec: ContainerSpec;
  readonly tries: readonly Try[];
}

export interface CellsOptions {
  readonly workspace: Workspace;
  readonly nextSeq: () => number;
  readonly policies: Policies;
  readonly seccomp: string;
  readonly images: Readonly<Record<ContainerKind, Pick<ContainersOptions['images'][ContainerKind], 'reference'>>>;
  readonly run: string;
  readonly testsFolder: string | null;
  /** The probe itself: images/probe/probe.pl. */
  readonly program: string;
  /** Lies in the environment and on the disk of the host for as long as the probes run. */
  readonly sentinel: string;
}

export interface Cells {
  cell(kind: ContainerKind): Promise<Cell>;
}

/** What a container is asked to be beyond its policy, by kind: as the stages, the toolbox and the workspace ask for it. */
const ASKED: Readonly<Record<ContainerKind, { readonly stdin: boolean; readonly workdir?: string }>> = {
  plan: { stdin: true },
  scout: { stdin: true },
  build: { stdin: true },
  'test-writing': { stdin: true },
  review: { stdin: true },
  validate: { stdin: false, workdir: '/w/tree' },
  format: { stdin: false, workdir: '/w/tree' },
  'test-running': { stdin: false },
  card: { stdin: false },
  holder: { stdin: false, workdir: '/' },
};

/** Whose policy says how large a volume is, where that is not the kind's own: as in the toolbox. */
const SIZED_BY: Readonly<Partial<Record<PolicyMount['volume'], ContainerKind>>> = { tree: 'validate', out: 'test-running' };

const MEGABYTE = 1024 * 1024;
/** A probe that takes longer hangs. */
const WALL_CLOCK_MS = 120_000;
const OUTPUT_BYTES = 256 * 1024;

/**
 * The cells of a run. Volumes of one size serve all kinds that mount such a one at the same depth, one after the other: a probe takes
 * back what it wrote, and one that could do more has found a hole.
 */
export function openCells(options: CellsOptions): Cells {
  const { workspace, policies } = options;
  const marker = `marker-${randomBytes(12).toString('hex')}`;
  const volumes = new Map<string, Promise<Volume>>();

  /** The n-th mount of a container gets another volume than those before it. */
  function volume(kind: ContainerKind, mount: PolicyMount, n: number): Promise<Volume> {
    const sizeFrom = SIZED_BY[mount.volume] ?? kind;
    const { size_mb, files } = policies[sizeFrom].volume;
    const key = `${n} ${size_mb} ${files} ${policies[sizeFrom].user}`;
    const made = volumes.get(key) ?? workspace.volume({ ...filled(options.testsFolder, marker), purpose: 'probe', sizeFrom });
    volumes.set(key, made);
    return made;
  }

  async function cell(kind: ContainerKind): Promise<Cell> {
    const policy = policies[kind];
    const { testsFolder } = options;
    const named = await Promise.all(policy.mounts.map(async (mount, n) => [mount.volume, (await volume(kind, mount, n)).name] as const));
    const spec = probeSpec(options, kind, Object.fromEntries(named), options.nextSeq());
    const allowed = mayWrite(kind, testsFolder);
    const mounts = spec.mounts.map(({ path, write }, n) => {
      const { size_mb, files } = policies[SIZED_BY[policy.mounts[n]?.volume ?? 'held'] ?? kind].volume;
      return { path, write: write && allowed.includes(path), bytes: size_mb * MEGABYTE, files };
    });
    const nested = mounts.find(({ path }) => mounts.some((outer) => path.startsWith(`${outer.path}/`)))?.path ?? null;
    const apart = mayNotWrite(kind, testsFolder);
    const tries = triesOf({ policy, mounts, apart, nested, sentinel: options.sentinel, marker });
    const command = ['/usr/bin/perl', '-e', options.program, marker, ...tries.map(({ words }) => words.join('\t'))];
    return { kind, tries, spec: { ...spec, command, wallClockMs: WALL_CLOCK_MS, outputBytes: OUTPUT_BYTES } };
  }

  return { cell };
}

type SpecOptions = Pick<CellsOptions, 'policies' | 'seccomp' | 'images' | 'run' | 'testsFolder'>;

/** A container of this kind that is to run a probe; the command is still missing. */
function probeSpec(options: SpecOptions, kind: ContainerKind, volumes: Record<string, string>, seq: number): ContainerSpec {
  const { policies, images, seccomp, run, testsFolder } = options;
  const spec = compileContainer({
    ...ASKED[kind],
    kind,
    policy: policies[kind],
    seccompText: seccomp,
    image: images[kind].reference,
    command: [],
    volumes,
    testsFolder,
    run,
    seq,
    attempt: 1,
    stage: 'probe',
  });
  return { ...spec, name: `${spec.name}-probe` };
}

/** The container that a probe of this kind is, with names of volumes that nobody made. */
export function expectedSpec(options: SpecOptions, kind: ContainerKind): ContainerSpec {
  const names = options.policies[kind].mounts.map(({ volume }) => [volume, volume]);
  return probeSpec(options, kind, Object.fromEntries(names), 0);
}

/** What the volumes of a kind are, by mount path; null for a holder, which keeps volumes of every size. */
export function expectedVolumes(
  options: SpecOptions,
  kind: ContainerKind,
): ReadonlyMap<string, Pick<VolumeSpec, 'sizeBytes' | 'files'>> | null {
  if (kind === 'holder') return null;
  const { mounts } = expectedSpec(options, kind);
  return new Map(
    mounts.map(({ path, volume }) => {
      const { size_mb, files } = options.policies[SIZED_BY[volume as PolicyMount['volume']] ?? kind].volume;
      return [path, { sizeBytes: size_mb * MEGABYTE, files }];
    }),
  );
}

function filled(testsFolder: string | null, marker: string) {
  const file = textFile(`${marker}\n`);
  return {
    tree: new Map([['marker.txt', file], ...(testsFolder === null ? [] : [[`${testsFolder}/marker.txt`, file] as const])]),
    folders: ['tree', 'gate'],
  };
}
