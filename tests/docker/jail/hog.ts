import type { ContainerSpec } from '../../../orchestrator/domain/container.ts';
import type { Engine } from '../../../orchestrator/ports/engine.ts';
import { type Bench, type Cell, type Ended, program, runToEnd } from './bench.ts';

const MEGABYTE = 1024 * 1024;

type From<T> = (spec: ContainerSpec, cell: Cell) => T;

/** Run hog.py, which takes more than it may, in a container of this cell. */
export async function hog(
  bench: Bench,
  engine: Engine,
  cell: Cell,
  what: 'forks' | 'memory' | 'disk' | 'stay' | 'leave',
  figure: number | From<number>,
  paths: From<Iterable<string>> = () => [],
): Promise<{ readonly spec: ContainerSpec; readonly ended: Ended }> {
  const bare = cell.spec({ command: [], image: bench.images.python });
  const amount = typeof figure === 'number' ? figure : figure(bare, cell);
  const command = ['python3', '-c', program('hog.py'), what, String(amount), ...paths(bare, cell)];
  const spec = { ...bare, command };
  return { spec, ended: await runToEnd(engine, spec) };
}

export const twiceTheMemory: From<number> = ({ memoryBytes }) => (2 * memoryBytes) / MEGABYTE;

/** What goes with the container. A volume stays, and what is written there would be found by the next. */
export const memoryBacked: From<string[]> = ({ tmpfs }) => [...tmpfs.map(({ path }) => path), '/dev/shm'];

export const writablePaths: From<string[]> = (spec, cell) => [...sizes(spec, cell).keys()];

export interface Quota {
  readonly bytes: number;
  readonly files: number | null;
}

/** Where a container can write, and how much. */
export function sizes(spec: ContainerSpec, cell: Cell): ReadonlyMap<string, Quota> {
  const volumes = spec.mounts.filter(({ write }) => write).map(({ path }): [string, Quota] => [path, cell.quota]);
  const tmpfs = spec.tmpfs.map(({ path, sizeBytes }): [string, Quota] => [path, { bytes: sizeBytes, files: null }]);
  return new Map([...volumes, ...tmpfs, ['/dev/shm', { bytes: spec.shmBytes, files: null }]]);
}
