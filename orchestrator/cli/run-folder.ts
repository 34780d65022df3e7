import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../domain/failure.ts';
import { own } from './leftovers.ts';
import { newRunId } from './run-id.ts';

/** A new run's name and its folder, marked as this process's. Throws `disk`, with nothing left, where it cannot be made. */
export function openRunFolder(runsFolder: string, request: string): { run: string; folder: string } {
  const run = newRunId(request, runsFolder);
  const folder = join(runsFolder, run);
  try {
    mkdirSync(folder, { recursive: true });
    own(folder);
    return { run, folder };
  } catch (error) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // What could not be made need not be there to remove; the first error tells why.
    }
    throw new Failure('disk', `${folder} could not be made: ${(error as Error).message}`, { cause: error });
  }
}
