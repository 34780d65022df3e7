import { execFile } from 'node:child_process';
import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a program ended with and printed; null where there is no such program. */
export type Run = (program: string, args: readonly string[], signal: AbortSignal) => Promise<{ code: number; stdout: string } | null>;

/** Disks, asked about a folder that is there or would be made. */
export interface Disks {
  isWritable(folder: string): Promise<boolean>;
  /** Free bytes for this user. */
  free(folder: string): Promise<number>;
}

/** Programs of this machine, found by the PATH of `env`. */
export function programs(env: NodeJS.ProcessEnv): Run {
  return (program, args, signal) =>
    new Promise((resolve) => {
      execFile(program, [...args], { env, signal, maxBuffer: 64 * 1024 }, (error, stdout) => {
        if (error === null) resolve({ code: 0, stdout });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout });
        else resolve(null);
      });
    });
}

/** Disks of this machine. */
export const localDisks: Disks = {
  isWritable: async (folder) => can(await nearest(folder), constants.W_OK),
  async free(folder) {
    const { bavail, bsize } = await statfs(await nearest(folder));
    return bavail * bsize;
  },
};

/** The folder itself, or the first one above it that exists. */
async function nearest(folder: string): Promise<string> {
  return dirname(folder) === folder || (await can(folder, constants.F_OK)) ? folder : nearest(dirname(folder));
}

function can(folder: string, mode: number): Promise<boolean> {
  return access(folder, mode).then(
    () => true,
    () => false,
  );
}
