import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runResultSchema } from '../domain/run.ts';

/** How often this request was run on this base before, replays apart: none makes a run the first try. */
export function earlierTries(runsFolder: string, request: string, baseTree: string): number {
  if (!existsSync(runsFolder)) return 0;
  return readdirSync(runsFolder).filter((run) => {
    const folder = join(runsFolder, run);
    const result = readResult(join(folder, 'result.json'));
    if (result === null || result.base_tree !== baseTree || result.replayed !== null) return false;
    return existsSync(join(folder, 'request.txt')) && readFileSync(join(folder, 'request.txt'), 'utf8') === request;
  }).length;
}

/** A run's result.json; null where there is none that is one. */
export function readResult(path: string) {
  if (!existsSync(path)) return null;
  try {
    const parsed = runResultSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
