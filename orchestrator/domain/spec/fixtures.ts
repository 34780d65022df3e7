import type { Fixture, TargetCard } from '../card.ts';
import { isPythonName } from './python/names.ts';

/**
 * The fixtures that tests of the target share: those of a `conftest.py`. The card's code part is untrusted, so a name that is no Python
 * name, or a file that the base does not have, is left out here, before either can reach a compiled test.
 */
export function sharedFixtures({ fixtures, files }: TargetCard): Fixture[] {
  const known = new Set(files);
  return fixtures.filter(({ name, file }) => isConftest(file) && known.has(file) && isPythonName(name));
}

/** Whether pytest lets every test below its folder use the fixtures of this file. */
function isConftest(file: string): boolean {
  return file === 'conftest.py' || file.endsWith('/conftest.py');
}
