import { describe, expect, it } from 'vitest';
import { formatCheckCommand, formatCommands, mypyCommand, pytestCommand, ruffCommand } from '../../../orchestrator/gates/commands.ts';

const FILES = ['app/a.py', '-x.py'];

describe('the command lines', () => {
  it('are exactly the hardened ones', () => {
    const ruff = ['--config', '/w/gate/ruff.toml', '--no-cache', '--no-respect-gitignore'];
    const files = ['/w/tree/app/a.py', '/w/tree/-x.py'];
    expect(ruffCommand(FILES)).toEqual([
      '/opt/venv/bin/ruff',
      'check',
      ...ruff,
      '--no-fix',
      '--ignore-noqa',
      '--output-format',
      'json',
      '--',
      ...files,
    ]);
    expect(formatCheckCommand(FILES)).toEqual([
      '/opt/venv/bin/ruff',
      'format',
      '--check',
      ...ruff,
      '--output-format',
      'json',
      '--',
      ...files,
    ]);
    expect(formatCommands(FILES)).toEqual([
      ['/opt/venv/bin/ruff', 'check', ...ruff, '--fix-only', '--no-unsafe-fixes', '--', ...files],
      ['/opt/venv/bin/ruff', 'format', ...ruff, '--', ...files],
    ]);
    expect(mypyCommand(FILES)).toEqual([
      ...['/opt/venv/bin/python', '-I', '-m', 'mypy', '--config-file', '/w/gate/mypy.toml', '--no-incremental'],
      ...['--cache-dir=/dev/null', '--no-error-summary', '--output=json', '--', ...files],
    ]);
  });

  it('give pytest the files in the order of the list, and every setting that a target could turn', () => {
    expect(
      pytestCommand({
        files: ['tests/test_b.py', 'tests/test_a.py'],
        plugins: ['pytest_cov'],
        coverageSources: ['app', 'main.py', '.'],
        deselect: ['tests/test_a.py::test_x'],
        maxFail: 1,
      }),
    ).toEqual([
      ...[
        '-c',
        '/w/gate/pytest.ini',
        '--rootdir=/copy',
        '--confcutdir=/copy',
        '--import-mode=importlib',
        '-p',
        'pytest_cov',
        '-p',
        'no:cacheprovider',
      ],
      ...['-o', 'addopts=', '-o', 'xfail_strict=true', '-o', 'junit_family=xunit1', '--junitxml=/out/junit.xml'],
      ...[
        '--cov=/copy/app',
        '--cov=main',
        '--cov=/copy',
        '--cov-config=/w/gate/coveragerc',
        '--cov-report=',
        '--continue-on-collection-errors',
      ],
      ...['--tb=short', '--color=no', '--no-header', '-q', '--maxfail=1', '--deselect=tests/test_a.py::test_x'],
      ...['/copy/tests/test_b.py', '/copy/tests/test_a.py'],
    ]);
  });

  it('refuse an empty list, which the tools would take for everything', () => {
    const empty = [
      () => ruffCommand([]),
      () => formatCheckCommand([]),
      () => formatCommands([]),
      () => mypyCommand([]),
      () => pytestCommand({ files: [], plugins: [], coverageSources: [] }),
    ];
    for (const command of empty) expect(command).toThrow(/bug/);
  });
});
