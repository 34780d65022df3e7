import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import { type RunRecord, readRun } from '../runs/read-run.ts';
import { entriesOf, isRun } from '../runs/runs-folder.ts';

/** The runs that are kept with the project, and what lies beside them on somebody's machine apart. */
export interface KeptRuns {
  readonly runs: readonly RunRecord[];
  /** Kept folders that hold runs of their own, by name. */
  readonly folders: ReadonlyMap<string, readonly RunRecord[]>;
}

/** Read the kept runs of `runs/`: those that its .gitignore excepts, so that the same are read wherever this is a clone. Throws run_unknown for one that is not there. */
export function keptRuns(root: string): KeptRuns {
  const folder = join(root, 'runs');
  const names = keptNames(readFileSync(join(folder, '.gitignore'), 'utf8'));
  const missing = names.find((name) => !existsSync(join(folder, name)));
  if (missing !== undefined) throw new Failure('run_unknown', `runs/.gitignore keeps ${missing}, which is not there`);
  const runs = names.filter((name) => isRun(join(folder, name)));
  const read = (parts: readonly string[], run: string) => ({
    ...readRun(join(folder, ...parts, run), run),
    folder: ['runs', ...parts, run].join('/'),
  });
  const within = (name: string) => entriesOf(join(folder, name), true).runs.map((run) => read([name], run));
  return {
    runs: runs.map((run) => read([], run)),
    folders: new Map(
      names
        .filter((name) => !runs.includes(name))
        .map((name) => [name, within(name)] as const)
        .filter(([, found]) => found.length > 0),
    ),
  };
}

/** The folders that a list of ignored files excepts: lines such as `!/sort-products-7f3a/`. */
function keptNames(gitignore: string): string[] {
  return gitignore.split('\n').flatMap((line) => /^!\/([A-Za-z0-9._-]+)\/$/.exec(line.trim())?.[1] ?? []);
}
