import { describe, expect, it } from 'vitest';
import type { Change } from '../../../orchestrator/domain/tree.ts';
import { protectedPathFact } from '../../../orchestrator/gates/protected-paths.ts';
import { added, deleted, LAYOUT, modified, PROTECTION } from './support.ts';

const asSource = (change: Change, options = {}) =>
  protectedPathFact([change], { role: 'source', layout: LAYOUT, protection: PROTECTION, ...options });
const asTests = (change: Change, options = {}) =>
  protectedPathFact([change], { role: 'tests', layout: LAYOUT, protection: PROTECTION, ...options });

describe('BUILD', () => {
  it.each([
    added('app/pricing.py'),
    added('app/services/pricing/__init__.py'),
    modified('app/main.py', 'a', 'b'),
    deleted('app/old.py'),
    added('app/email.py'),
    added('app/templates/list.html', '<p>ä</p>'),
    modified('README.md', 'a', 'b'),
    added('docs/products.md'),
    modified('manage.py', 'a', 'b'),
  ])('may change source: $path', (change) => {
    expect(asSource(change)).toMatchObject({ holds: true });
  });

  it.each([
    // Tests and what pytest would take for tests (G33).
    'tests/test_a.py',
    'tests/helpers.py',
    'tests/data.json',
    'tests',
    'app/test_a.py',
    'app/a_test.py',
    'app/tests/helpers.py',
    'app/tests.py',
    'tests2/a.py',
    'app/test/a.py',
    'api_tests/x.py',
    'app/test_tools/x.py',
    'Tests/x.py',
    // What runs before the tests, or at start-up (G04, G12).
    'conftest.py',
    'app/conftest.py',
    'app/CONFTEST.py',
    'sitecustomize.py',
    'app/usercustomize.py',
    'sitecustomize/__init__.py',
    'a.pth',
    'app/x.PTH',
    'x.egg-info/entry_points.txt',
    'x.dist-info/METADATA',
    'app/entry_points.txt',
    // Gate and tool configuration (G08, G10).
    'pyproject.toml',
    'app/pyproject.toml',
    'setup.py',
    'setup.cfg',
    'tox.ini',
    'pytest.ini',
    'pytest.toml',
    '.coveragerc',
    'mypy.ini',
    '.mypy.ini',
    'ruff.toml',
    'app/.ruff.toml',
    'noxfile.py',
    '.pre-commit-config.yaml',
    // Dependencies (G25).
    'requirements.txt',
    'requirements-dev.txt',
    'dev-requirements.txt',
    'requirements/base.txt',
    'requirements.lock',
    'uv.lock',
    'poetry.lock',
    'pylock.toml',
    'Pipfile',
    'constraints.txt',
    'environment.yml',
    'package.json',
    'app/site-packages/x.py',
    'venv/bin/activate',
    // Build and CI (G24).
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    'Dockerfile',
    'Dockerfile.prod',
    'docker-compose.yml',
    'compose.override.yaml',
    'Makefile',
    'Jenkinsfile',
    'azure-pipelines.yml',
    'CODEOWNERS',
    // Agents' instructions, dot-files and dot-folders.
    'AGENTS.md',
    'app/CLAUDE.md',
    'claude.local.md',
    '.cursorrules',
    '.env',
    'app/.hidden/x.py',
    '.factory-target.yaml',
    '.gitattributes',
    '.ignore',
    // Binaries, by name.
    'app/fast.so',
    'app/fast.cpython-313-x86_64-linux-gnu.so',
    'app/x.pyd',
    'app/__pycache__/x.cpython-313.pyc',
    'app/data.pkl',
    'app/a.zip',
    // New code that is not measured, or stands in for something installed.
    'other/x.py',
    'helpers.py',
    'json.py',
    'httpx/__init__.py',
    // The factory's own.
    'CHANGELOG.md',
  ])('may not change %s', (path) => {
    for (const change of [added(path), modified(path, 'a', 'b'), deleted(path)]) {
      const fact = asSource(change);
      const mayExist = ['other/x.py', 'helpers.py', 'json.py', 'httpx/__init__.py'].includes(path) && change.before !== null;
      expect(fact.holds, `${path} ${change.before === null ? 'added' : 'changed'}`).toBe(mayExist);
      if (!mayExist) expect(fact).toMatchObject({ code: 'protected_path', where: [{ path }], words: expect.stringContaining(path) });
    }
  });

  it('may not bring links, programs or bytes that are no text', () => {
    const content = new TextEncoder().encode('x');
    const entries = [
      { mode: '120000', content },
      { mode: '100755', content },
      { mode: '100644', content: new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0xff]) },
      { mode: '100644', content: new Uint8Array([0x61, 0, 0x62]) },
    ] as const;
    for (const after of entries) expect(asSource({ path: 'app/a.py', before: null, after })).toMatchObject({ code: 'protected_path' });
    const link = { mode: '120000', content } as const;
    expect(asSource({ path: 'app/a.py', before: link, after: null })).toMatchObject({ code: 'protected_path' });
    expect(
      asSource({ path: 'app/run.py', before: { mode: '100755', content: new TextEncoder().encode('y') }, after: entries[1] }).holds,
    ).toBe(true);
  });

  it('may add modules where modules are what is measured, unless they stand in for another', () => {
    const flat = { layout: { ...LAYOUT, sources: ['main.py', 'db.py'] } };
    expect(asSource(added('pricing.py'), flat).holds).toBe(true);
    expect(asSource(added('json.py'), flat)).toMatchObject({
      code: 'protected_path',
      evidence: expect.stringContaining('installed module json'),
    });
    expect(asSource(added('httpx.py'), { ...flat, installed: ['httpx'] }).holds).toBe(false);
    const src = { layout: { ...LAYOUT, sources: ['src'] } };
    expect(asSource(added('src/pkg/x.py'), src).holds).toBe(true);
    expect(asSource(added('src/email/x.py'), src).holds).toBe(false);
    expect(asSource(added('src/shop/email.py'), { layout: { ...LAYOUT, sources: ['src/shop'] } }).holds).toBe(true);
  });

  it('may go on changing a package of the base whose name only looks like tests', () => {
    const layout = { ...LAYOUT, sources: ['test_runner'] };
    expect(asSource(modified('test_runner/core.py', 'a', 'b'), { layout }).holds).toBe(true);
    expect(asSource(added('test_runner/more.py'), { layout }).holds).toBe(true);
    expect(asSource(added('test_runner/tests/more.py'), { layout }).holds).toBe(false);
    expect(asSource(modified('test_runner/test_core.py', 'a', 'b'), { layout }).holds).toBe(false);
  });

  it('may not touch tests that stand beside the code', () => {
    expect(asSource(modified('app/test_a.py', 'a', 'b'), { layout: { ...LAYOUT, tests: null } }).holds).toBe(false);
  });

  it('may change exactly what the target allows on the base, and no link even then', () => {
    const options = { protection: { ...PROTECTION, allow: ['requirements-dev.txt', 'Makefile', 'other/x.py'] } };
    expect(asSource(modified('requirements-dev.txt', 'a', 'b'), options).holds).toBe(true);
    expect(asSource(modified('Makefile', 'a', 'b'), options).holds).toBe(true);
    for (const path of ['requirements.txt', 'x/requirements-dev.txt', 'Requirements-dev.txt', 'Makefile.am'])
      expect(asSource(modified(path, 'a', 'b'), options).holds, path).toBe(false);
    const link = { mode: '120000', content: new Uint8Array() } as const;
    expect(asSource({ path: 'Makefile', before: null, after: link }, options).holds).toBe(false);
  });

  it('is held by everything but the list where the target allows a path', () => {
    const allow = ['other/x.py', 'json.py', 'tests/data.json', 'CHANGELOG.md', 'app/test_a.py', 'conftest.py', '.toolrc', 'pyproject.toml'];
    for (const path of allow) expect(asSource(added(path), { protection: { ...PROTECTION, allow } }).holds, path).toBe(false);
  });

  it('may not change what the target protects besides, however it is cased', () => {
    const protection = { ...PROTECTION, add: ['app/legal/**', 'app/*.sql', 'README.md'], allow: ['README.md'] };
    for (const path of ['app/legal/terms.py', 'app/Legal/a/b.py', 'app/schema.SQL', 'README.md'])
      expect(asSource(modified(path, 'a', 'b'), { protection }), path).toMatchObject({
        code: 'protected_path',
        evidence: expect.stringContaining('the target’s own file'),
      });
    for (const path of ['app/legal.py', 'app/db/schema.sql', 'app/main.py'])
      expect(asSource(modified(path, 'a', 'b'), { protection }).holds, path).toBe(true);
    expect(asTests(added('tests/test_a.py'), { protection: { ...PROTECTION, add: ['tests/**'] } }).holds).toBe(false);
  });

  it('hears of every path and why', () => {
    const fact = protectedPathFact([added('conftest.py'), added('app/a.py'), added('uv.lock')], {
      role: 'source',
      layout: LAYOUT,
      protection: PROTECTION,
    });
    expect(fact.evidence).toBe('2 paths may not be changed: conftest.py runs before the tests, uv.lock decides dependencies');
  });
});

