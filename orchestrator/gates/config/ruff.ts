import { stringify } from 'smol-toml';
import type { FileTree } from '../../domain/tree.ts';
import { PLACES } from '../places.ts';
import { firstOf, picked, readToml, type Table, tableAt } from './sources.ts';

const GENERAL = ['line-length', 'indent-width', 'target-version', 'per-file-target-version', 'preview', 'namespace-packages', 'builtins'];

const PLUGIN_TABLES = [
  'flake8-annotations',
  'flake8-bandit',
  'flake8-boolean-trap',
  'flake8-bugbear',
  'flake8-builtins',
  'flake8-comprehensions',
  'flake8-copyright',
  'flake8-errmsg',
  'flake8-gettext',
  'flake8-implicit-str-concat',
  'flake8-import-conventions',
  'flake8-pytest-style',
  'flake8-quotes',
  'flake8-self',
  'flake8-tidy-imports',
  'flake8-type-checking',
  'flake8-unused-arguments',
  'isort',
  'mccabe',
  'pep8-naming',
  'pycodestyle',
  'pydoclint',
  'pydocstyle',
  'pyflakes',
  'pylint',
  'pyupgrade',
  'ruff',
];

const LINT = [
  'select',
  'extend-select',
  'ignore',
  'extend-ignore',
  'per-file-ignores',
  'extend-per-file-ignores',
  'fixable',
  'extend-fixable',
  'unfixable',
  'extend-safe-fixes',
  'extend-unsafe-fixes',
  'allowed-confusables',
  'dummy-variable-rgx',
  'explicit-preview-rules',
  'external',
  'future-annotations',
  'logger-objects',
  'preview',
  'task-tags',
  'typing-extensions',
  'typing-modules',
  ...PLUGIN_TABLES,
];

const FORMAT = [
  'preview',
  'indent-style',
  'quote-style',
  'skip-magic-trailing-comma',
  'line-ending',
  'docstring-code-format',
  'docstring-code-line-length',
];

/** `ruff.toml`: what the base says of rules and style; nothing that leaves files out or reads another file. */
export function ruffConfig(base: FileTree, roots: readonly string[]): string {
  const pyproject = readToml(base, 'pyproject.toml');
  const own = firstOf(
    () => readToml(base, '.ruff.toml'),
    () => readToml(base, 'ruff.toml'),
    () => tableAt(pyproject, 'tool', 'ruff'),
  );
  return `${stringify({
    ...pythonTarget(pyproject),
    ...picked(own, GENERAL),
    src: roots.map((root) => (root === '' ? PLACES.tree : `${PLACES.tree}/${root}`)),
    // Old configurations have the rules at the top level, as ruff still understands it.
    lint: {
      ...picked(
        own,
        LINT.filter((key) => key !== 'preview'),
      ),
      ...picked(tableAt(own, 'lint'), LINT),
    },
    format: picked(tableAt(own, 'format'), FORMAT),
  })}\n`;
}

/** ruff takes the Python version from the project where its own table does not give it. */
function pythonTarget(pyproject: Table | null): Record<string, string> {
  const requires = tableAt(pyproject, 'project')?.['requires-python'];
  const minor = typeof requires === 'string' ? /(?:>=|~=|==)\s*3\.(\d{1,2})/.exec(requires)?.[1] : undefined;
  return minor === undefined || Number(minor) < 7 ? {} : { 'target-version': `py3${minor}` };
}
