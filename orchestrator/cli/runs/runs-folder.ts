import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/failure.ts';
import { readBounded } from './bounded-file.ts';

/** Files that lie beside runs and are none. */
const BESIDE = new Set(['README.md', 'bundled']);
/** A run has the one from its first moment and the other from its last. */
const OF_A_RUN = ['result.json', 'trace.jsonl'];
/** Most entries of a folder that are looked at for runs further down. */
const MOST_LOOKED_AT = 1_000;

export interface Entries {
  /** Names of the folders that hold a run, whole or not, in the order of their names. */
  readonly runs: readonly string[];
  /** What else is there, with the reason why it is no run. */
  readonly others: readonly { readonly name: string; readonly why: string }[];
}

/** What a folder of runs holds. A folder that is not there holds nothing, unless it was asked for by name: then it throws `usage`. */
export function entriesOf(runsFolder: string, isGiven: boolean): Entries {
  if (!isFolder(runsFolder)) {
    if (isGiven) throw new Failure('usage', `--runs ${runsFolder} is no folder`);
    return { runs: [], others: [] };
  }
  const names = readdirSync(runsFolder).sort();
  const runs = names.filter((name) => isRun(join(runsFolder, name)));
  const others = names
    .filter((name) => !name.startsWith('.') && !BESIDE.has(name) && !runs.includes(name))
    .map((name) => ({ name, why: whyNone(join(runsFolder, name)) }));
  return { runs, others };
}

/** Whether a folder holds a run, whole or not. */
export function isRun(folder: string): boolean {
  return isFolder(folder) && OF_A_RUN.some((file) => existsSync(join(folder, file)));
}

/**
 * The one run that is meant: its whole name, the beginning of it, or `last` for the one that began latest. Throws run_unknown where none is, and
 * usage where several are.
 */
export function findRun(runsFolder: string, { runs }: Entries, wanted: string): string {
  if (runs.includes(wanted)) return wanted;
  if (wanted === 'last') {
    const [latest] = runs.map((run) => ({ run, at: beganAt(join(runsFolder, run)) })).sort((a, b) => b.at.localeCompare(a.at));
    if (latest === undefined) throw new Failure('run_unknown', `${runsFolder} holds no run yet`);
    return latest.run;
  }
  const [found, ...more] = wanted === '' ? [] : runs.filter((run) => run.startsWith(wanted));
  if (found === undefined) throw new Failure('run_unknown', `no run in ${runsFolder} is called ${wanted}, or begins so`);
  if (more.length > 0)
    throw new Failure('usage', `${wanted} begins the names of ${more.length + 1} runs: ${[found, ...more].slice(0, 10).join(', ')}`);
  return found;
}

function whyNone(path: string): string {
  if (!isFolder(path)) return 'it is no folder';
  const within = readdirSync(path)
    .slice(0, MOST_LOOKED_AT)
    .filter((name) => isRun(join(path, name)));
  return within.length === 0 ? 'it holds neither trace.jsonl nor result.json' : `it holds ${within.length} runs of its own: --runs ${path}`;
}

/** ISO time; of a run without a result, when its trace was last written. */
function beganAt(folder: string): string {
  try {
    const { started_at: at } = JSON.parse(readBounded(join(folder, 'result.json'), 1024 * 1024) ?? '{}') as { started_at?: unknown };
    if (typeof at === 'string') return at;
  } catch {
    // Whoever asks for this run is told what is wrong with its result; here only its place among others counts.
  }
  const file = OF_A_RUN.map((name) => join(folder, name)).find((path) => existsSync(path));
  return file === undefined ? '' : statSync(file).mtime.toISOString();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
