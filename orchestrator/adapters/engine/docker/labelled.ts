import type Dockerode from 'dockerode';
import { Failure } from '../../../domain/failure.ts';
import type { LabelFilter } from '../../../ports/engine.ts';
import { ask } from './errors.ts';
import { removeContainer, removeVolume } from './remove.ts';

interface Found {
  /** Id and name of each. */
  readonly containers: readonly { readonly id: string; readonly name: string }[];
  readonly volumes: readonly string[];
}

/** Remove what carries all the labels, containers first since a volume in use stays. All is tried; then the first error is thrown. */
export async function sweep(docker: Dockerode, labels: LabelFilter): Promise<number> {
  if (Object.keys(labels).length === 0) throw new Failure('bug', 'a sweep without labels would remove everything');
  const found = await find(docker, labels);
  const containers = await Promise.allSettled(found.containers.map(({ id }) => removeContainer(docker, id)));
  const volumes = await Promise.allSettled(found.volumes.map((name) => removeVolume(docker, name)));
  for (const removed of [...containers, ...volumes]) if (removed.status === 'rejected') throw removed.reason;
  return containers.length + volumes.length;
}

export async function list(docker: Dockerode, labels: LabelFilter): Promise<string[]> {
  const { containers, volumes } = await find(docker, labels);
  return [...containers.map(({ name }) => name), ...volumes].sort();
}

async function find(docker: Dockerode, labels: LabelFilter): Promise<Found> {
  const filters = JSON.stringify({ label: Object.entries(labels).map(([key, value]) => (value === null ? key : `${key}=${value}`)) });
  const [containers, volumes] = await Promise.all([
    ask('list containers', docker.listContainers({ all: true, filters })),
    ask('list volumes', docker.listVolumes({ filters })),
  ]);
  return {
    containers: containers.map(({ Id, Names }) => ({ id: Id, name: (Names[0] ?? Id).replace(/^\//, '') })),
    // An engine without volumes says null.
    volumes: (volumes.Volumes ?? []).map(({ Name }) => Name),
  };
}
