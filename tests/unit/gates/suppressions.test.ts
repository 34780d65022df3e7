import { describe, expect, it } from 'vitest';
import { suppressionFact } from '../../../orchestrator/gates/suppressions.ts';
import { added, deleted, LAYOUT, modified } from './support.ts';

const inSource = (line: string) => suppressionFact([modified('app/a.py', 'x = 1\n', `x = 1\n${line}\n`)], LAYOUT);
const inTests = (line: string) => suppressionFact([added('tests/test_a.py', `${line}\n`)], LAYOUT);

describe('what silences a tool', () => {
  it.each([
    'import os  # noqa',
    'import os  #noqa:F401',
    'import os  # NoQA : F401, E501',
    '# ruff: noqa',
    '# ruff: noqa: F401',
    '# flake8: noqa',
    '# ruff: disable[F401]',
    'import os  # ruff: ignore[F401]',
    '# ruff: file-ignore[F401]',
    'x: int = "a"  # type: ignore',
    'x: int = "a"  # type:ignore[assignment]',
    'x: int = "a"  # a word first # type: ignore',
    '# mypy: ignore-errors',
    '#mypy: disable-error-code="misc"',
    '@typing.no_type_check',
    'from typing import no_type_check as quiet',
    'x = y  # pyright: ignore',
    '# pyright: basic',
    'x = y  # pyre-ignore[3]',
    'assert x  # nosec',
    'def f():  # pragma: no cover',
    'if x:  # PRAGMA:NO COVER',
    'if x:  # pragma: no branch',
    '# fmt: off',
    'x = [1,2]  # fmt: skip',
    '# isort: skip_file',
    'x = y  # pylint: disable=all',
    'if not TYPE_CHECKING:',
    'TYPE_CHECKING = False',
    'from flags import DEBUG as TYPE_CHECKING',
    'if not MYPY:',
    '# -*- coding: utf-7 -*-',
  ])('is found however it is written: %s (G09, G14, G15)', (line) => {
    const fact = suppressionFact([added('app/a.py', `${line}\n`)], LAYOUT);
    expect(fact).toMatchObject({ holds: false, code: 'suppression_added', where: [{ path: 'app/a.py', line: 1 }] });
    expect(fact.words).toMatch(/^app\/a\.py:1 `.+`: take it out/);
  });

  it.each([
    ['another branch', 'if TYPE_CHECKING:\n    pass\nelse:\n    x: int = "a"\n'],
    [
      'another branch behind a nested one',
      'if typing.TYPE_CHECKING:\n    try:\n        import a\n    except ImportError:\n        import b\nelif y:\n    x = 1\n',
    ],
    [
      'a return that only a type checker sees',
      'def f() -> int:\n    if (\n        TYPE_CHECKING\n    ):\n        return 1\n    return "a"\n',
    ],
    ['a return on the same line', 'def f() -> int:\n    if TYPE_CHECKING: return 1\n    return "a"\n'],
    ['a raise', 'if t.TYPE_CHECKING:\n    raise SystemExit\nx: int = "a"\n'],
    ['a conditional value', 'x = 1 if TYPE_CHECKING else y()\n'],
    ['an alternative', 'TYPE_CHECKING or y()\n'],
    ['an alternative from the other side', 'x and TYPE_CHECKING\n'],
    ['its opposite by another way', 'if not (t.TYPE_CHECKING):\n    x: int = "a"\n'],
  ])('is found where a type checker looks at another branch than the one that runs: %s (G14)', (_, text) => {
    expect(suppressionFact([added('app/a.py', text)], LAYOUT)).toMatchObject({ code: 'suppression_added' });
  });

  it('is not: imports for types alone', () => {
    const text =
      'from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from a import b\n    import c\n\n\nif x:\n    pass\nelse:\n    y = 1\n';
    expect(suppressionFact([added('app/a.py', text)], LAYOUT).holds).toBe(true);
  });

  it('counts in tests as in source', () => {
    expect(inTests('import os  # noqa')).toMatchObject({ code: 'suppression_added' });
  });

  it.each([
    'if TYPE_CHECKING:',
    'from typing import TYPE_CHECKING',
    'if x == TYPE_CHECKING:',
    '# the type of what is ignored',
    'ignore = True  # types: see above',
    'noqa = 1',
    'print("no cover")',
    '# format: off-white',
    '# -*- coding: utf-8 -*-',
  ])('is not found where there is none: %s', (line) => {
    expect(inSource(line).holds).toBe(true);
    expect(suppressionFact([added('app/a.py', `${line}\n`)], LAYOUT).holds).toBe(true);
  });

  it('is nothing new on a line that had it before, whatever moved', () => {
    expect(
      suppressionFact([modified('app/a.py', 'import os  # noqa: F401\n', 'import sys\n\nimport os.path  #  noqa: F401\n')], LAYOUT).holds,
    ).toBe(true);
  });

  it('is new where it stands once more, or says more than before', () => {
    for (const after of ['a  # noqa: F401\nb  # noqa: F401\n', 'a  # noqa\n', 'a  # type: ignore[x]\n']) {
      expect(suppressionFact([modified('app/a.py', 'a  # noqa: F401\n', after)], LAYOUT)).toMatchObject({ code: 'suppression_added' });
    }
  });

  it('is not moved from one file to another', () => {
    const changes = [modified('app/a.py', 'a  # noqa\n', 'a\n'), modified('app/b.py', 'b\n', 'b  # noqa\n')];
    expect(suppressionFact(changes, LAYOUT).where).toEqual([{ path: 'app/b.py', line: 1 }]);
  });

  it('is found behind every line end that Python knows, in stubs, and on a long line', () => {
    for (const text of ['x = 1\r# noqa\r', 'x = 1\r\n# noqa', `${'x'.repeat(50_000)}  # noqa`]) {
      expect(suppressionFact([added('app/a.py', text)], LAYOUT).holds).toBe(false);
    }
    expect(suppressionFact([added('app/a.pyi', '# type: ignore')], LAYOUT).holds).toBe(false);
  });

  it('is looked for in linear time', () => {
    const started = performance.now();
    suppressionFact(
      [added('app/a.py', '#'.repeat(300_000)), added('app/b.py', 'mark .'.repeat(50_000)), added('app/c.py', ' '.repeat(300_000))],
      LAYOUT,
    );
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('does not matter in text that is not Python, or in what is taken away', () => {
    expect(suppressionFact([added('README.md', '# noqa'), deleted('app/a.py', '# noqa')], LAYOUT).holds).toBe(true);
  });
});

describe('what skips a test', () => {
  it.each([
    '@pytest.mark.skip',
    '@pytest.mark.skipif(True, reason="x")',
    '@pytest.mark.xfail(strict=False)',
    '    pytest.skip("later")',
    '    pytest.xfail("later")',
    'np = pytest.importorskip("numpy")',
    'from pytest import skip',
    'from _pytest.outcomes import exit as leave',
    'from pytest import mark as m',
    'import pytest as p',
    '    raise unittest.SkipTest',
    '@unittest.skipIf(True, "x")',
    '@unittest.expectedFailure',
    '    self.skipTest("x")',
    'pytestmark = requires_db',
    'pytestmark = pytest.mark.skip',
    'pytestmark: object = quiet',
    '__test__ = False',
    'collect_ignore = ["test_b.py"]',
    'pytest_plugins = ["evil"]',
    'def pytest_runtest_makereport(item):',
    '    request.config.pluginmanager.register(Evil())',
  ])('is found in tests: %s (G18)', (line) => {
    expect(inTests(line)).toMatchObject({ holds: false, code: 'tests_skipped', where: [{ path: 'tests/test_a.py', line: 1 }] });
  });

  it.each([
    'pytestmark = pytest.mark.anyio',
    'pytestmark = [pytest.mark.usefixtures("db")]',
    '@pytest.mark.parametrize("x", [1])',
    'def test_skips_blank_lines():',
    'import pytest',
    'import pytest_asyncio',
    'x.skip(3)',
  ])('is not found in honest tests: %s', (line) => {
    expect(inTests(line).holds).toBe(true);
  });

  it('is nothing to source code', () => {
    expect(inSource('def skipTest(): ...').holds).toBe(true);
  });

  it('gives way to the graver code where both are added, and lists both', () => {
    const fact = suppressionFact([added('tests/test_a.py', '@pytest.mark.skip\ndef test_a(): ...  # noqa\n')], LAYOUT);
    expect(fact).toMatchObject({ code: 'suppression_added', evidence: expect.stringMatching(/1 suppression added.*1 skip added/) });
  });
});
