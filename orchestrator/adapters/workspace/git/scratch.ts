import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, type Git, gitOf } from './command.ts';
import type { ObjectFormat } from './objects.ts';

/**
 * Run `work` on an empty repository of our own that is gone afterwards: no configuration, attribute, hook or object of the user's is
 * within its reach, and nothing made in it can land in the user's repository.
 */
export async function inScratch<T>(
  format: ObjectFormat,
  ambient: Environment,
  work: (git: Git, directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'factory-git-'));
  try {
    const git = gitOf(directory, ambient);
    await git.bytes(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, directory]);
    return await work(git, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
