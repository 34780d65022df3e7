import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../domain/failure.ts';

/** The factory's own folder, found from this file upwards: the same whether the sources run or what was built of them. */
export function factoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'images', 'Dockerfile'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Failure('bug', 'images/Dockerfile is not beside the program');
    folder = parent;
  }
  return folder;
}