describe('TEST', () => {
  it('may add test files under the tests folder', () => {
    expect(asTests(added('tests/test_a.py')).holds).toBe(true);
    expect(asTests(added('tests/api/test_a.py')).holds).toBe(true);
    expect(asTests(added('app/test_a.py'), { layout: { ...LAYOUT, tests: null } }).holds).toBe(true);
  });

  it.each([
    'tests/conftest.py',
    'tests/api/conftest.py',
    'tests/helpers.py',
    'tests/a_test.py',
    'tests/test_a.txt',
    'tests/__init__.py',
    'app/test_a.py',
    'test_a.py',
    'app/main.py',
    'pyproject.toml',
    'tests/.hidden/test_a.py',
    'tests/pytest.ini',
    'testsx/test_a.py',
  ])('may not add %s', (path) => {
    expect(asTests(added(path))).toMatchObject({ code: 'protected_path' });
  });

  const base =
    'import pytest\nfrom app import old\n\n\ndef test_a() -> None:\n    assert old() == 1\n\n\n@pytest.mark.parametrize("x", [1])\ndef test_b(x: int) -> None:\n    assert x\n';

  it('may not change, weaken or delete a test of the base (G17)', () => {
    for (const change of [
      modified('tests/test_x.py', base, base.replace('assert x', 'assert True')),
      deleted('tests/test_x.py', base),
      modified('tests/test_x.py', base, `${base}\ndef test_c(): ...\n`),
    ]) {
      expect(asTests(change)).toMatchObject({ code: 'protected_path' });
      expect(asTests(change, { superseded: ['tests/test_x.py', 'tests/test_y.py::test_b'] })).toMatchObject({ code: 'protected_path' });
    }
  });

  it('may rewrite or take out exactly the superseded tests, and imports that only they needed', () => {
    const superseded = ['tests/test_x.py::test_a'];
    const rewritten = base.replace('old() == 1', 'old() == 2');
    const without = base.replace('from app import old\n', '').replace('def test_a() -> None:\n    assert old() == 1\n\n\n', '');
    expect(asTests(modified('tests/test_x.py', base, rewritten), { superseded }).holds).toBe(true);
    expect(asTests(modified('tests/test_x.py', base, without), { superseded }).holds).toBe(true);
    for (const more of [
      rewritten.replace('assert x', 'assert True'),
      rewritten.replace('[1]', '[]'),
      `from evil import pytest\n${rewritten}`,
      rewritten.replace('import pytest\n', 'import pytest\nold = 1\n'),
    ]) {
      expect(asTests(modified('tests/test_x.py', base, more), { superseded }).holds, more).toBe(false);
    }
  });

  it('may not touch the file of the compiled examples', () => {
    expect(asTests(added('tests/test_spec.py'), { compiled: 'tests/test_spec.py' })).toMatchObject({ code: 'protected_path' });
  });
});

describe('the changelog patch', () => {
  it('touches the changelog alone', () => {
    const fact = (change: Change, layout = LAYOUT) =>
      protectedPathFact([change], { role: 'changelog', layout, protection: PROTECTION }).holds;
    expect(fact(modified('CHANGELOG.md', 'a', 'b'))).toBe(true);
    expect(fact(added('CHANGELOG.md'), { ...LAYOUT, changelog: null })).toBe(true);
    expect(fact(modified('README.md', 'a', 'b'))).toBe(false);
    expect(fact(deleted('CHANGELOG.md'))).toBe(false);
  });
});
