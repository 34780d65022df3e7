import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';

const PROVE = 'orchestrator/pipeline/jail/prove.js';
/** The one line of the compiled program that goes through what is to be probed. */
export const EACH = 'for (const kind of CONTAINER_KINDS)';

/**
 * A copy of the built program that probes nothing, in `folder`: the only way to see what the probes cost, since no setting switches them off.
 * Gives the copy's main file.
 */
export function withoutProbes(root: string, folder: string): string {
  mkdirSync(folder);
  for (const name of readdirSync(root)) if (name !== 'build') symlinkSync(join(root, name), join(folder, name));
  cpSync(join(root, 'build'), join(folder, 'build'), { recursive: true });
  const path = join(folder, 'build', PROVE);
  const text = readFileSync(path, 'utf8');
  if (text.split(EACH).length !== 2) throw new Failure('bug', `build/${PROVE} does not have the line that the bench takes out`);
  writeFileSync(path, text.replace(EACH, 'for (const kind of [])'));
  return join(folder, 'build/orchestrator/cli/main.js');
}
