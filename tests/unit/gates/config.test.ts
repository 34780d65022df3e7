import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import type { FileTree } from '../../../orchestrator/domain/tree.ts';
import { readText } from '../../../orchestrator/domain/tree.ts';
import { dependenciesOf, gateConfig, pluginsOf } from '../../../orchestrator/gates/config.ts';
import { LAYOUT, tree } from './support.ts';

function configOf(files: Record<string, string>, sources = ['app']) {
  const config = gateConfig(tree(files), { ...LAYOUT, sources });
  const text = (path: string) => readText(config, path) ?? '';
  return {
    ruff: parse(text('ruff.toml')) as Record<string, Record<string, unknown>>,
    mypy: (parse(text('mypy.toml')) as { tool: Record<string, Record<string, unknown>> }).tool,
    pytest: text('pytest.ini'),
    coverage: text('coveragerc'),
    paths: [...(config as FileTree).keys()],
  };
}

describe('the gate configuration', () => {
  it('exists in full for a target that configures nothing', () => {
    const { paths, ruff, mypy, pytest, coverage } = configOf({});
    expect(paths).toEqual(['coveragerc', 'mypy.toml', 'pytest.ini', 'ruff.toml']);
    expect(ruff).toEqual({ src: ['/w/tree'], lint: {}, format: {} });
    expect(mypy.mypy).toMatchObject({ mypy_path: ['/w/tree'], explicit_package_bases: true });
    expect(pytest).toContain('xfail_strict = true');
    expect(coverage).toContain('branch = false');
  });

  it('takes rules of ruff from the base and nothing that leaves files out or reads another file', () => {
    const { ruff } = configOf({
      'pyproject.toml': `
[project]
requires-python = ">=3.12,<4"
[tool.ruff]
line-length = 100
extend = "other.toml"
exclude = ["app"]
force-exclude = true
respect-gitignore = true
required-version = ">=99"
fix = true
unsafe-fixes = true
select = ["E"]
[tool.ruff.lint]
select = ["F", "I"]
exclude = ["app"]
per-file-ignores = { "tests/*" = ["S101"] }
[tool.ruff.lint.isort]
known-first-party = ["app"]
[tool.ruff.format]
quote-style = "single"
exclude = ["app"]
`,
    });
    expect(ruff).toEqual({
      'line-length': 100,
      'target-version': 'py312',
      src: ['/w/tree'],
      lint: { select: ['F', 'I'], 'per-file-ignores': { 'tests/*': ['S101'] }, isort: { 'known-first-party': ['app'] } },
      format: { 'quote-style': 'single' },
    });
  });

  it('prefers a ruff.toml to the project file, as ruff does', () => {
    const { ruff } = configOf({ 'ruff.toml': 'line-length = 79', 'pyproject.toml': '[tool.ruff]\nline-length = 100\nindent-width = 2' });
    expect(ruff).toMatchObject({ 'line-length': 79 });
    expect(ruff).not.toHaveProperty('indent-width');
  });

  it('takes strictness of mypy, module by module, and only plugins that come with the image', () => {
    const { mypy } = configOf({
      'pyproject.toml': `
[tool.mypy]
strict = true
exclude = "app"
files = ["nothing"]
mypy_path = "elsewhere"
ignore_errors = true
cache_dir = "/tmp"
plugins = ["./evil.py", "tree_plugin", "pydantic.mypy"]
[[tool.mypy.overrides]]
module = "yaml.*"
ignore_missing_imports = true
[[tool.mypy.overrides]]
module = ["old.*"]
ignore_errors = true
exclude = "x"
[tool.pydantic-mypy]
init_typed = true
[tool.other-mypy]
x = 1
`,
    });
    expect(mypy).toEqual({
      mypy: {
        strict: true,
        plugins: ['pydantic.mypy'],
        mypy_path: ['/w/tree'],
        explicit_package_bases: true,
        namespace_packages: true,
        warn_unused_configs: false,
        overrides: [
          { module: ['yaml.*'], ignore_missing_imports: true },
          { module: ['old.*'], ignore_errors: true },
        ],
      },
      'pydantic-mypy': { init_typed: true },
    });
  });

  it('reads a mypy.ini with its values as mypy means them', () => {
    const { mypy } = configOf({
      'mypy.ini':
        '[mypy]\nstrict = True\nexclude = app\ndisable_error_code = misc, attr-defined\n[mypy-yaml.*,toml.*]\nignore_missing_imports: yes\n',
    });
    expect(mypy.mypy).toMatchObject({
      strict: true,
      disable_error_code: ['misc', 'attr-defined'],
      overrides: [{ module: ['yaml.*', 'toml.*'], ignore_missing_imports: true }],
    });
    expect(mypy.mypy).not.toHaveProperty('exclude');
  });

  it('takes marks, warnings and modes of pytest, and nothing that chooses tests or adds options (G10)', () => {
    const { pytest } = configOf({
      'pytest.ini':
        '[pytest]\naddopts = -k nothing --collect-only\ntestpaths = nowhere\npython_files = nope_*\npython_functions = nope_*\nxfail_strict = false\npythonpath = evil\nmarkers =\n    slow: takes long\n    db: needs a db\nasyncio_mode = auto\n',
    });
    expect(pytest).toBe(
      '[pytest]\nxfail_strict = true\njunit_family = xunit1\nasyncio_mode = auto\nmarkers =\n    slow: takes long\n    db: needs a db\n',
    );
  });

  it('cannot be made to hold another setting through a value with a newline', () => {
    const { pytest } = configOf({ 'pyproject.toml': '[tool.pytest.ini_options]\nmarkers = ["a: b\\naddopts = -x", "c: d"]' });
    expect(pytest).not.toContain('addopts');
    expect(pytest).toContain('c: d');
  });

  it('measures coverage without leaving anything out (G08, G09)', () => {
    const { coverage } = configOf({
      '.coveragerc':
        '[run]\nbranch = True\nomit = app/*\nplugins = evil\nconcurrency = greenlet,evil\n[report]\nexclude_lines = .*\nfail_under = 1\n',
    });
    expect(coverage).toContain('branch = true');
    expect(coverage).toContain('concurrency = greenlet\n');
    expect(coverage).not.toMatch(/omit|plugins|evil|fail_under|pragma|= \.\*/);
    const patterns =
      coverage
        .split('exclude_lines =\n')[1]
        ?.split('\n')
        .filter((line) => line.startsWith('    ')) ?? [];
    expect(patterns.map((line) => line.trim())).toEqual(['^[ \\t]*\\.\\.\\.[ \\t]*$']);
    for (const line of ['def f(x):  # ): ...', '    return 1  # pragma: no cover', 'if TYPE_CHECKING:']) {
      expect(patterns.some((pattern) => new RegExp(pattern.trim()).test(line))).toBe(false);
    }
  });

  it('lets imports start at src where the packages stand there', () => {
    const files = { 'src/pkg/__init__.py': '', 'src/pkg/inner/__init__.py': '' };
    for (const source of ['src/pkg', 'src']) {
      const { mypy, ruff, pytest } = configOf(files, [source]);
      expect(mypy.mypy?.mypy_path).toEqual(['/w/tree', '/w/tree/src']);
      expect(ruff.src).toEqual(['/w/tree', '/w/tree/src']);
      expect(pytest).toContain('pythonpath = /copy/src\n');
    }
  });

  it('says so when a file of the base does not parse', () => {
    expect(() => configOf({ 'pyproject.toml': '[tool.ruff' })).toThrow(/target_unsupported: pyproject.toml/);
  });
});

