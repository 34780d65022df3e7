import { Failure } from '../domain/failure.ts';
import { PLACES } from './places.ts';

/**
 * The command lines of the tools in their hardened forms: configuration from the host alone, files from the host's list alone, no cache, no
 * setting taken from the tree. Files are given by absolute path, so that no name reads as an option or as a list of arguments. An empty list is
 * a `bug`: the tools would take it for the whole tree.
 */

const RUFF_CONFIG = ['--config', `${PLACES.gate}/ruff.toml`, '--no-cache', '--no-respect-gitignore'];

/**
 * `ruff check` over exactly these files. Comments that silence ruff are ignored, on the base as on the change: an honest old one is then
 * among the base's findings, and a new one changes nothing, whatever its form.
 */
export function ruffCommand(files: readonly string[]): string[] {
  return [PLACES.ruff, 'check', ...RUFF_CONFIG, '--no-fix', '--ignore-noqa', '--output-format', 'json', '--', ...under(PLACES.tree, files)];
}

/** `ruff format` over exactly these files, changing none. */
export function formatCheckCommand(files: readonly string[]): string[] {
  return [PLACES.ruff, 'format', '--check', ...RUFF_CONFIG, '--output-format', 'json', '--', ...under(PLACES.tree, files)];
}

/** The commands that mend these files in place, to run in this order: safe fixes, then the formatter. */
export function formatCommands(files: readonly string[]): string[][] {
  const paths = under(PLACES.tree, files);
  return [
    [PLACES.ruff, 'check', ...RUFF_CONFIG, '--fix-only', '--no-unsafe-fixes', '--', ...paths],
    [PLACES.ruff, 'format', ...RUFF_CONFIG, '--', ...paths],
  ];
}

/** What mypy does with its cache: nothing, read the one that the base's run left, or leave one. */
export type TypeCache = 'none' | 'read' | 'make';

/** The name of the cache's archive among the host's configuration files. */
export const TYPE_CACHE = 'mypy-cache.tgz';

/**
 * `mypy` over exactly these files. Python runs isolated: a plugin or a module of the tree cannot be imported by mypy itself. The cache is
 * made on the base alone and unpacked into the container's own memory: a later run can use it and cannot change it. Sources get a time
 * stamp that no later tree has, so that a file is only taken as unchanged when its content is.
 */
export function mypyCommand(files: readonly string[], cache: TypeCache = 'none'): string[] {
  const mypy = (...cached: string[]) => [
    ...[PLACES.python, '-I', '-m', 'mypy', '--config-file', `${PLACES.gate}/mypy.toml`, ...cached],
    ...['--no-error-summary', '--output=json', '--', ...under(PLACES.tree, files)],
  ];
  if (cache === 'none') return mypy('--no-incremental', '--cache-dir=/dev/null');
  const archive = `${PLACES.gate}/${TYPE_CACHE}`;
  const script =
    cache === 'read'
      ? `tar -xzf ${archive} -C /tmp && exec "$@"`
      : `find ${PLACES.tree} -name '*.py*' -exec touch -h -d @0 {} + && { "$@"; code=$?; tar -czf ${archive} -C /tmp mypy-cache; exit $code; }`;
  return ['/bin/sh', '-c', script, 'sh', ...mypy('--no-sqlite-cache', '--cache-dir=/tmp/mypy-cache')];
}

export interface PytestOptions {
  /** Test files in the order in which they run. */
  readonly files: readonly string[];
  /** Plugins to load by name; see `pytestPlugins`. */
  readonly plugins: readonly string[];
  /** Folders and modules to measure; see `TargetLayout.sources`. */
  readonly coverageSources: readonly string[];
  /** Node ids to leave out. */
  readonly deselect?: readonly string[];
  /** Whether the report says where a test failed; writing that down takes several times as long as the tests. */
  readonly traceback?: boolean;
  /** End after so many failures. */
  readonly maxFail?: number;
}

/** The arguments of pytest, which the image's wrapper gets; it adds the clean environment and the copy of the tree. */
export function pytestCommand({ files, plugins, coverageSources, deselect = [], traceback = true, maxFail }: PytestOptions): string[] {
  return [
    ...['-c', `${PLACES.gate}/pytest.ini`, `--rootdir=${PLACES.copy}`, `--confcutdir=${PLACES.copy}`],
    '--import-mode=importlib',
    ...plugins.flatMap((plugin) => ['-p', plugin]),
    ...['-p', 'no:cacheprovider'],
    ...['-o', 'addopts=', '-o', 'xfail_strict=true', '-o', 'junit_family=xunit1'],
    `--junitxml=${PLACES.out}/junit.xml`,
    ...coverageSources.map((source) => `--cov=${coverageSource(source)}`),
    `--cov-config=${PLACES.gate}/coveragerc`,
    '--cov-report=',
    '--continue-on-collection-errors',
    ...[traceback ? '--tb=short' : '--tb=no', '--color=no', '--no-header', '-q'],
    ...(maxFail === undefined ? [] : [`--maxfail=${maxFail}`]),
    ...deselect.map((id) => `--deselect=${id}`),
    ...under(PLACES.copy, files),
  ];
}

/** coverage.py takes folders by path, but single files only as modules. */
function coverageSource(source: string): string {
  if (source === '' || source === '.') return PLACES.copy;
  return source.endsWith('.py')
    ? source
        .replace(/\.py$/, '')
        .replace(/^src\//, '')
        .replaceAll('/', '.')
    : `${PLACES.copy}/${source}`;
}

function under(root: string, files: readonly string[]): string[] {
  if (files.length === 0) throw new Failure('bug', 'a tool was to run without a list of files');
  return files.map((file) => `${root}/${file}`);
}
