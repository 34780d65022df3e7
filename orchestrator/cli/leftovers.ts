import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../ports/engine.ts';

const OWNER = 'owner';

/** Say in a run's folder which process it belongs to, so that a later start can tell whether it is still at work. */
export function own(folder: string): void {
  writeFileSync(join(folder, OWNER), `${process.pid}\n`);
}

/** The run has ended and cleaned up after itself. */
export function disown(folder: string): void {
  rmSync(join(folder, OWNER), { force: true });
}

/**
 * Remove from the engine what runs of this folder left whose process is gone without having cleaned up (kill -9, a crash of the machine).
 * Runs of other folders, and runs that are still at work, are none of our business. Returns the runs that were cleaned up after.
 */
export async function sweepLeftovers(engine: Engine, runsFolder: string): Promise<string[]> {
  const names = await engine.list({ 'factory.run': null });
  const runs = [...new Set(names.flatMap((name) => /^factory-(.+?)-\d+-[a-z-]+$/.exec(name)?.[1] ?? []))];
  const dead = runs.filter((run) => isDead(join(runsFolder, run, OWNER)));
  for (const run of dead) await engine.sweep({ 'factory.run': run });
  return dead;
}

/** Whether the process that a run's folder belongs to is still there. */
export function isAtWork(folder: string): boolean {
  return existsSync(join(folder, OWNER)) && !isDead(join(folder, OWNER));
}

function isDead(file: string): boolean {
  if (!existsSync(file)) return false;
  const pid = Number(readFileSync(file, 'utf8').trim());
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