describe('the plugins of pytest', () => {
  it('are those that the lock brings into the image, by the module to load', () => {
    const lock = 'anyio==4.16.0 \\\n    --hash=sha256:00\npytest_mock==3.1\npytest-xdist==3.0\npytest-randomly==1\n';
    expect(pluginsOf(tree({ 'requirements.lock': lock }))).toEqual(['anyio.pytest_plugin', 'pytest_cov', 'pytest_mock']);
  });

  it('come from uv.lock or from what is declared where there is no other list', () => {
    const project =
      '[project]\ndependencies=["x"]\n[project.optional-dependencies]\ndev=["pytest-asyncio>=1"]\ndocs=["respx"]\n[dependency-groups]\nlocal=["time-machine"]';
    expect(pluginsOf(tree({ 'pyproject.toml': project }))).toEqual(['pytest_asyncio.plugin', 'pytest_cov', 'time_machine']);
    expect(pluginsOf(tree({ 'pyproject.toml': project, 'uv.lock': '[[package]]\nname = "hypothesis"\n' }))).toEqual([
      '_hypothesis_pytestplugin',
      'pytest_cov',
    ]);
  });

  it('leave the declared dependencies as the target wrote them', () => {
    expect(dependenciesOf(tree({ 'pyproject.toml': '[project]\ndependencies=["fastapi>=0.165", "sqlalchemy[asyncio]"]' }))).toEqual([
      'fastapi>=0.165',
      'sqlalchemy[asyncio]',
    ]);
    expect(dependenciesOf(tree({ 'requirements.txt': '# all\nfastapi>=1 # web\n-r more.txt\nx==1 ; python_version > "3"\n' }))).toEqual([
      'fastapi>=1',
      'x==1',
    ]);
  });
});
