import type Dockerode from 'dockerode';
import { Failure } from '../../../domain/failure.ts';
import { ask, isConflict, isMissing } from './errors.ts';

const TRIES = 50;
const PAUSE_MS = 100;

/** Kill and remove a container with its unnamed volumes. Returns when it is gone, also when it was gone before or another call removes it. */
export async function removeContainer(docker: Dockerode, id: string): Promise<void> {
  await removed(`remove container ${id}`, isRemovalRunning, () => docker.getContainer(id).remove({ force: true, v: true }));
}

/** Remove a volume. One that is not there is no error; one that a container still has is engine_failed. */
export async function removeVolume(docker: Dockerode, name: string): Promise<void> {
  await removed(
    `remove volume ${name}`,
    () => false,
    () => docker.getVolume(name).remove(),
  );
}

async function removed(what: string, passing: (error: unknown) => boolean, remove: () => Promise<unknown>): Promise<void> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const outcome = await ask(
      what,
      remove()
        .then(() => 'gone' as const)
        .catch((error: unknown) => {
          if (isMissing(error)) return 'gone' as const;
          if (passing(error)) return 'busy' as const;
          throw error;
        }),
    );
    if (outcome === 'gone') return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Failure('engine_failed', `${what}: still being removed after ${(TRIES * PAUSE_MS) / 1000} s`);
}

function isRemovalRunning(error: unknown): boolean {
  return isConflict(error) && error instanceof Error && /already in progress/.test(error.message);
}
