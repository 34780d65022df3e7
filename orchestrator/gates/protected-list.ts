/** A kind of path that no stage may change, in any folder. Globs know `*` (anything but `/`) and ignore case. */
export interface ProtectedGroup {
  readonly why: string;
  /** Globs of file names. */
  readonly files?: readonly string[];
  /** Globs of folder names: everything below them is meant. */
  readonly folders?: readonly string[];
}

/** Protected from every stage. */
export const PROTECTED: readonly ProtectedGroup[] = [
  { why: 'is a dot-file or stands in a dot-folder', files: ['.*'], folders: ['.*'] },
  {
    why: 'runs before the tests',
    files: ['conftest.py', 'pytest.ini', 'pytest.toml', 'sitecustomize.py', 'usercustomize.py', 'sitecustomize', 'usercustomize'],
    folders: ['sitecustomize', 'usercustomize'],
  },
  {
    why: 'runs at start-up or names code that does',
    files: ['*.pth', '*.start', '*.egg-link', 'entry_points.txt', '__editable__*'],
    folders: ['*.egg-info', '*.dist-info'],
  },
  {
    why: 'configures the project or a gate',
    files: [
      'pyproject.toml',
      'setup.py',
      'setup.cfg',
      'tox.ini',
      'tox.toml',
      'noxfile.py',
      'mypy.ini',
      'ruff.toml',
      'coveragerc',
      'coverage.toml',
      'pylintrc',
      'pylintrc.toml',
      'pyrightconfig.json',
      'pyre_configuration',
      'MANIFEST.in',
      'hatch.toml',
      'uv.toml',
      'pdm.toml',
      'poetry.toml',
    ],
  },
  {
    why: 'decides dependencies',
    files: [
      'requirements*.txt',
      'requirements*.in',
      '*requirements.txt',
      'constraints*.txt',
      '*.lock',
      'pylock*.toml',
      'Pipfile',
      'environment*.yml',
      'environment*.yaml',
      'package.json',
      'package-lock.json',
      'pnpm-lock.yaml',
    ],
    folders: ['requirements', 'site-packages', 'dist-packages', 'node_modules', 'venv', 'virtualenv'],
  },
  {
    why: 'drives a build or CI',
    files: [
      'Dockerfile*',
      '*.dockerfile',
      'Containerfile*',
      'docker-compose*.yml',
      'docker-compose*.yaml',
      'compose*.yml',
      'compose*.yaml',
      'Makefile*',
      'GNUmakefile',
      '*.mk',
      'justfile',
      'Taskfile*.yml',
      'Taskfile*.yaml',
      'Procfile',
      'Jenkinsfile*',
      'Vagrantfile',
      'azure-pipelines*.yml',
      'bitbucket-pipelines.yml',
      'appveyor.yml',
      'cloudbuild*.yaml',
      'buildspec*.yml',
      'CODEOWNERS',
    ],
  },
  {
    why: 'instructs agents',
    files: ['AGENTS*.md', 'CLAUDE*.md', 'GEMINI*.md', 'SKILL.md', 'copilot-instructions.md', '*.mdc', 'llms*.txt'],
  },
  {
    why: 'is a binary or an archive',
    files: [
      '*.so',
      '*.so.*',
      '*.pyd',
      '*.dll',
      '*.dylib',
      '*.exe',
      '*.pyc',
      '*.pyo',
      '*.pyz',
      '*.whl',
      '*.egg',
      '*.zip',
      '*.tar',
      '*.tgz',
      '*.gz',
      '*.bz2',
      '*.xz',
      '*.jar',
      '*.wasm',
      '*.pkl',
      '*.pickle',
    ],
    folders: ['__pycache__'],
  },
];

/** Protected from BUILD besides: what pytest or unittest could take for tests, wherever it stands. */
export const TEST_LIKE: readonly ProtectedGroup[] = [
  {
    why: 'could be collected as a test',
    files: ['test_*.py', '*_test.py', 'tests.py', 'tests_*.py', 'test.py', 'test*.txt'],
    folders: ['tests*', 'test', '*_tests', 'test_*'],
  },
];
