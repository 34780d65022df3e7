import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the jail's probes need of the host. */
export interface Planted {
  readonly program: string;
  /** Lies in this process's environment and in a file of the factory's own folder, where no container may find it. */
  readonly sentinel: string;
  remove(): void;
}

const VARIABLE = 'FACTORY_PLANTED_KEY';

/** Plant a new sentinel and read the probe's program. */
export function plantSentinel(root: string): Planted {
  const sentinel = `sk-planted-${randomBytes(16).toString('hex')}`;
  const all = join(root, '.cache', 'planted');
  mkdirSync(all, { recursive: true });
  removeDead(all);
  const file = join(all, `${process.pid}.txt`);
  writeFileSync(file, `${sentinel}\n`);
  process.env[VARIABLE] = sentinel;
  return {
    program: readFileSync(join(root, 'images', 'probe', 'probe.pl'), 'utf8'),
    sentinel,
    remove() {
      rmSync(file, { force: true });
      if (process.env[VARIABLE] === sentinel) delete process.env[VARIABLE];
    },
  };
}

/** What killed processes left; a file is named for its process. */
function removeDead(folder: string): void {
  for (const name of readdirSync(folder))
    if (!isAlive(Number.parseInt(name, 10))) rmSync(join(folder, name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
