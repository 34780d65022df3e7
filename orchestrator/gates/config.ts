import type { TargetLayout } from '../domain/target.ts';
import type { FileTree } from '../domain/tree.ts';
import { textFile } from '../domain/tree.ts';
import { coverageConfig } from './config/coverage.ts';
import { mypyConfig } from './config/mypy.ts';
import { pytestConfig } from './config/pytest.ts';
import { ruffConfig } from './config/ruff.ts';
import { importRoots } from './import-roots.ts';

export { dependenciesOf, pluginsOf } from './config/dependencies.ts';

/**
 * The tools' configuration files, to be mounted at `/w/gate`, made from the *base* commit's own through lists of allowed keys: a rule of
 * style or strictness passes, whatever leaves out a file or a test, reads another file or runs code does not. Throws `target_unsupported`
 * where a file of the base does not parse.
 */
export function gateConfig(base: FileTree, layout: TargetLayout): FileTree {
  const roots = importRoots(base, layout);
  return new Map([
    ['coveragerc', textFile(coverageConfig(base))],
    ['mypy.toml', textFile(mypyConfig(base, roots))],
    ['pytest.ini', textFile(pytestConfig(base, roots))],
    ['ruff.toml', textFile(ruffConfig(base, roots))],
  ]);
}
