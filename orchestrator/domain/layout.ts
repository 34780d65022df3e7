import type { TargetLayout } from './target.ts';

/**
 * How a target is laid out, from the paths of its base alone (files, relative to its folder).
 *
 * - `tests`: the top-level folder `tests` or `test` when it holds Python files; null when there is none, or both.
 * - `sources`: top-level packages and packages or modules below `src`; where no folder is a package by `__init__.py`, folders that hold Python
 *   files; and top-level modules. Tests, set-up files and folders of scripts or documents are no source.
 * - `changelog`: a Markdown changelog at the top, or in `docs`.
 */
export function detectLayout(files: readonly string[]): TargetLayout {
  const paths = [...files].sort();
  return { tests: testsFolder(paths), sources: sourcesOf(paths), changelog: changelogOf(paths) };
}

const TESTS = ['tests', 'test'];

function testsFolder(paths: readonly string[]): string | null {
  const found = TESTS.filter((folder) => paths.some((path) => path.startsWith(`${folder}/`) && path.endsWith('.py')));
  return found.length === 1 ? (found[0] ?? null) : null;
}

const NO_PACKAGE = new Set(
  `tests test testing docs doc examples example scripts script tools bin benchmarks bench build dist venv env node_modules site-packages
  migrations alembic notebooks`.split(/\s+/),
);
const NO_MODULE = new Set(['setup.py', 'conftest.py', 'noxfile.py', 'fabfile.py', 'tasks.py', 'dodo.py', 'versioneer.py']);

function sourcesOf(paths: readonly string[]): string[] {
  const inside = paths.filter((path) => path.startsWith('src/')).map((path) => path.slice('src/'.length));
  const found = [...roots(paths.filter((path) => !path.startsWith('src/'))), ...roots(inside).map((root) => `src/${root}`)];
  // `src` may itself be the package.
  return [...new Set(paths.includes('src/__init__.py') ? ['src', ...found.filter((root) => !root.startsWith('src/'))] : found)].sort();
}

/** Packages and modules right below a root. */
function roots(paths: readonly string[]): string[] {
  const folders = [...new Set(paths.filter((path) => path.includes('/')).map((path) => path.slice(0, path.indexOf('/'))))].filter(
    (folder) => !NO_PACKAGE.has(folder) && !folder.startsWith('.') && !folder.startsWith('_'),
  );
  const packages = folders.filter((folder) => paths.includes(`${folder}/__init__.py`));
  const loose = folders.filter((folder) => paths.some((path) => path.startsWith(`${folder}/`) && path.endsWith('.py')));
  const modules = paths.filter((path) => !path.includes('/') && path.endsWith('.py') && !NO_MODULE.has(path) && !isTestFile(path));
  return [...(packages.length > 0 ? packages : loose), ...modules];
}

function isTestFile(path: string): boolean {
  return /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(path);
}

const CHANGELOGS = ['changelog.md', 'changes.md', 'history.md', 'news.md', 'docs/changelog.md', 'docs/changes.md', 'docs/history.md'];

function changelogOf(paths: readonly string[]): string | null {
  for (const name of CHANGELOGS) {
    const path = paths.find((candidate) => candidate.toLowerCase() === name);
    if (path !== undefined) return path;
  }
  return null;
}
