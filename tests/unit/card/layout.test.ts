import { describe, expect, it } from 'vitest';
import { detectLayout } from '../../../orchestrator/domain/layout.ts';

const of = (...files: string[]) => detectLayout(files);

describe('the layout of a target', () => {
  it('is found from its paths alone', () => {
    expect(
      of(
        'README.md',
        'CHANGELOG.md',
        'pyproject.toml',
        'app/__init__.py',
        'app/main.py',
        'app/api/__init__.py',
        'tests/conftest.py',
        'tests/test_a.py',
      ),
    ).toEqual({
      tests: 'tests',
      sources: ['app'],
      changelog: 'CHANGELOG.md',
    });
  });

  it.each([
    ['tests', ['tests/test_a.py'], 'tests'],
    ['test', ['test/unit/test_a.py'], 'test'],
    ['nothing where tests stand beside code', ['app/__init__.py', 'app/test_a.py'], null],
    ['nothing where two folders hold tests', ['tests/test_a.py', 'test/test_b.py'], null],
    ['nothing where the folder holds no Python', ['tests/data.json'], null],
    ['nothing for a folder that only begins like it', ['tests_old/test_a.py', 'tests.py'], null],
  ])('names as the folder of the tests %s', (_, files, tests) => {
    expect(of(...files).tests).toBe(tests);
  });

  it.each([
    [
      'packages, not tests, scripts or documents',
      ['a/__init__.py', 'b/__init__.py', 'tests/__init__.py', 'docs/conf.py', 'scripts/x.py', 'scripts/__init__.py', '.hidden/__init__.py'],
      ['a', 'b'],
    ],
    [
      'packages and modules below src',
      ['src/shop/__init__.py', 'src/shop/a.py', 'src/single.py', 'src/shop.egg-info/PKG-INFO'],
      ['src/shop', 'src/single.py'],
    ],
    ['src itself where it is the package', ['src/__init__.py', 'src/api/__init__.py'], ['src']],
    ['folders of Python files where no folder is a package', ['app/main.py', 'app/api/routes.py', 'data/x.csv', 'scripts/y.py'], ['app']],
    ['only packages where there is one', ['app/__init__.py', 'deploy/run.py'], ['app']],
    [
      'top-level modules, not set-up files or tests',
      ['main.py', 'setup.py', 'conftest.py', 'noxfile.py', 'test_main.py', 'main_test.py'],
      ['main.py'],
    ],
    ['nothing where there is none', ['README.md'], []],
  ])('names as sources %s', (_, files, sources) => {
    expect(of(...files).sources).toEqual(sources);
  });

  it.each([
    [['changelog.md', 'HISTORY.md'], 'changelog.md'],
    [['CHANGES.md'], 'CHANGES.md'],
    [['docs/CHANGELOG.md', 'NEWS.md'], 'NEWS.md'],
    [['docs/Changelog.md'], 'docs/Changelog.md'],
    [['CHANGELOG.rst', 'app/CHANGELOG.md'], null],
  ])('finds the changelog of %j', (files, changelog) => {
    expect(of(...files).changelog).toBe(changelog);
  });

  it('does not depend on the order of the files', () => {
    const files = ['z/__init__.py', 'CHANGES.md', 'a/__init__.py', 'tests/test_a.py', 'CHANGELOG.md'];
    expect(of(...files)).toEqual(of(...[...files].reverse()));
  });
});
