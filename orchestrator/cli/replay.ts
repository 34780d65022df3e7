import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../domain/failure.ts';
import { runResultSchema } from '../domain/run.ts';

/** A recorded run: what was asked, on which base, and the replies. */
export interface Recording {
  readonly run: string;
  readonly request: string;
  readonly base: string;
  readonly baseTree: string;
  readonly reworks: number;
  readonly read: (name: string) => string | null;
}

/** Find a recorded run by name; `bundled` is the one that `runs/bundled` names. Throws run_unknown. */
export function openRecording(runsFolder: string, name: string): Recording {
  const run = name === 'bundled' ? readFileSync(join(runsFolder, 'bundled'), 'utf8').trim() : name;
  const folder = join(runsFolder, run);
  if (!/^[a-z0-9-]{1,60}$/.test(run) || !existsSync(join(folder, 'result.json'))) throw new Failure('run_unknown', `${folder} is no run`);
  const result = runResultSchema.parse(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')));
  return {
    run,
    request: readFileSync(join(folder, 'request.txt'), 'utf8'),
    base: result.base,
    baseTree: result.base_tree,
    reworks: result.reworks,
    read(file) {
      const path = join(folder, 'evidence/recording', file);
      return existsSync(path) ? readFileSync(path, 'utf8') : null;
    },
  };
}
