import { CATALOGUE } from '../../domain/failure.ts';
import type { Probe } from './examine.ts';
import { fail, ok, type Said, warn } from './finding.ts';
import type { Disks, Run } from './outside.ts';

const MEGABYTE = 1024 * 1024;
/** A run writes a few megabytes; below the first figure none is begun, below the second one should know. */
const TOO_LITTLE = 200 * MEGABYTE;
const LITTLE = 2_048 * MEGABYTE;

/** Node 20.11 or newer: `version` as in `process.version`. */
export function nodeProbe(version: string): Probe {
  return async () =>
    atLeast(version, [20, 11])
      ? ok(version)
      : fail(`${version} is older than 20.11`, 'Install Node 20.11 or newer and put it first on PATH.');
}

/** git 2.32 or newer. */
export function gitProbe(run: Run): Probe {
  return async (signal) => {
    const advice = CATALOGUE.git_missing.advice;
    const ended = await run('git', ['--version'], signal);
    if (ended === null || ended.code !== 0) return fail('there is no git to run', advice);
    const version = /\d+\.\d+[\w.]*/.exec(ended.stdout)?.[0];
    if (version === undefined) return fail(`git says ${ended.stdout.trim()}`, advice);
    return atLeast(version, [2, 32]) ? ok(version) : fail(`${version} is older than 2.32`, advice);
  };
}

/** A folder that fills, and who fills it. */
export interface Filled {
  readonly what: string;
  readonly folder: string;
  /** Whether this process writes there itself. */
  readonly own: boolean;
}

/** Room where runs, kept results and, where the engine is on this machine, its images lie. */
export function diskProbe(folders: () => Promise<readonly Filled[]>, disks: Disks): Probe {
  return async () => {
    const all = await folders();
    const closed = (
      await Promise.all(all.map(async (one) => (one.own && !(await disks.isWritable(one.folder)) ? [one.folder] : [])))
    ).flat();
    if (closed.length > 0)
      return fail(
        `${closed.join(', ')} cannot be written to`,
        `Make it writable (\`ls -ld ${closed[0]}\`), or name another folder with --runs.`,
      );
    const rooms = await Promise.all(all.map(async (one) => ({ ...one, bytes: await disks.free(one.folder) })));
    const words = rooms.map(({ what, bytes }) => `${what} ${gigabytes(bytes)} free`).join(', ');
    const least = rooms.reduce((low, room) => (room.bytes < low.bytes ? room : low));
    if (least.bytes >= LITTLE) return ok(words);
    const fix = `Free some space (\`df -h ${least.folder}\`); \`make clean\` removes what the factory made.`;
    return least.bytes < TOO_LITTLE ? fail(words, fix) : warn(words, fix);
  };
}

/** Whether a PR could be opened on a forge; only that there is a token, never what it is. */
export function tokenProbe(env: NodeJS.ProcessEnv, run: Run): Probe {
  return async (signal): Promise<Said> => {
    const named = ['GH_TOKEN', 'GITHUB_TOKEN'].find((name) => (env[name] ?? '') !== '');
    if (named !== undefined) return ok(`present (${named})`);
    const ended = await run('gh', ['auth', 'token'], signal);
    return ok(ended?.code === 0 ? 'present (gh auth token)' : 'absent: a PR takes its local form, which needs none');
  };
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  return a > major || (a === major && b >= minor);
}

function gigabytes(bytes: number): string {
  return bytes >= 1024 * MEGABYTE ? `${(bytes / 1024 / MEGABYTE).toFixed(1)} GiB` : `${Math.floor(bytes / MEGABYTE)} MiB`;
}
